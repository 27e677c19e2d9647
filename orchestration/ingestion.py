"""Extracts on their way to raw: found, landed, judged by the extract gate, appended.

What a contract, a landing and a batch are stands in extracts/; what is expected of them
in expectations/. Dagster's part is defs/ingestion.py.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from psycopg import Connection

from expectations import ExtractFacts, Verdict, extract_suite, run_suites
from orchestration import bookkeeping
from orchestration.extracts.as_of import derive_as_of
from orchestration.extracts.batches import append, reject
from orchestration.extracts.contract import ExtractContract
from orchestration.extracts.errors import ExtractRefusedError
from orchestration.extracts.files import ExtractSet, find_extracts
from orchestration.extracts.landing import LANDING_SCHEMA, Landed, land
from orchestration.extracts.ledger import (
    BatchResult,
    has_younger,
    known_batches,
    last_rows,
)
from orchestration.warehouse import Role, Warehouse

EXTRACT_GATE = "extract"


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


@dataclass
class _Night:
    """One extract set on its way."""

    extracts: ExtractSet
    as_of: datetime | None
    landed: dict[str, Landed] = field(default_factory=dict)
    known: dict[str, BatchResult] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    verdicts: dict[str, list[Verdict]] = field(default_factory=dict)


def ingest(
    warehouse: Warehouse,
    contracts: Sequence[ExtractContract],
    drop_folder: Path,
    *,
    run_id: str,
    as_of: date | None = None,
    tables: Collection[str] | None = None,
    data_docs: Path | None = None,
    progress: Callable[[str], None] = lambda what: None,
) -> list[Outcome]:
    """Take one source system's extracts in, set by set, the oldest first.

    A batch that the extract gate does not pass is recorded with its reason and stays
    out of raw; the others go on.

    Args:
        warehouse: to load into.
        contracts: all of one source system's.
        drop_folder: where the extracts lie.
        run_id: the run that loads.
        as_of: the day that flat extracts speak for.
        tables: only these; None: all.
        data_docs: the folder of the gates' static site.
        progress: called with words for what is being read.

    Returns:
        One outcome per chosen table, in the contracts' order.
    """
    outcomes = {
        contract.table: Outcome(contract)
        for contract in contracts
        if tables is None or contract.table in tables
    }
    chosen = [outcome.contract for outcome in outcomes.values()]
    with warehouse.connect(Role.LOADER) as connection:
        connection.autocommit = True
        for extracts in find_extracts(drop_folder, contracts, as_of):
            night = _land(connection, contracts, chosen, extracts, progress)
            _judge(connection, warehouse, night, data_docs)
            for table, outcome in outcomes.items():
                _conclude(connection, outcome, night, run_id)
                outcome.verdicts += night.verdicts.get(table, [])
    return list(outcomes.values())


def check(
    warehouse: Warehouse,
    contracts: Sequence[ExtractContract],
    folder: Path,
    progress: Callable[[str], None] = lambda what: None,
) -> list[tuple[ExtractSet, list[Verdict]]]:
    """Validate one source system's extracts as a refresh would, and load nothing.

    Returns:
        Each extract set with the verdicts on it.
    """
    found = []
    with warehouse.connect(Role.LOADER) as connection:
        connection.autocommit = True
        for extracts in find_extracts(folder, contracts):
            night = _land(connection, contracts, contracts, extracts, progress, anew=True)
            _judge(connection, warehouse, night, None)
            verdicts = [v for of_table in night.verdicts.values() for v in of_table]
            found.append((extracts, verdicts))
    return found


def _land(
    connection: Connection[Any],
    contracts: Sequence[ExtractContract],
    chosen: Sequence[ExtractContract],
    extracts: ExtractSet,
    progress: Callable[[str], None],
    anew: bool = False,
) -> _Night:
    """Read the set's files, but those that are known to have been read before."""
    night = _Night(extracts, extracts.as_of, refused=dict(extracts.refused))
    if not anew:
        night.known = known_batches(connection, contracts, extracts)
    for contract in chosen:
        path = extracts.files.get(contract.table)
        if path is None or contract.table in night.known:
            continue
        progress(f"{contract.subject} from {path.name}")
        try:
            night.landed[contract.table] = land(connection, contract, path, contracts)
        except ExtractRefusedError as refused:
            night.refused[contract.table] = str(refused)
    if night.as_of is None and night.landed:
        try:
            night.as_of = derive_as_of(
                connection, contracts, list(night.landed.values())
            )
        except ExtractRefusedError as refused:
            night.refused |= dict.fromkeys(night.landed, str(refused))
            night.landed.clear()
    return night


