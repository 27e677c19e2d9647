"""Data quality: what became of the last runs, what the gates said, where every row is.

Counts and sentences of the record, which hold no value of a patient. They count the
whole hospital, so who sees a part of it is told of outcomes and verdicts alone.
"""

from collections.abc import Mapping, Sequence

from serving.dashboard.panels import Field, Page, Panel, Reader, Row
from serving.dashboard.view import View

_OUTCOMES: Mapping[str, str] = {
    "published": "published",
    "held_back": "held back by a gate, the figures are as before",
    "failed": "failed by a fault, the figures are as before",
    "interrupted": "interrupted, the figures are as before",
    "died": "killed, the figures are as before",
    "ended": "a part of the job alone, nothing was to be published",
}
_TABLE = (Field("source_system", "Source"), Field("table_name", "Table"))
_PART = (
    "You see a part of the hospital. Findings, batches, accounts and quarantine count"
    " all of it, so they are shown to those who see everything."
)


def panels(read: Reader, _: View) -> list[Panel]:
    """Runs and verdicts; for who sees everything, also what they are made of."""
    told = [_runs(read.record("quality_runs")), _gates(read)]
    if not read.sees_everything:
        return told
    return [
        *told,
        _findings(read.record("quality_findings")),
        _received(read.record("quality_received")),
        _current(read.record("quality_current")),
        _quarantine(read.record("quality_quarantine")),
        _batches(read.record("quality_batches")),
    ]


def verdict(row: Row) -> str:
    """What a gate said of a run, in words."""
    failures, warnings = row["failures"], row["warnings"]
    beside = f"{warnings} warning{'s' if warnings > 1 else ''}" if warnings else ""
    if failures:
        words = f"stopped it: {failures} critical failure{'s' if failures > 1 else ''}"
        return f"{words}, {beside}" if beside else words
    return f"passed with {beside}" if beside else "passed"


def _runs(rows: Sequence[Row]) -> Panel:
    return Panel(
        key="runs",
        title="The last runs, the latest first",
        fields=(
            Field("ended_at", "Ended"),
            Field("outcome_words", "Outcome"),
            Field("duration_minutes", "Minutes", 1),
            Field("publication_id", "Publication"),
            Field("as_of", "Data as of"),
            Field("rows_changed", "Rows changed"),
            Field("whole_words", "Every batch accepted"),
        ),
        rows=[
            {
                **row,
                "outcome_words": _OUTCOMES.get(row["outcome"], row["outcome"]),
                "whole_words": row["is_complete"],
            }
            for row in rows
        ],
        is_wide=True,
    )


def _gates(read: Reader) -> Panel:
    return Panel(
        key="gates",
        title="What the gates said, by run",
        fields=(
            Field("judged_at", "Judged"),
            Field("gate_name", "Gate"),
            Field("verdict_words", "Verdict"),
            Field("expectations", "Expectations"),
            Field("failures", "Critical failures"),
            Field("warnings", "Warnings"),
        ),
        rows=[
            {**row, "gate_name": row["gate"], "verdict_words": verdict(row)}
            for row in read.record("quality_gates")
        ],
        note="The extract gate looks at what the hospital's systems sent, the mart gate"
        " at the figures before they are published."
        + ("" if read.sees_everything else f" {_PART}"),
        links=read.data_docs if read.sees_everything else (),
        is_wide=True,
    )


def _findings(rows: Sequence[Row]) -> Panel:
    return Panel(
        key="findings",
        title="What they found in the last run",
        fields=(
            Field("gate_name", "Gate"),
            Field("severity_words", "Severity"),
            Field("sentence_words", "Finding"),
        ),
        rows=[
            {
                "gate_name": row["gate"],
                "severity_words": row["severity"],
                "sentence_words": row["sentence"],
            }
            for row in rows
        ],
        empty="The gates found nothing to tell.",
        is_wide=True,
    )


def _received(rows: Sequence[Row]) -> Panel:
    return Panel(
        key="received",
        title="Rows received = appended + unchanged + malformed, last batches",
        fields=(
            *_TABLE,
            Field("rows_received", "Received"),
            Field("rows_appended", "Appended"),
            Field("rows_unchanged", "Unchanged"),
            Field("rows_malformed", "Malformed"),
            Field("equal_words", "Adds up"),
        ),
        rows=[{**row, "equal_words": row["is_equal"]} for row in rows],
    )


def _current(rows: Sequence[Row]) -> Panel:
    return Panel(
        key="current",
        title="Current rows = staged + in quarantine, by source table",
        fields=(
            *_TABLE,
            Field("raw_keys", "Current rows"),
            Field("staged_rows", "Staged"),
            Field("quarantined_rows", "In quarantine"),
            Field("equal_words", "Adds up"),
        ),
        rows=[{**row, "equal_words": row["is_equal"]} for row in rows],
    )


def _quarantine(rows: Sequence[Row]) -> Panel:
    return Panel(
        key="quarantine",
        title="Set aside, faults by source table and reason",
        fields=(
            *_TABLE,
            Field("fault_type", "What"),
            Field("reason_words", "Reason"),
            Field("faults", "Faults"),
        ),
        rows=[{**row, "reason_words": row["reason"]} for row in rows],
        note="A row with several faults counts once for each. Nothing of it is in the"
        " figures; `wardline quarantine` shows it to those who may see patients.",
        empty="Nothing is set aside.",
        is_wide=True,
    )


def _batches(rows: Sequence[Row]) -> Panel:
    return Panel(
        key="batches",
        title="The last batches, the latest first",
        fields=(
            Field("batch_key", "Batch"),
            *_TABLE,
            Field("as_of", "Data as of"),
            Field("received_at", "Received at"),
            Field("status", "Became"),
            Field("rows_received", "Received"),
            Field("rows_appended", "Appended"),
            Field("rows_unchanged", "Unchanged"),
            Field("rows_malformed", "Malformed"),
            Field("rows_deleted", "Deleted"),
        ),
        rows=[{**row, "batch_key": str(row["batch_id"])} for row in rows],
        is_wide=True,
    )


PAGE = Page(
    "/quality",
    "Data quality",
    panels,
    about="Nothing unchecked is published: what the gates stop leaves the figures of"
    " these pages as they were.",
    filters=(),
)
