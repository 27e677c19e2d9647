"""Downloads that are under way: so few that the connections suffice for all else.

Belongs here: how many there may be, and for how long. What is in one is rows.py's.
"""

from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from threading import BoundedSemaphore

from anyio import CancelScope, move_on_after, to_thread
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from serving.api.problems import ProblemError
from serving.database import CONNECTIONS

LONGEST_SECONDS = 600
MOST_AT_ONCE = CONNECTIONS // 2
_WAIT_SECONDS = "10"


class Downloads:
    """Counts the downloads, each of which holds a connection while it is read."""

    def __init__(self) -> None:
        self._free = BoundedSemaphore(MOST_AT_ONCE)

    @contextmanager
    def one_more(self) -> Iterator[None]:
        """Begin one, or refuse.

        Raises:
            ProblemError: there are as many as there may be.
        """
        if not self._free.acquire(blocking=False):
            raise ProblemError(
                503,
                f"{MOST_AT_ONCE} downloads are under way, as many as there may be at"
                " once; try again in a few seconds.",
                Retry_After=_WAIT_SECONDS,
            )
        try:
            yield
        finally:
            self._free.release()


class Download(StreamingResponse):
    """A stream that ends when its time is up, also for who does not read it.

    Args:
        parts: of it; closed when it ends, however that comes.
        headers: of the response.
        media_type: of the parts.
    """

    def __init__(
        self,
        parts: Generator[bytes],
        headers: Mapping[str, str] | None = None,
        media_type: str | None = None,
    ) -> None:
        super().__init__(parts, headers=headers, media_type=media_type)
        self._parts = parts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI; a stream that was cut off lacks its end, which every client notices."""
        try:
            with move_on_after(LONGEST_SECONDS):
                await super().__call__(scope, receive, send)
        finally:
            with CancelScope(shield=True):
                await to_thread.run_sync(self._parts.close)
