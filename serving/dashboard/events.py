"""Tells open pages of a new publication, by server-sent events.

One look at the warehouse every second or so for all pages together, none while nobody
is there.
"""

import asyncio
import json
from collections.abc import AsyncIterator

from anyio import to_thread
from fastapi import APIRouter
from fastapi.responses import StreamingResponse
from psycopg import Error

from serving.database import DatabaseUnavailableError, Marts, current_publication

SECONDS_BETWEEN_LOOKS = 1.5


class Watch:
    """The state of the warehouse as the pages need to know it, kept while asked for."""

    def __init__(self, marts: Marts) -> None:
        self._marts = marts
        self._listeners = 0
        self._state: dict[str, object] = {}
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def states(self) -> AsyncIterator[dict[str, object]]:
        """Each state as it comes, the present one first."""
        self._listeners += 1
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._look())
        seen: dict[str, object] | None = None
        try:
            while True:
                if self._state and self._state != seen:
                    seen = self._state
                    yield seen
                await self._changed.wait()
        finally:
            self._listeners -= 1

    async def _look(self) -> None:
        while self._listeners:
            self._state = await to_thread.run_sync(self._read)
            # all who wait now go round once, those who come later wait anew
            self._changed.set()
            self._changed = asyncio.Event()
            await asyncio.sleep(SECONDS_BETWEEN_LOOKS)

    def _read(self) -> dict[str, object]:
        try:
            with self._marts.read() as connection:
                found = current_publication(connection)
        except DatabaseUnavailableError:
            return {"is_reachable": False, "publication": None}
        except Error:
            return self._state  # nothing new was seen; the next look may tell
        return {
            "is_reachable": True,
            "publication": found.identity if found else None,
        }


def router(marts: Marts) -> APIRouter:
    """`/dashboard/events`: a stream of what is published."""
    routes = APIRouter(include_in_schema=False)
    watch = Watch(marts)

    @routes.get("/dashboard/events")
    async def events() -> StreamingResponse:
        async def stream() -> AsyncIterator[str]:
            async for state in watch.states():
                yield f"data: {json.dumps(state)}\n\n"

        return StreamingResponse(
            stream(),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )

    return routes
