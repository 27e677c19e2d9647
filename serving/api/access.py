"""Who asks, and how often: API keys, the role behind each, the rate of each.

What a role may see is PostgreSQL's to decide; here a caller only gets his role.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from serving.api.problems import ProblemError
from serving.database import READER, Marts
from serving.keys import find_key

_bearer = HTTPBearer(
    auto_error=False,
    scheme_name="API key",
    description="A key of `wardline api-key create`.",
)


@dataclass(frozen=True)
class Caller:
    """Somebody who may ask."""

    name: str
    role: str
    """The database role that his questions run as, which decides what he sees."""


class Gatekeeper:
    """Lets callers in by their keys, each at his rate.

    Args:
        marts: the warehouse that knows the keys.
        is_open: let everybody in as the reader; only for one's own machine.
        rate: of each caller, such as `600/minute`.
    """

    def __init__(
        self, marts: Marts, *, is_open: bool, rate: str = "600/minute"
    ) -> None:
        self._marts = marts
        self._is_open = is_open
        self._rate: RateLimitItem = parse(rate)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def admit(self, key: str | None, address: str) -> Caller:
        """Say who asks.

        Raises:
            ProblemError: no key, a wrong or expired one, or too many questions.
        """
        if key is None and self._is_open:
            return self._counted(Caller("local", READER))
        if key is None:
            raise self._refusal(address, "An API key is needed, as a bearer token.")
        with self._marts.read(None) as connection:
            found = find_key(connection, key)
        if found is None or not found.is_valid(datetime.now(UTC)):
            raise self._refusal(
                address, "This API key is unknown, expired or revoked; ask for another."
            )
        return self._counted(
            Caller(f"{found.key_id}:{found.key_name}", found.role_name)
        )

    def _counted(self, caller: Caller) -> Caller:
        self._count(caller.name)
        return caller

    def _refusal(self, address: str, detail: str) -> ProblemError:
        # whoever guesses keys is slowed down like everybody else
        self._count(f"address {address}")
        return ProblemError(401, detail, WWW_Authenticate="Bearer")

    def _count(self, name: str) -> None:
        if not self._limiter.hit(self._rate, name):
            reset = self._limiter.get_window_stats(self._rate, name).reset_time
            wait = max(1, round(reset - datetime.now(UTC).timestamp()))
            raise ProblemError(
                429,
                f"More than {self._rate.amount} requests in "
                f"{self._rate.get_expiry()} seconds; wait for {wait}.",
                Retry_After=str(wait),
            )


def identify(
    request: Request,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
) -> Caller:
    """The caller of this request; also kept for the log, which names him."""
    gatekeeper: Gatekeeper = request.app.state.gatekeeper
    address = request.client.host if request.client else ""
    caller = gatekeeper.admit(credentials.credentials if credentials else None, address)
    request.state.caller = caller.name
    return caller


CallerOf = Annotated[Caller, Depends(identify)]
