"""Extracts on their way to raw: found, landed, judged by the extract gate, appended.

What a contract, a landing and a batch are stands in extracts/; what is expected of them
in expectations/. Dagster's part is defs/ingestion.py.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from psycopg import Connection

from expectations import Thresholds, Verdict
from orchestration import bookkeeping, failing
from orchestration.extract_sets import LandedSet, Reader, land_here
from orchestration.extracts.batches import append, reject
from orchestration.extracts.contract import ExtractContract
from orchestration.extracts.database.source import name_of
from orchestration.extracts.kept import drop_settled
from orchestration.extracts.ledger import BatchResult, has_younger
from orchestration.extracts.raw_tables import check_keys
from orchestration.judgement import as_warnings, judge_extracts
from orchestration.origins import (
    Origin,
    landed_from,
    passed_over,
    sets_of,
    unclaimed,
)
from orchestration.progress import say
from orchestration.warehouse import Role, Warehouse


@dataclass
class Outcome:
    """What became of one table: its batches, the oldest first, and their verdicts."""

    contract: ExtractContract
    batches: list[BatchResult] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)

    @property
    def is_rejected(self) -> bool:
        """Whether a batch that counts did not reach raw."""
        return any(verdict.stops for verdict in self.verdicts)

    def total(self, count: str) -> int:
        """The sum of one of the batches' counts, as `rows_appended`."""
        return sum(getattr(batch, count) for batch in self.batches)


@dataclass(frozen=True)
class Choice:
    """What a run takes in of a source system's extracts; by default all that is new."""

    as_of: date | None = None
    """The day that flat extracts speak for."""
    tables: Collection[str] | None = None
    """Only these; None: all."""
    nights: Collection[date] | None = None
    """Only what speaks for these days; None: for any."""


_ALL = Choice()


def ingest(  # noqa: PLR0913 - what a run has to say, each thing by its name
    warehouse: Warehouse,
    contracts: Sequence[ExtractContract],
    origin: Origin,
    *,
    run_id: str,
    now: datetime,
    thresholds: Thresholds,
    data_docs: Path,
    choice: Choice = _ALL,
    reader: Reader = land_here,
) -> list[Outcome]:
    """Take one source system's extracts in, set by set, the oldest first.

    A batch that the extract gate does not pass is recorded with its reason, kept, and
    stays out of raw; the others go on. One that was rejected and kept before is judged
    again as it was landed, without its file being read.

    Args:
        warehouse: to load into.
        contracts: all of one source system's.
        origin: the drop folder, ready to be read, or the system's database.
        run_id: the run that loads.
        now: by the hospital's clock, in its time zone.
        thresholds: what the hospital lets pass.
        data_docs: the folder of the gates' static site.
        choice: what of them.
        reader: what puts files into landing.

    Returns:
        One outcome per chosen table, in the contracts' order.

    Raises:
        ContractError: a contract's key is not the one its raw table was filled by.
    """
    outcomes = {
        contract.table: Outcome(contract)
        for contract in contracts
        if choice.tables is None or contract.table in choice.tables
    }
    chosen = [outcome.contract for outcome in outcomes.values()]
    with warehouse.connect(Role.LOADER) as connection:
        connection.autocommit = True
        check_keys(connection, chosen)
        system = contracts[0].source_system
        bookkeeping.record_verdicts(connection, run_id, passed_over(system, origin))
        for extracts in sets_of(origin, contracts, choice.as_of):
            if not extracts.may_be_of(choice.nights):
                continue
            night = landed_from(
                connection, contracts, chosen, extracts, origin, reader=reader
            )
            if not night.is_of(choice.nights):
                continue
            night.verdicts = judge_extracts(
                connection,
                warehouse,
                night,
                now=now,
                thresholds=thresholds,
                data_docs=data_docs,
            )
            bookkeeping.record_verdicts(connection, run_id, unclaimed(extracts))
            for table, outcome in outcomes.items():
                _conclude(connection, outcome, night, run_id)
                outcome.verdicts += night.verdicts.get(table, [])
        drop_settled(connection, system)
    return list(outcomes.values())


def check(
    warehouse: Warehouse,
    contracts: Sequence[ExtractContract],
    origin: Origin,
    thresholds: Thresholds,
    now: datetime,
) -> list[LandedSet]:
    """Validate one source system's extracts as a refresh would, and load nothing.

    Returns:
        Each extract set, landed and judged.
    """
    found = []
    with warehouse.connect(Role.LOADER) as connection:
        connection.autocommit = True
        for extracts in sets_of(origin, contracts):
            night = landed_from(
                connection, contracts, contracts, extracts, origin, anew=True
            )
            night.verdicts = judge_extracts(
                connection, warehouse, night, now=now, thresholds=thresholds
            )
            found.append(night)
    return found


def _conclude(
    connection: Connection[Any], outcome: Outcome, night: LandedSet, run_id: str
) -> None:
    """Append the table's batch to raw, or reject it with the gate's reasons."""
    contract, table = outcome.contract, outcome.contract.table
    verdicts = night.verdicts.get(table, [])
    is_rejected = any(verdict.stops for verdict in verdicts)
    if table in night.known:
        outcome.batches.append(night.known[table])
        return
    if not verdicts:
        return
    landed = night.landed.get(table)
    is_unread = night.extracts.is_database and landed is None
    failing.keep(connection, run_id, verdicts, night.as_of)
    if is_rejected:
        if landed is None or landed.kept_as is None:
            outcome.batches.append(
                reject(
                    connection,
                    contract,
                    " ".join(verdict.sentence for verdict in verdicts if verdict.stops),
                    run_id,
                    # What a database did not give is of no moment: the next read has
                    # it, if it is a delta too.
                    None if is_unread else night.as_of,
                    landed,
                    night.extracts.files.get(table),
                    name_of(contract) if is_unread else None,
                )
            )
        if night.as_of and has_younger(connection, contract, night.as_of):
            night.verdicts[table] = verdicts = as_warnings(verdicts)
    elif night.as_of is not None and landed is not None:
        say(f"Adding to raw what is new in {contract.subject}")
        outcome.batches.append(
            append(connection, contract, landed, night.as_of, run_id)
        )
    bookkeeping.record_verdicts(connection, run_id, verdicts)
