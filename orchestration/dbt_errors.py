"""dbt's errors from PostgreSQL, without the values that they quote.

dbt writes what PostgreSQL answers into its log and its events, and Dagster into its
own. Called in dbt's process, before dbt starts.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
from dbt.adapters.postgres.connections import PostgresConnectionManager

from orchestration.withheld import database_sentence

_handled_by_dbt = PostgresConnectionManager.exception_handler


def withhold_values() -> None:
    """Let dbt see of PostgreSQL's errors only what may be told."""
    # dbt has no hook for it; this is the one place that its errors pass.
    PostgresConnectionManager.exception_handler = _handled  # type: ignore[method-assign,assignment]


@contextmanager
def _handled(manager: Any, sql: str) -> Iterator[None]:
    with _handled_by_dbt(manager, sql):
        try:
            yield
        except psycopg2.Error as fault:
            raise psycopg2.DatabaseError(told(fault)) from None


def told(fault: psycopg2.Error) -> str:
    """What may be told of an error of the driver that dbt uses."""
    return database_sentence(
        type(fault).__name__,
        fault.pgcode,
        fault.diag.message_primary or str(fault).strip().partition("\n")[0],
        fault.diag.table_name,
        fault.diag.column_name,
        fault.diag.message_hint or "",
    )
