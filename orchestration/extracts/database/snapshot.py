"""One moment of a source's database, from which all its tables are read.

Belongs here: what a reader of each kind of database has to do, and connecting with
patience. How it is done stands in mysql.py, postgres.py and other.py.
"""

import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from sqlalchemy import Dialect
from sqlalchemy.exc import NoSuchModuleError

from orchestration.extracts.contract import ExtractContract
from orchestration.extracts.database.columns import SourceColumn
from orchestration.extracts.database.faults import SourceFaultError
from orchestration.extracts.database.source import SourceDatabase

_PAUSES_SECONDS = (0.5, 1.0, 2.0)


class Snapshot(Protocol):
    """A session that only reads, and sees one moment.

    Each method raises SourceFaultError, and names `place` in it.
    """

    dialect: Dialect

    def columns(
        self, contract: ExtractContract, select: str, place: str
    ) -> list[SourceColumn]:
        """The columns of a select that gives no rows."""

    def batches(
        self, select: str, columns: Sequence[SourceColumn], place: str
    ) -> Generator[list[bytes], None, None]:
        """The rows of a select as lines of texts.py, as they arrive."""

    def value(self, select: str, place: str) -> object:
        """The one value that a select gives; None if it gives none."""

    def close(self) -> None:
        """Leave the database, whatever state the session is in."""


def connect(database: SourceDatabase) -> Snapshot:
    """Open a session, once.

    Raises:
        SourceFaultError: there is no database, no way in, or no driver.
    """
    try:
        if database.product in ("mysql", "mariadb"):
            from orchestration.extracts.database.mysql import MySQLSnapshot

            return MySQLSnapshot(database)
        if database.product == "postgresql":
            from orchestration.extracts.database.postgres import PostgresSnapshot

            return PostgresSnapshot(database)
        from orchestration.extracts.database.other import OtherSnapshot

        return OtherSnapshot(database)
    except (ImportError, NoSuchModuleError):
        raise SourceFaultError("driver", database.address) from None


@contextmanager
def snapshot_of(database: SourceDatabase) -> Iterator[Snapshot]:
    """A session while it is read; a server that is not there is asked a few times.

    Raises:
        SourceFaultError: it could not be opened.
    """
    for pause in (*_PAUSES_SECONDS, None):
        try:
            opened = connect(database)
            break
        except SourceFaultError as fault:
            if not fault.is_unreachable or pause is None:
                raise
            time.sleep(pause)
    try:
        yield opened
    finally:
        opened.close()
