"""What became of each run (ops.run_events), whoever started it.

Only reading and writing that record; what a run does stands elsewhere, and whether
somebody has to be told is decided in alerts/.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from psycopg import Connection
from psycopg.rows import class_row

Outcome = Literal["published", "held_back", "failed", "interrupted", "ended", "died"]
"""`ended` is a run that was not to publish: a part of the job, started by a person."""


@dataclass(frozen=True)
class Run:
    """A run that has ended, and how."""

    run_id: str
    ended_at: datetime
    outcome: Outcome
    started_by: str
    sentences: Sequence[str] = ()
    """Why nothing was published; no patient's value."""


def record_start(connection: Connection[Any], run_id: str, started_by: str) -> None:
    """Record that a run begins; it holds the refresh lock from before until after."""
    _record(connection, run_id, "started", started_by)


def record_end(
    connection: Connection[Any],
    run_id: str,
    outcome: Outcome,
    started_by: str,
    sentences: Sequence[str] = (),
    happened_at: datetime | None = None,
) -> None:
    """Record how a run ended; `happened_at` if it was not now."""
    _record(connection, run_id, outcome, started_by, sentences, happened_at)


def bury_the_dead(connection: Connection[Any]) -> int:
    """Record the death of runs that started and cannot end any more: all that have not.

    Args:
        connection: of the transformer, while nobody refreshes, or by who just begins.

    Returns:
        How many there were.
    """
    buried = connection.execute(
        "insert into ops.run_events (run_id, event, started_by)"
        " select run_id, 'died', started_by from ("
        "  select distinct on (run_id) run_id, event, started_by from ops.run_events"
        "  order by run_id, run_event_id desc) as last_event"
        " where event = 'started'"
    )
    return buried.rowcount


def last_run(connection: Connection[Any]) -> Run | None:
    """The last run that was to publish and has ended; None if there was none."""
    with connection.cursor(row_factory=class_row(Run)) as cursor:
        return cursor.execute(
            "select run_id, happened_at as ended_at, event as outcome, started_by,"
            " sentences from ops.run_events where event not in ('started', 'ended')"
            " order by happened_at desc, run_event_id desc limit 1"
        ).fetchone()


def last_events(connection: Connection[Any], run_ids: Sequence[str]) -> dict[str, str]:
    """The last that is on record of each run; those without a record are left out."""
    return dict(
        connection.execute(
            "select distinct on (run_id) run_id, event from ops.run_events"
            " where run_id = any(%s) order by run_id, run_event_id desc",
            [list(run_ids)],
        ).fetchall()
    )


def has_published(connection: Connection[Any], run_id: str) -> bool:
    """Whether a run has published."""
    found = connection.execute(
        "select exists (select from ops.publications where run_id = %s)", [run_id]
    ).fetchone()
    return found == (True,)


def who_started(connection: Connection[Any], run_id: str) -> str | None:
    """Who started a run, and by which way; None if it was not recorded."""
    found = connection.execute(
        "select started_by from ops.run_events where run_id = %s limit 1", [run_id]
    ).fetchone()
    return found[0] if found else None


def _record(
    connection: Connection[Any],
    run_id: str,
    event: str,
    started_by: str,
    sentences: Sequence[str] = (),
    happened_at: datetime | None = None,
) -> None:
    connection.execute(
        "insert into ops.run_events"
        " (run_id, event, started_by, sentences, happened_at)"
        " values (%s, %s, %s, %s, coalesce(%s, now()))",
        [run_id, event, started_by, list(sentences), happened_at],
    )
