"""Who may change the warehouse: one refresh at a time, one bootstrap at a time.

The locks are on tables in ops, which the reader may not touch; an advisory lock could
be taken by whoever may log in. What is done under them belongs to others.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import psycopg
from psycopg import Connection
from psycopg.conninfo import make_conninfo

from orchestration.errors import RefreshRunningError, WardlineError
from orchestration.warehouse import SESSION, Warehouse

IS_REFRESHING = (
    "exists (select from pg_locks where granted"
    " and relation = 'ops.refresh_lock'::regclass and mode = 'ShareRowExclusiveLock')"
)
"""SQL: whether any process holds the right to refresh."""
# How long a session of a killed refresh may take to roll back, in milliseconds.
_LEFTOVER_ENDS_MS = 60_000


@dataclass(frozen=True)
class RefreshLock:
    """The right to refresh, for as long as its connection lives."""

    warehouse: Warehouse
    """The warehouse, through sessions that the next refresh knows as this one's."""
    connection: Connection[Any]

    def confirm(self) -> None:
        """Make sure that the right is still held.

        Raises:
            WardlineError: its connection was lost, so another refresh may be running.
        """
        try:
            self.connection.execute("select 1")
        except psycopg.OperationalError:
            raise WardlineError(
                "The connection that kept other refreshes away was lost, so nothing "
                "was published. Refresh again."
            ) from None


@contextmanager
def refresh_lock(warehouse: Warehouse) -> Iterator[RefreshLock]:
    """Hold the right to refresh, or fail at once if another process has it.

    Sessions that a killed refresh left behind are ended first: they might go on
    writing to tables that this one makes.

    Raises:
        RefreshRunningError: another refresh is running.
        WardlineError: a session of an earlier refresh cannot be ended.
    """
    marked = replace(
        warehouse,
        # Keepalives, because nothing passes here while dbt works for an hour.
        conninfo=make_conninfo(
            warehouse.conninfo, application_name=SESSION, keepalives_idle=60
        ),
    )
    connection = marked.connect()
    try:
        connection.autocommit = True
        idle_on(connection)
        try:
            # Not the strongest mode: a backup reads this table too, and must not wait.
            connection.execute(
                "begin; lock table ops.refresh_lock in share row exclusive mode nowait"
            )
        except psycopg.errors.LockNotAvailable:
            raise RefreshRunningError(
                "Another refresh of this warehouse is running; wait for it to end, "
                "or look at it with `wardline status`."
            ) from None
        _end_leftovers(connection)
        yield RefreshLock(marked, connection)
    finally:
        connection.close()


def idle_on(connection: Connection[Any]) -> None:
    """Let a session keep a lock though the server ends transactions that idle."""
    connection.execute(
        "select set_config(name, '0', false) from pg_settings where name in"
        " ('idle_in_transaction_session_timeout', 'transaction_timeout')"
    )


def is_refreshing(connection: Connection[Any]) -> bool:
    """Whether any process holds the right to refresh."""
    found = connection.execute(f"select {IS_REFRESHING}".encode()).fetchone()
    return found == (True,)


def _end_leftovers(connection: Connection[Any]) -> None:
    left = connection.execute(
        # Materialized, because the conditions of one `where` have no order.
        "with leftover as materialized (select pid from pg_stat_activity"
        " where datname = current_database() and application_name = %s"
        # Anybody may call a session so; only the owner's are a refresh's.
        " and usename = session_user"
        " and pid <> pg_backend_pid())"
        " select pid from leftover where not pg_terminate_backend(pid, %s)",
        [SESSION, _LEFTOVER_ENDS_MS],
    ).fetchall()
    if left:
        raise WardlineError(
            "A session of an earlier refresh does not end (PostgreSQL's process "
            f"{left[0][0]}); look at it in pg_stat_activity, and refresh again."
        )
