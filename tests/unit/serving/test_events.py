"""What open pages are told of the warehouse."""

import asyncio
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from psycopg import Error
from psycopg.errors import InsufficientPrivilege, QueryCanceled

from serving.dashboard import events
from serving.dashboard.events import Watch
from serving.database import DatabaseUnavailableError, Publication

FIRST = Publication(43, datetime(2026, 3, 1, 2, 10, tzinfo=UTC), None, 1, 0, True)
RESTORED = replace(FIRST, published_at=FIRST.published_at + timedelta(days=1))


class Marts:
    """Marts that nobody reads, since what is published is given."""

    def read(self) -> Any:
        return nullcontext()


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch):
    """What a page is told of publications, of which each look finds the next."""

    def of(*found: Publication | Exception | None) -> list[object]:
        looks = iter(found)

        def look(_: object) -> Publication | None:
            one = next(looks, found[-1])
            if isinstance(one, Exception):
                raise one
            return one

        async def states(count: int) -> list[object]:
            stream = Watch(Marts()).states()  # type: ignore[arg-type]
            told = [(await anext(stream))["publication"] for _ in range(count)]
            await stream.aclose()
            return told

        monkeypatch.setattr(events, "current_publication", look)
        monkeypatch.setattr(events, "SECONDS_BETWEEN_LOOKS", 0)
        count = len([it for it in found if not isinstance(it, Error)])
        return asyncio.run(asyncio.wait_for(states(count), 10))

    return of


def test_each_publication_is_told_also_one_whose_number_was_given_before(told):
    assert told(None, FIRST, RESTORED) == [None, FIRST.identity, RESTORED.identity]


@pytest.mark.parametrize("failure", [QueryCanceled(), InsufficientPrivilege()])
def test_a_look_that_fails_is_not_the_last_one(told, failure):
    assert told(FIRST, failure, RESTORED) == [FIRST.identity, RESTORED.identity]


def test_a_warehouse_that_is_gone_is_told_and_so_is_its_return(told):
    gone = DatabaseUnavailableError()
    assert told(FIRST, gone, FIRST) == [FIRST.identity, None, FIRST.identity]
