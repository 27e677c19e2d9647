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

from orchestration.locks import IS_REFRESHING

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


@dataclass(frozen=True)
class OpenRun:
    """A run whose end is not on record: it is under way, or dead."""

    run_id: str
    started_at: datetime
    started_by: str
    is_under_way: bool
    """Whether somebody held the refresh lock when the record was read."""

    @property
    def sentence(self) -> str:
        """What it is, for a person."""
        what = "is under way" if self.is_under_way else "ended without a word"
        return (
            f"The refresh that {self.started_by} began at "
            f"{self.started_at:%Y-%m-%d %H:%M} {what}."
        )


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


def open_runs(connection: Connection[Any]) -> list[OpenRun]:
    """The runs whose end is not on record, the oldest first."""
    with connection.cursor(row_factory=class_row(OpenRun)) as cursor:
        return cursor.execute(
            f"select *, {IS_REFRESHING} as is_under_way from ops.open_runs"
            " order by started_at, run_id".encode()
        ).fetchall()


def bury(connection: Connection[Any], dead: Sequence[OpenRun]) -> int:
    """Record how runs ended that cannot record it any more.

    One that was killed after it had published has published.

    Args:
        connection: of the transformer.
        dead: open runs that do not hold the refresh lock. One that has recorded its
            end since it was found to be open is left alone.

    Returns:
        How many there were.
    """
    buried = connection.execute(
        "insert into ops.run_events (run_id, event, started_by)"
        " select run_id, case when exists (select from ops.publications as p"
        "  where p.run_id = o.run_id) then 'published' else 'died' end, started_by"
        " from ops.open_runs as o where run_id = any(%s)",
        [[it.run_id for it in dead]],
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


def last_events(
    connection: Connection[Any], run_ids: Sequence[str]
) -> dict[str, tuple[str, datetime]]:
    """The last that is on record of each run, and when; those without are left out."""
    found = connection.execute(
        "select distinct on (run_id) run_id, event, happened_at from ops.run_events"
        " where run_id = any(%s) order by run_id, run_event_id desc",
        [list(run_ids)],
    ).fetchall()
    return {run_id: (event, happened_at) for run_id, event, happened_at in found}


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
