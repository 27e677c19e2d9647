"""Downloads hold connections, so there are few of them, and none for ever."""

from collections.abc import Generator

import anyio
import pytest

from serving.api import downloads
from serving.api.downloads import MOST_AT_ONCE, Download, Downloads
from serving.api.problems import ProblemError
from serving.database import CONNECTIONS


def endless(some: Downloads) -> Generator[bytes]:
    with some.one_more():
        while True:
            yield b"row\r\n"


async def nobody_reads(_: object) -> None:
    await anyio.sleep_forever()


async def never() -> dict[str, str]:
    await anyio.sleep_forever()
    raise AssertionError


def test_downloads_leave_connections_for_all_else():
    some = Downloads()
    begun = [endless(some) for _ in range(MOST_AT_ONCE)]
    for one in begun:
        next(one)
    assert len(begun) < CONNECTIONS
    with pytest.raises(ProblemError, match="try again") as refused:
        next(endless(some))
    assert refused.value.status == 503
    assert "Retry-After" in refused.value.headers
    begun[0].close()
    assert next(endless(some))


def test_a_download_that_nobody_reads_ends_and_gives_its_place_back(monkeypatch):
    monkeypatch.setattr(downloads, "LONGEST_SECONDS", 0.01)
    some = Downloads()
    for _ in range(MOST_AT_ONCE + 1):
        parts = endless(some)
        next(parts)
        anyio.run(Download(parts), {"type": "http"}, never, nobody_reads)
        with pytest.raises(StopIteration):
            next(parts)
