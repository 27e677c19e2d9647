"""One publication, read: what every page and every download begins with.

Only who reads and when there is nothing; what is asked is the pages'.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from psycopg import Connection

from serving.dashboard import data_docs
from serving.database import (
    READER,
    Marts,
    Publication,
    ask,
    ask_as_login,
    current_publication,
)
from serving.guard import current_role


class NothingPublishedError(Exception):
    """There is nothing to show yet."""


@dataclass(frozen=True)
class Reading:
    """One publication, read through one connection: the pages' `Reader`."""

    connection: Connection[Any]
    publication: Publication
    currency: str
    data_docs: Sequence[tuple[str, str]] = ()

    def __call__(self, query: str, **parameters: Any) -> list[dict[str, Any]]:
        """The rows of queries/<query>.sql."""
        return ask(self.connection, query, parameters)

    def record(self, query: str) -> list[dict[str, Any]]:
        """The same over the record of runs, which no reader may ask himself."""
        return ask_as_login(self.connection, query, {})

    @property
    def sees_everything(self) -> bool:
        """Whether he reads as the role that sees all rows."""
        found = self.connection.execute("select current_user").fetchone()
        return found == (READER,)

    @property
    def sees_branches(self) -> bool:
        """Whether he sees what counts whole branches: not if bound to departments."""
        return self.sees_everything or self("sees_branches")[0]["sees_branches"]

    @property
    def last_day(self) -> date:
        """The day that the data speak for."""
        return (self.publication.as_of or self.publication.published_at).date()


@contextmanager
def reading(
    marts: Marts, currency: str = "", docs: Path | None = None
) -> Iterator[Reading]:
    """Read the current publication in one transaction.

    Args:
        marts: of the warehouse.
        currency: the unit of all amounts.
        docs: the folder of the gates' own pages.

    Raises:
        DatabaseUnavailableError: the server cannot be reached.
        NothingPublishedError: there is no publication yet.
    """
    with marts.read(current_role.get()) as connection:
        publication = current_publication(connection)
        if publication is None:
            raise NothingPublishedError
        yield Reading(connection, publication, currency, data_docs.sites(docs))
