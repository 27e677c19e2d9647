"""Which conditions hold that somebody has to know of, and what changed since last time.

Pure functions of the record: nothing here asks the warehouse, the clock or a server.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from orchestration.alerts.deadlines import Deadline
from orchestration.extracts.arrivals import SET_COMPLETE
from orchestration.runs import Run


class Kind(StrEnum):
    """What an alert is about; each has its section in docs/operations.md."""

    REFRESH_FAILED = "refresh_failed"
    GATE_FAILED = "gate_failed"
    EXTRACT_LATE = "extract_late"
    WARNING = "warning"


@dataclass(frozen=True)
class Condition:
    """Something that holds now and that somebody has to know.

    The same `cause` of the same `subject` is told once, however often it is found.
    """

    kind: Kind
    subject: str
    """What it is about: a table, a mart, a source system, or the refresh."""
    cause: str
    since: datetime
    sentence: str
    """What is wrong; no patient's value."""
    look: str
    """The command that shows more."""


@dataclass(frozen=True)
class Finding:
    """An expectation that did not hold when its subject was judged last."""

    subject: str
    expectation: str
    severity: str
    sentence: str
    judged_at: datetime


@dataclass(frozen=True)
class Record:
    """What the record says now."""

    last_run: Run | None
    findings: Sequence[Finding]
    """Critical ones only where nothing whole was published since."""
    last_extracts: Mapping[tuple[str, str], datetime]
    """The moment that a table's last extract speaks for, by system and table."""


@dataclass(frozen=True)
class Alert:
    """One row of ops.alerts: a condition that was raised, or its end."""

    alert_id: int
    raised_at: datetime
    kind: str
    subject: str
    cause: str
    since: datetime
    sentence: str
    look: str
    resolves: int | None = None


def conditions(
    record: Record, deadlines: Iterable[Deadline], now: datetime
) -> list[Condition]:
    """All that holds now.

    Args:
        record: what is known.
        deadlines: of the tables whose extracts have one.
        now: with the hospital's time zone.
    """
    return [
        *refresh_failed(record.last_run),
        *_gate_failed(record),
        *_extracts_late(record.last_extracts, deadlines, now),
        *_warnings(record.findings),
    ]


def refresh_failed(run: Run | None) -> list[Condition]:
    """What somebody has to know of the last run, if it failed."""
    said = {
        "failed": "The refresh failed",
        "interrupted": "The refresh was interrupted",
        "died": "The refresh died: its process was killed, or its machine stopped",
    }
    if run is None or run.outcome not in said:
        return []
    sentence = ". ".join(it.rstrip(". ") for it in (said[run.outcome], *run.sentences))
    return [
        Condition(
            Kind.REFRESH_FAILED,
            "refresh",
            # Counts, line numbers and process ids differ each time; the cause does not.
            re.sub(r"\d+", "#", sentence),
            run.ended_at,
            f"{sentence}.",
            "wardline status",
        )
    ]


def changes(
    holding: Sequence[Condition], opened: Sequence[Alert]
) -> tuple[list[Condition], list[Alert]]:
    """What is to be raised, and which open alerts are over.

    An alert is over when nothing of its kind holds for its subject any more: a refresh
    that fails for another reason than yesterday has not recovered.
    """
    known = {(it.kind, it.subject, it.cause) for it in opened}
    troubled = {(it.kind, it.subject) for it in holding}
    raised = {
        (it.kind, it.subject, it.cause): it
        for it in holding
        if (it.kind, it.subject, it.cause) not in known
    }
    over = [it for it in opened if (it.kind, it.subject) not in troubled]
    return list(raised.values()), over


def _gate_failed(record: Record) -> list[Condition]:
    run = record.last_run
    stopping = [
        Condition(
            Kind.GATE_FAILED,
            it.subject,
            it.expectation,
            it.judged_at,
            it.sentence,
            "wardline status",
        )
        for it in record.findings
        if it.severity == "critical"
    ]
    if stopping or run is None or run.outcome != "held_back":
        return stopping
    sentence = " ".join(run.sentences) or "A gate held the publication back."
    return [
        Condition(
            Kind.GATE_FAILED,
            "publication",
            re.sub(r"\d+", "#", sentence),
            run.ended_at,
            sentence,
            "wardline status",
        )
    ]


def _extracts_late(
    last_extracts: Mapping[tuple[str, str], datetime],
    deadlines: Iterable[Deadline],
    now: datetime,
) -> list[Condition]:
    late: dict[str, list[tuple[datetime, datetime]]] = {}
    for deadline in deadlines:
        last = last_extracts.get((deadline.source_system, deadline.table))
        # A table that never came is not late: nobody has connected it yet.
        if last is None:
            continue
        last = last.replace(tzinfo=now.tzinfo)
        if now > last + deadline.allowed:
            late.setdefault(deadline.source_system, []).append(
                (last + deadline.allowed, last)
            )
    return [
        Condition(
            Kind.EXTRACT_LATE,
            system,
            system,
            min(tables)[0],
            f"The extracts of {system} are late: {len(tables)} of its tables should "
            f"have come by {min(tables)[0]:%Y-%m-%d %H:%M}; the last speak for "
            f"{min(tables)[1]:%Y-%m-%d %H:%M}.",
            'wardline query --internal "select table_name, as_of from'
            f" ops.last_extracts('{now.tzinfo}') where source_system = '{system}'\"",
        )
        for system, tables in late.items()
    ]


def _warnings(findings: Iterable[Finding]) -> list[Condition]:
    return [
        Condition(
            Kind.WARNING,
            it.subject,
            it.expectation,
            it.judged_at,
            it.sentence,
            "wardline status",
        )
        for it in findings
        # An extract that is still coming is none; it is told when it is late.
        if it.severity == "warning" and it.expectation != SET_COMPLETE
    ]
