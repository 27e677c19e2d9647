"""A MariaDB server for all tests of database sources; each takes its own databases."""

from collections.abc import Iterator

import pytest

from tests.mariadb import MariaDB


@pytest.fixture(scope="session")
def mariadb() -> Iterator[MariaDB]:
    """A running server without a hospital in it."""
    server = MariaDB()
    yield server
    server.stop()
