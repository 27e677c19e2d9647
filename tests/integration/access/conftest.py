"""The reader of the hospital on a server with passwords."""

from collections.abc import Iterator

import psycopg
import pytest

from tests.integration.guarded import GuardedHome


@pytest.fixture
def reader(guarded: GuardedHome) -> Iterator[psycopg.Connection]:
    """wardline_reader, logged in with its password."""
    with guarded.reader() as connection:
        yield connection
