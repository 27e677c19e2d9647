"""When a refresh that broke is tried again: after pauses that grow, and not for ever.

Pure functions of the record, and the question that reads it. A gate that did not pass
would not pass the second time; a source that was not reached is a fault like others.
Each night is counted for itself: a bad one leaves the next all of its attempts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row

PAUSES = tuple(timedelta(minutes=it) for it in (1, 5, 15, 30, 60))
"""Before each attempt after the first. The last comes two hours after the first."""

SENSOR = "retries"
"""Starts the attempts after the first; whatever else starts one starts the first."""

UNREACHABLE = "source_reachable"
"""The expectation that fails where a source system could not be asked at all."""


@dataclass(frozen=True)
class Attempt:
    """A refresh that was to publish, and whether it was a fault that ended it."""

    run_id: str
    ended_at: datetime
    is_fault: bool
    is_retry: bool


def due_again(attempts: Sequence[Attempt], now: datetime) -> Attempt | None:
    """The failed refresh that is to be tried again now; None if none is.

    Args:
        attempts: the last ones, the newest first.
        now: with a time zone.
    """
    failed = 0
    for attempt in attempts:
        if not attempt.is_fault:
            break
        failed += 1
        if not attempt.is_retry:
            break
    if not 0 < failed <= len(PAUSES):
        return None
    last = attempts[0]
    return last if now >= last.ended_at + PAUSES[failed - 1] else None


def last_attempts(connection: Connection[Any]) -> list[Attempt]:
    """The last refreshes that Dagster started, as many as decide, the newest first.

    Whoever started one at a command line has seen it fail.
    """
    with connection.cursor(row_factory=class_row(Attempt)) as cursor:
        return cursor.execute(
            "select run_id, happened_at as ended_at, event in ('failed', 'died')"
            "  or event = 'held_back' and coalesce(("
            "   select bool_and(expectation = %s) from ops.gate_results g"
            "   where g.run_id = e.run_id and not is_success"
            "   and severity = 'critical'), false) as is_fault,"
            " started_by like %s as is_retry"
            " from ops.run_events e where event not in ('started', 'ended')"
            "  and started_by not like '%%command line'"
            " order by happened_at desc, run_event_id desc limit %s",
            [UNREACHABLE, f"%, sensor {SENSOR}", len(PAUSES) + 1],
        ).fetchall()
