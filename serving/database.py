"""The published marts, read: a pool of connections that can do nothing else.

Belongs here: who asks, for how long, and of which publication. What is asked stands in
queries/ and in the API's own SQL.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from psycopg import Connection, IsolationLevel, OperationalError, sql
from psycopg.errors import (
    ConfigurationLimitExceeded,
    InsufficientPrivilege,
    InvalidParameterValue,
    QueryCanceled,
)
from psycopg.rows import class_row, dict_row
from psycopg_pool import ConnectionPool, PoolTimeout

_QUERIES = Path(__file__).with_name("queries")
STATEMENT_TIMEOUT_SECONDS = 15
CONNECTIONS = 8
_POOL_TIMEOUT_SECONDS = 5.0
READER = "wardline_reader"
"""The role that sees all rows of the marts."""
ASKED_TOO_MUCH = (QueryCanceled, ConfigurationLimitExceeded)
"""What ends a question of more than its statement timeout or temp_file_limit allows."""


class DatabaseUnavailableError(Exception):
    """The warehouse does not answer; it is asked again on the next request."""


@dataclass(frozen=True)
class Publication:
    """What the marts hold now."""

    publication_id: int
    published_at: datetime
    as_of: datetime | None
    rows_changed: int
    gate_warnings: int
    is_complete: bool

    @property
    def identity(self) -> str:
        """What no other one has: after a restore a number is given once more."""
        return f"{self.publication_id}@{self.published_at.astimezone(UTC).isoformat()}"


class Marts:
    """The published marts of one warehouse, for as many readers as the pool has.

    Args:
        conninfo: of a login that may take on the roles that are read as:
            wardline_server's.
        size: connections kept open at most.
    """

    def __init__(self, conninfo: str, *, size: int = CONNECTIONS) -> None:
        self._pool: ConnectionPool[Connection[Any]] = ConnectionPool(
            conninfo,
            min_size=1,
            max_size=size,
            timeout=_POOL_TIMEOUT_SECONDS,
            configure=_configure,
            check=ConnectionPool.check_connection,
            open=False,
        )

    def open(self) -> None:
        """Begin to connect; returns at once, also while the server is down."""
        self._pool.open(wait=False)

    def close(self) -> None:
        """Give all connections back."""
        self._pool.close()

    @contextmanager
    def read(self, role: str | None = READER) -> Iterator[Connection[Any]]:
        """Read in one transaction: all of it sees one publication.

        Args:
            role: the database role whose grants and row security apply; None: the
                login's own, which knows keys and users and no mart.

        Raises:
            DatabaseUnavailableError: the server cannot be reached.
            QueryCanceled, ConfigurationLimitExceeded: the question asks for too much.
            InsufficientPrivilege: the role is gone, or not the login's to take on.
        """
        try:
            with self._pool.connection() as connection, connection.transaction():
                if role is not None:
                    _become(connection, role)
                yield connection
        except ASKED_TOO_MUCH:
            raise  # the server is there, and will not answer this any better
        except (PoolTimeout, OperationalError) as failed:
            raise DatabaseUnavailableError from failed

    def ask(
        self,
        query: str,
        parameters: Mapping[str, Any] | None = None,
        role: str = READER,
    ) -> list[dict[str, Any]]:
        """Run one of the fixed queries by its name; returns its rows."""
        with self.read(role) as connection:
            return ask(connection, query, parameters)


def ask(
    connection: Connection[Any], query: str, parameters: Mapping[str, Any] | None = None
) -> list[dict[str, Any]]:
    """Run a fixed query of queries/ in an open transaction.

    Raises:
        FileNotFoundError: there is no such query.
    """
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_text(query), parameters or {}).fetchall()


def ask_json(
    connection: Connection[Any], query: str, parameters: Mapping[str, Any]
) -> list[str]:
    """The rows of a fixed query, each as the JSON object that PostgreSQL makes."""
    wrapped = b"select row_to_json(answer)::text from (" + _text(query) + b") as answer"
    return [row for (row,) in connection.execute(wrapped, parameters).fetchall()]


def current_publication(connection: Connection[Any]) -> Publication | None:
    """The publication that this transaction sees; None before the first."""
    if not _has_marts(connection):
        return None
    with connection.cursor(row_factory=class_row(Publication)) as cursor:
        return cursor.execute(
            "select publication_id, published_at, as_of, rows_changed, gate_warnings,"
            " is_complete from marts.publication order by publication_id desc limit 1"
        ).fetchone()


def ask_as_login(
    connection: Connection[Any], query: str, parameters: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Run a fixed query with the login's own rights, in the same transaction.

    For the record of runs, which no role of a reader may see: whoever asks has to know
    that the answer is his to see.
    """
    role = connection.execute("select current_user").fetchone()
    connection.execute("set local role none")
    rows = ask(connection, query, parameters)
    if role is not None:
        _become(connection, role[0])
    return rows


def _become(connection: Connection[Any], role: str) -> None:
    try:
        connection.execute(sql.SQL("set local role {}").format(sql.Identifier(role)))
    except InvalidParameterValue as gone:
        raise InsufficientPrivilege("the role does not exist any more") from gone


def _has_marts(connection: Connection[Any]) -> bool:
    found = connection.execute("select to_regclass('marts.publication')").fetchone()
    return bool(found and found[0])


def _configure(connection: Connection[Any]) -> None:
    connection.isolation_level = IsolationLevel.REPEATABLE_READ
    connection.read_only = True
    with connection.transaction():
        connection.execute(f"set statement_timeout = '{STATEMENT_TIMEOUT_SECONDS}s'")


@cache
def _text(query: str) -> bytes:
    return (_QUERIES / f"{query}.sql").read_bytes()