def _judge(
    connection: Connection[Any],
    warehouse: Warehouse,
    night: _Night,
    data_docs: Path | None,
) -> None:
    """Put the extract gate's verdicts on the night's tables, refusals included."""
    suites = [
        (
            LANDING_SCHEMA,
            landed.contract.landing_table,
            extract_suite(_facts(connection, landed, night.as_of)),
        )
        for landed in night.landed.values()
    ]
    system = night.extracts.source_system
    site = data_docs and data_docs / EXTRACT_GATE / system / night.extracts.folder.name
    judged = run_suites(warehouse.url(Role.LOADER), suites, site)
    for table in {*night.landed, *night.refused}:
        subject = f"{system}.{table}"
        night.verdicts[table] = [it for it in judged if it.subject == subject]
        if table in night.refused:
            night.verdicts[table].append(_refusal(subject, night.refused[table]))


def _conclude(
    connection: Connection[Any], outcome: Outcome, night: _Night, run_id: str
) -> None:
    """Append the table's batch to raw, or reject it with the gate's reasons."""
    contract, table = outcome.contract, outcome.contract.table
    verdicts = night.verdicts.get(table, [])
    reasons = [verdict.sentence for verdict in verdicts if verdict.stops]
    if table in night.known:
        outcome.batches.append(night.known[table])
        return
    if not verdicts:
        return
    if reasons:
        outcome.batches.append(
            reject(
                connection,
                contract,
                " ".join(reasons),
                run_id,
                night.as_of,
                night.landed.get(table),
                night.extracts.files.get(table),
            )
        )
        if night.as_of and has_younger(connection, contract, night.as_of):
            night.verdicts[table] = verdicts = list(_as_warnings(verdicts))
    elif night.as_of is not None:
        outcome.batches.append(
            append(connection, contract, night.landed[table], night.as_of, run_id)
        )
    bookkeeping.record_verdicts(connection, run_id, verdicts)


def _facts(
    connection: Connection[Any], landed: Landed, as_of: datetime | None
) -> ExtractFacts:
    contract = landed.contract
    return ExtractFacts(
        source_system=contract.source_system,
        table=contract.table,
        landing_schema=LANDING_SCHEMA,
        landing_table=contract.landing_table,
        key=contract.key,
        required_columns=contract.must_have,
        rows_landed=landed.rows_landed,
        rows_malformed=landed.rows_malformed,
        last_rows=as_of and last_rows(connection, contract, as_of),
        mode=contract.mode,
        extra_columns=tuple(landed.extras.values()),
        null_markers=contract.null_markers,
        max_malformed_pct=contract.max_malformed_pct,
        min_rows_pct_of_last=contract.min_rows_pct_of_last,
        malformed_sql=(
            "select * from quarantine.malformed_rows"
            f" where source_system = '{contract.source_system}'"
            f" and table_name = '{contract.table}' order by batch_id desc, line_number"
        ),
    )


def _refusal(subject: str, reason: str) -> Verdict:
    return Verdict(
        gate=EXTRACT_GATE,
        subject=subject,
        expectation="extract_readable",
        severity="critical",
        success=False,
        observed=None,
        sentence=reason,
    )


def _as_warnings(verdicts: Iterable[Verdict]) -> Iterator[Verdict]:
    """Verdicts on an extract that a younger one has replaced: they stop nothing."""
    from dataclasses import replace

    for verdict in verdicts:
        yield replace(verdict, severity="warning") if verdict.stops else verdict
