"""What a steward decides on a rejected batch, and what he may see of batches.

Belongs here: finding a batch, accepting or rejecting it for good, and the record of
who did so and why. How its rows are kept stands in extracts/kept.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row

from expectations import STRUCTURAL, Thresholds, extract_suite, run_suites
from orchestration.decisions import record_decision
from orchestration.errors import UsageError
from orchestration.extract_facts import extract_facts
from orchestration.extracts.batches import append
from orchestration.extracts.contract import ExtractContract
from orchestration.extracts.kept import kept_batch
from orchestration.extracts.landing_table import LANDING_SCHEMA, Landed
from orchestration.extracts.ledger import BatchResult
from orchestration.warehouse import Role, Warehouse


@dataclass(frozen=True)
class Known:
    """A batch on record, and what was decided on it."""

    batch_id: int
    source_system: str
    table_name: str
    as_of: datetime | None
    status: str
    rows_received: int
    rows_malformed: int
    file_name: str | None
    reason: str | None
    received_at: datetime
    decision: str | None
    loaded_as: int | None
    decided_by: str | None
    decision_reason: str | None
    is_kept: bool

    @property
    def subject(self) -> str:
        """`source_system.table`."""
        return f"{self.source_system}.{self.table_name}"

    @property
    def name(self) -> str:
        """The batch, as a sentence begins with it."""
        day = f" ({self.as_of:%Y-%m-%d})" if self.as_of else ""
        return f"Batch {self.batch_id} of {self.subject}{day}"


_KNOWN = """
select b.batch_id, b.source_system, b.table_name, b.as_of, b.status, b.rows_received,
    b.rows_malformed, b.file_name, b.reason, b.received_at, d.decision, d.loaded_as,
    d.decided_by, d.reason as decision_reason,
    to_regclass(format('landing.batch_%%s', b.batch_id)) is not null as is_kept
from ops.batches b left join ops.batch_decisions d using (batch_id)
where (%(batches)s::bigint[] is null or b.batch_id = any(%(batches)s))
    and (%(source)s::text is null or b.source_system = %(source)s)
    and (%(table)s::text is null or b.table_name = %(table)s)
order by b.batch_id desc
limit %(limit)s
"""


def known_batches(
    connection: Connection[Any],
    *,
    batches: Sequence[int] | None = None,
    source: str | None = None,
    table: str | None = None,
    limit: int | None = None,
) -> list[Known]:
    """Batches on record, the newest first; what is None chooses nothing."""
    with connection.cursor(row_factory=class_row(Known)) as cursor:
        return cursor.execute(
            _KNOWN,
            {
                "batches": None if batches is None else list(batches),
                "source": source,
                "table": table,
                "limit": limit,
            },
        ).fetchall()


def undecided(connection: Connection[Any], batch_id: int) -> Known:
    """A rejected batch that nobody decided on.

    Raises:
        UsageError: there is none of that number, or it needs no decision.
    """
    found = known_batches(connection, batches=[batch_id])
    if not found:
        raise UsageError(
            f"There is no batch {batch_id}; `wardline batches` lists them."
        )
    (batch,) = found
    if batch.status == "accepted":
        raise UsageError(
            f"{batch.name} passed the extract gate and is in raw; only a rejected "
            "batch needs a decision."
        )
    if batch.decision:
        raise UsageError(
            f"{batch.name} was {batch.decision} by {batch.decided_by} before: "
            f"{batch.decision_reason}"
        )
    return batch


def accept(
    warehouse: Warehouse,
    contracts: Mapping[str, Sequence[ExtractContract]],
    batch_id: int,
    *,
    reason: str,
    by: str,
    run_id: str,
) -> BatchResult:
    """Append a rejected batch to raw although the gate did not pass it.

    Args:
        warehouse: in which no refresh runs meanwhile.
        contracts: all of the project, by source system.
        batch_id: of the rejected batch.
        reason: why it is right all the same; for the record.
        by: who says so.
        run_id: for the record of the batch that it is loaded as.

    Returns:
        What was loaded, as a batch of its own.

    Raises:
        UsageError: there is no such batch, or it cannot be accepted.
    """
    with warehouse.connect(Role.LOADER) as connection:
        connection.autocommit = True
        batch = undecided(connection, batch_id)
        contract = next(
            (
                it
                for it in contracts.get(batch.source_system, ())
                if it.table == batch.table_name
            ),
            None,
        )
        if contract is None:
            raise UsageError(
                f"{batch.name} cannot be accepted: the project has no table "
                f"{batch.subject} any more."
            )
        landed = _landed(connection, contract, batch)
        _refuse_if_broken(connection, warehouse, landed, batch)
        assert batch.as_of is not None  # noqa: S101 (a landed batch has its moment)
        with connection.transaction():
            loaded = append(connection, contract, landed, batch.as_of, run_id)
            _decide(connection, batch, reason, by, loaded.batch_id)
        return loaded


def reject(
    connection: Connection[Any], batch_id: int, *, reason: str, by: str
) -> Known:
    """Settle a rejected batch for good: it stops no publication any more.

    Its file is passed over from now on, as long as it stays the same.

    Raises:
        UsageError: there is no such batch, or it needs no decision.
    """
    batch = undecided(connection, batch_id)
    _decide(connection, batch, reason, by, None)
    return batch


def _landed(
    connection: Connection[Any], contract: ExtractContract, batch: Known
) -> Landed:
    if not batch.is_kept or batch.as_of is None:
        why = (batch.reason or "").strip()
        raise UsageError(
            f"{batch.name} cannot be accepted, because nothing of it was kept: "
            f"{why} Only a corrected file helps; `wardline reject {batch.batch_id}` "
            "goes on without it."
        )
    landed = kept_batch(connection, contract, batch.batch_id)
    if landed is None:
        raise UsageError(
            f"{batch.name} cannot be accepted: its contract has changed since it "
            "was read. `wardline refresh` reads its file again."
        )
    return landed


def _refuse_if_broken(
    connection: Connection[Any], warehouse: Warehouse, landed: Landed, batch: Known
) -> None:
    (facts,) = extract_facts(connection, [landed], None, Thresholds())
    verdicts = run_suites(
        warehouse.url(Role.LOADER),
        [(LANDING_SCHEMA, landed.table, extract_suite(facts))],
    )
    broken = [
        it.sentence for it in verdicts if it.stops and it.expectation in STRUCTURAL
    ]
    if broken:
        raise UsageError(
            f"{batch.name} cannot be accepted by anybody: {' '.join(broken)} Only a "
            f"corrected file helps; `wardline reject {batch.batch_id}` goes on without "
            "it."
        )


def _decide(
    connection: Connection[Any],
    batch: Known,
    reason: str,
    by: str,
    loaded_as: int | None,
) -> None:
    record_decision(
        connection,
        action="accept_batch" if loaded_as else "reject_batch",
        subject=f"batch {batch.batch_id} of {batch.subject}",
        reason=reason,
        details={"batch_id": batch.batch_id, "loaded_as": loaded_as},
        by=by,
    )
