"""One publication, read: what every page and every download begins with.

Only who reads and when there is nothing; what is asked is the pages'.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from psycopg import Connection

from serving.database import Marts, Publication, ask, current_publication
from serving.guard import current_role


class NothingPublishedError(Exception):
    """There is nothing to show yet."""


@dataclass(frozen=True)
class Reading:
    """One publication, read through one connection: the pages' `Reader`."""

    connection: Connection[Any]
    publication: Publication
    currency: str

    def __call__(self, query: str, **parameters: Any) -> list[dict[str, Any]]:
        """The rows of queries/<query>.sql."""
        return ask(self.connection, query, parameters)

    @property
    def last_day(self) -> date:
        """The day that the data speak for."""
        return (self.publication.as_of or self.publication.published_at).date()


@contextmanager
def reading(marts: Marts, currency: str = "") -> Iterator[Reading]:
    """Read the current publication in one transaction.

    Raises:
        DatabaseUnavailableError: the server cannot be reached.
        NothingPublishedError: there is no publication yet.
    """
    with marts.read(current_role.get()) as connection:
        publication = current_publication(connection)
        if publication is None:
            raise NothingPublishedError
        yield Reading(connection, publication, currency)
