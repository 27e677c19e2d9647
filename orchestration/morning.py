"""Whether this morning's figures can be used, in ten lines for a person.

What holds was decided where alerts are; here it is gathered, and put in words.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection, IsolationLevel

from expectations.words import counted
from orchestration import bookkeeping, runs
from orchestration.alerts.conditions import Condition, Kind
from orchestration.alerts.outbox import holding
from orchestration.bookkeeping import Publication
from orchestration.runs import OpenRun, Run
from orchestration.settings import Settings

_SHOWN = 3
_SAID = {
    "published": "published",
    "held_back": "was held back by a gate",
    "failed": "failed",
    "interrupted": "was interrupted",
    "died": "was killed",
}


@dataclass(frozen=True)
class Morning:
    """What is known when somebody asks."""

    publication: Publication | None
    last_run: Run | None
    """Of those that have ended."""
    open_run: OpenRun | None
    """The last one, if its end is not on record."""
    holding: Sequence[Condition]
    """What somebody has to know; see alerts/conditions.py."""
    waiting: int
    """Rejected batches that nothing has settled."""
    last_extracts: Sequence[tuple[str, datetime]]
    """The latest moment that each source system's extracts speak for."""


def look(connection: Connection[Any], settings: Settings) -> Morning:
    """What the record says now, by a new connection of the transformer."""
    connection.isolation_level = IsolationLevel.REPEATABLE_READ
    return Morning(
        publication=next(iter(bookkeeping.last_publications(connection, 1)), None),
        last_run=runs.last_run(connection),
        open_run=next(reversed(runs.open_runs(connection)), None),
        holding=holding(connection, settings),
        waiting=len(bookkeeping.waiting(connection)),
        last_extracts=bookkeeping.last_extracts(connection),
    )


def answer(morning: Morning) -> tuple[str, str]:
    """Yes, With care or No, and why, in a sentence.

    With care: they are last night's, but something about them was found. No: they are
    not last night's, whatever else they are.
    """
    it = morning.publication
    if it is None:
        return "No", "nothing has been published yet; run `wardline refresh`."
    grounds = {condition.kind for condition in morning.holding}
    stands = f"the marts speak for {_moment(it.as_of)}"
    if it.restored_publication_id is not None:
        return "With care", (
            f"{stands}: publication {it.restored_publication_id} was put back."
        )
    begun = morning.open_run
    has_died = begun and not begun.is_under_way and begun.run_id != it.run_id
    if has_died or grounds & {
        Kind.REFRESH_FAILED,
        Kind.GATE_FAILED,
        Kind.EXTRACT_LATE,
    }:
        return "No", f"{stands}; what should have come since has not been published."
    cares = {
        ", without the batches that were rejected": not it.is_complete,
        "; a refresh is under way": begun and begun.is_under_way,
        "; the gates let warnings pass": Kind.WARNING in grounds,
    }
    if care := next((said for said, holds in cares.items() if holds), None):
        return "With care", f"{stands}{care}."
    return "Yes", f"{stands}; both gates passed."


def lines(morning: Morning) -> list[str]:
    """What else there is to know, a line each, at most eight; the command has two."""
    told = []
    if it := morning.publication:
        told.append(
            f"Published: no. {it.publication_id} at {_moment(it.published_at)}, "
            f"{counted(it.rows_changed, 'row')} changed, "
            f"{counted(it.gate_warnings, 'warning')}"
        )
    if begun := morning.open_run:
        told.append(begun.sentence)
    elif run := morning.last_run:
        told.append(
            f"Last refresh: {_SAID.get(run.outcome, run.outcome)} at "
            f"{_moment(run.ended_at)}, started by {run.started_by}"
        )
    if morning.last_extracts:
        told.append(
            "Extracts: "
            + ", ".join(
                f"{name} of {at:%Y-%m-%d}" for name, at in morning.last_extracts
            )
        )
    for condition in morning.holding[:_SHOWN]:
        told.append(f"{condition.kind.replace('_', ' ')}: {condition.sentence}")
    more = len(morning.holding) - _SHOWN
    if more > 0:
        told.append(f"... and {more} more: wardline alert")
    if morning.waiting:
        told.append(
            f"{counted(morning.waiting, 'rejected batch')} to decide on: "
            "wardline batches --waiting"
        )
    return told


def _moment(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M}" if at else "an unknown moment"
