"""The warehouse's own record (schema ops): what each run received, judged, published.

Written once, never changed; read by `wardline status`, by publishing and by people.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row

from expectations import Verdict
from orchestration.errors import GateFailedError


@dataclass(frozen=True)
class Batch:
    """One table of one source system for one extract date, as it was received."""

    batch_id: int
    source_system: str
    table_name: str
    as_of: datetime | None
    status: str
    rows_received: int
    rows_appended: int
    rows_unchanged: int
    rows_malformed: int
    rows_deleted: int
    reason: str | None
    run_id: str


@dataclass(frozen=True)
class Waiting:
    """A rejected batch that nothing has settled yet."""

    batch_id: int
    subject: str
    as_of: datetime | None
    reason: str

    @property
    def sentence(self) -> str:
        """Why nothing is published while it waits."""
        return (
            f"{self.subject} was rejected (batch {self.batch_id}) and not corrected "
            f"since: {self.reason}"
        )


@dataclass(frozen=True)
class Judgement:
    """What a gate said of one expectation that did not hold."""

    gate: str
    subject: str
    expectation: str
    severity: str
    sentence: str


@dataclass(frozen=True)
class Night:
    """What one run did, as far as it came."""

    batches: list[Batch]
    failed: list[Judgement]
    expectations: dict[str, int]
    """Expectations judged, by gate."""

    def is_stopped(self, gate: str) -> bool:
        """Whether a gate found something critical."""
        return any(it.gate == gate and it.severity == "critical" for it in self.failed)

    def raise_if_stopped(self, gate: str) -> None:
        """Let nothing come after a gate that did not pass.

        Raises:
            GateFailedError: with the sentences of what is critical.
        """
        if self.is_stopped(gate):
            raise GateFailedError(
                "\n".join(
                    # What is wrong with all tables alike is said once.
                    dict.fromkeys(
                        it.sentence
                        for it in self.failed
                        if it.gate == gate and it.severity == "critical"
                    )
                )
            )

    @property
    def gate_warnings(self) -> int:
        """How many expectations failed without stopping anything."""
        return sum(judged.severity == "warning" for judged in self.failed)


@dataclass(frozen=True)
class Publication:
    """One row of ops.publications."""

    publication_id: int
    published_at: datetime
    as_of: datetime | None
    rows_changed: int
    gate_warnings: int
    is_complete: bool
    run_id: str
    restored_publication_id: int | None
    """The publication whose rows a rollback put back."""


def record_verdicts(
    connection: Connection[Any], run_id: str, verdicts: Iterable[Verdict]
) -> None:
    """Keep what a gate found; counts and sentences, never a patient's value."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into ops.gate_results (run_id, gate, subject, expectation,"
            " severity, is_success, observed, sentence)"
            " values (%s, %s, %s, %s, %s, %s, %s, %s)",
            [
                (
                    run_id,
                    verdict.gate,
                    verdict.subject,
                    verdict.expectation,
                    verdict.severity,
                    verdict.success,
                    None if verdict.observed is None else str(verdict.observed),
                    verdict.sentence,
                )
                for verdict in verdicts
            ],
        )


def night_of(connection: Connection[Any], run_id: str) -> Night:
    """Read what a run has recorded so far."""
    batches = batches_of(connection, run_id)
    with connection.cursor(row_factory=class_row(Judgement)) as judgement_cursor:
        failed = judgement_cursor.execute(
            "select gate, subject, expectation, severity, sentence"
            " from ops.gate_results where run_id = %s and not is_success"
            " order by severity = 'warning', gate_result_id",
            [run_id],
        ).fetchall()
    counts = connection.execute(
        "select gate, count(*) from ops.gate_results where run_id = %s group by gate",
        [run_id],
    ).fetchall()
    return Night(batches, failed, dict(counts))


def batches_of(connection: Connection[Any], run_id: str) -> list[Batch]:
    """The batches that a run accepted or rejected so far."""
    with connection.cursor(row_factory=class_row(Batch)) as cursor:
        return cursor.execute(
            "select batch_id, source_system, table_name, as_of, status, rows_received,"
            " rows_appended, rows_unchanged, rows_malformed, rows_deleted, reason,"
            " run_id from ops.batches where run_id = %s order by batch_id",
            [run_id],
        ).fetchall()


def last_extracts(connection: Connection[Any]) -> list[tuple[str, datetime]]:
    """The latest moment that each system's accepted extracts speak for."""
    return connection.execute(
        "select source_system, max(as_of) from ops.batches"
        " where status = 'accepted' group by 1 order by 1"
    ).fetchall()


def has_accepted(connection: Connection[Any]) -> bool:
    """Whether any batch ever reached raw."""
    found = connection.execute(
        "select exists (select from ops.batches where status = 'accepted')"
    ).fetchone()
    return found == (True,)


def waiting(connection: Connection[Any]) -> list[Waiting]:
    """Rejected batches that are the last word on their table, the oldest first.

    A batch for the same moment that came later settles one, and so does one of a later
    moment, unless each extract holds only that day's changes; and a steward does, by
    accepting it as another batch or by rejecting it for good.
    """
    with connection.cursor(row_factory=class_row(Waiting)) as cursor:
        return cursor.execute(
            "select batch_id, source_system || '.' || table_name as subject, as_of,"
            " reason from ops.batches as rejected where rejected.status = 'rejected'"
            " and not exists (select from ops.batch_decisions"
            "  where batch_decisions.batch_id = rejected.batch_id)"
            " and not exists (select from ops.batches as settling"
            "  where settling.source_system = rejected.source_system"
            "  and settling.table_name = rejected.table_name and ("
            "   (settling.batch_id > rejected.batch_id"
            "    and (settling.as_of = rejected.as_of or rejected.as_of is null))"
            "   or (settling.status = 'accepted' and settling.as_of > rejected.as_of"
            "    and rejected.mode = 'snapshot')))"
            " order by rejected.batch_id"
        ).fetchall()


def faults_of(connection: Connection[Any], run_id: str) -> list[str]:
    """What broke a run, in sentences."""
    found = connection.execute(
        "select unnest(case event when 'failed' then sentences else array["
        "  'The process was killed, or its machine stopped.'] end)"
        " from ops.run_events where run_id = %s and event in ('failed', 'died')"
        " order by run_event_id",
        [run_id],
    )
    return [sentence for (sentence,) in found]


def last_publications(connection: Connection[Any], limit: int = 5) -> list[Publication]:
    """The latest publications, the newest first."""
    with connection.cursor(row_factory=class_row(Publication)) as cursor:
        return cursor.execute(
            "select publication_id, published_at, as_of, rows_changed, gate_warnings,"
            " is_complete, run_id, restored_publication_id from ops.publications"
            " order by publication_id desc limit %s",
            [limit],
        ).fetchall()


def last_run(connection: Connection[Any]) -> str | None:
    """The run that recorded something last, of those that have ended."""
    found = connection.execute(
        "select run_id from (select run_id, received_at as at from ops.batches"
        " union all select run_id, judged_at from ops.gate_results"
        " union all select run_id, happened_at from ops.run_events"
        " union all select run_id, published_at from ops.publications"
        " where restored_publication_id is null) as recorded"
        " where run_id not in (select run_id from ops.open_runs)"
        " order by at desc limit 1"
    ).fetchone()
    return found[0] if found else None
