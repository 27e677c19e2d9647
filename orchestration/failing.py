"""Rows that a gate found at fault, kept in the warehouse and nowhere else.

Belongs here: writing quarantine.failing_keys. They are moved from table to table by
PostgreSQL; no value of theirs passes through this process.
"""

from collections.abc import Collection
from contextlib import suppress
from datetime import datetime
from typing import Any

import psycopg
from psycopg import Connection, sql

from expectations import Verdict


def keep(
    connection: Connection[Any],
    run_id: str,
    verdicts: Collection[Verdict],
    as_of: datetime | None = None,
) -> None:
    """Keep what the failures of a judgement found, in place of what earlier runs kept.

    Args:
        connection: of who may read the judged tables.
        run_id: the run that judged.
        verdicts: all of the judgement, on one subject or several.
        as_of: the moment that a judged batch speaks for.
    """
    for gate, subject in sorted({(it.gate, it.subject) for it in verdicts}):
        connection.execute(
            "delete from quarantine.failing_keys where gate = %s and subject = %s"
            " and run_id <> %s",
            [gate, subject, run_id],
        )
    for verdict in verdicts:
        if verdict.rows_sql:
            # That the rows cannot be shown is no reason to lose the verdict itself.
            with suppress(psycopg.Error), connection.transaction():
                connection.execute(_KEEP.format(*_values(verdict, as_of, run_id)))


_KEEP = sql.SQL(
    "insert into quarantine.failing_keys"
    " (gate, subject, expectation, as_of, run_id, key_values)"
    " select {}, {}, {}, cast({} as timestamp), {}, to_jsonb(failing)"
    " from ({}) as failing"
)


def _values(
    verdict: Verdict, as_of: datetime | None, run_id: str
) -> tuple[str | datetime | sql.Composable | None, ...]:
    rows = sql.SQL(verdict.rows_sql or "")
    return verdict.gate, verdict.subject, verdict.expectation, as_of, run_id, rows
