"""Sessions of the dashboard: a signed cookie that names a user's version.

Nothing is kept on the server: another password, a disabled user or another signing key
ends a session, since the version that the cookie names is not the user's last.
"""

from dataclasses import dataclass
from typing import Any

from itsdangerous import BadSignature, URLSafeTimedSerializer
from psycopg import Connection

from serving.users import User, find_user

COOKIE = "wardline_session"
LIFETIME_SECONDS = 12 * 3600


@dataclass(frozen=True)
class Sessions:
    """Makes and reads session cookies and form tokens.

    Args:
        key: the signing key, of 32 random bytes or more.
    """

    key: bytes

    def open(self, user: User) -> str:
        """The cookie of a user who has just shown his password."""
        return str(self._signer("session").dumps([user.user_name, user.version_id]))

    def user(self, connection: Connection[Any], cookie: str) -> User | None:
        """The user whose cookie it is; None if it opens nothing any more."""
        try:
            name, version = self._signer("session").loads(
                cookie, max_age=LIFETIME_SECONDS
            )
        except (BadSignature, ValueError, TypeError):
            return None
        found = find_user(connection, str(name))
        if found is None or found.is_disabled or found.version_id != version:
            return None
        return found

    def form_token(self) -> str:
        """A token that a form has to bring back."""
        return str(self._signer("form").dumps("login"))

    def is_form_token(self, token: str) -> bool:
        """Whether a form was made here, within the last hour."""
        try:
            return bool(self._signer("form").loads(token, max_age=3600) == "login")
        except BadSignature:
            return False

    def _signer(self, purpose: str) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(self.key, salt=f"wardline {purpose}")
