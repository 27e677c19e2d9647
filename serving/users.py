"""Users of the dashboard: kept, changed, disabled, and recognised by their password.

Belongs here: who there is and whether a password is his. What stays open afterwards is
sessions.py's.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from psycopg import Connection
from psycopg.rows import class_row

SHORTEST_PASSWORD = 12  # characters; NIST SP 800-63B asks for length, not for signs


@dataclass(frozen=True)
class User:
    """A user as he is now; every change of him is a further version."""

    version_id: int
    user_name: str
    password_hash: str | None
    """None: he comes through the hospital's own login alone."""
    role_name: str
    is_disabled: bool
    changed_at: datetime


_USERS = """
select distinct on (user_name) version_id, user_name, password_hash, role_name,
    is_disabled, changed_at
from serving.user_versions {where}
order by user_name, version_id desc
"""


def add_user(
    connection: Connection[Any], name: str, password: str | None, role: str
) -> None:
    """Add a user, or give him another password or role; ends his open sessions."""
    connection.execute(
        "insert into serving.user_versions (user_name, password_hash, role_name)"
        " values (%s, %s, %s)",
        [name, password and _hasher().hash(password), role],
    )


def disable_user(connection: Connection[Any], name: str) -> bool:
    """Let a user in no more; False if there is none of that name, or he is out."""
    found = find_user(connection, name)
    if found is None or found.is_disabled:
        return False
    connection.execute(
        "insert into serving.user_versions"
        " (user_name, role_name, is_disabled) values (%s, %s, true)",
        [name, found.role_name],
    )
    return True


def all_users(connection: Connection[Any]) -> list[User]:
    """Every user, by name."""
    with connection.cursor(row_factory=class_row(User)) as cursor:
        return cursor.execute(_USERS.format(where="").encode()).fetchall()


def find_user(connection: Connection[Any], name: str) -> User | None:
    """The user of that name, disabled or not."""
    with connection.cursor(row_factory=class_row(User)) as cursor:
        where = "where user_name = %s"
        return cursor.execute(_USERS.format(where=where).encode(), [name]).fetchone()


def is_password_of(user: User | None, password: str) -> bool:
    """Whether a password opens the door; takes as long for users that do not exist."""
    known = user and not user.is_disabled and user.password_hash
    try:
        _hasher().verify(known or _nobodys_hash(), password)
    except (VerificationError, InvalidHashError):
        return False
    return bool(known)


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _nobodys_hash() -> str:
    return _hasher().hash("nobody's")
