"""One extract set on its way to the gate: which files are known, which must be read.

Belongs here: putting a night's tables into landing. What the gate says of them, and
what becomes of their batches, stands in ingestion.py.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from psycopg import Connection

from expectations import Verdict
from orchestration.extracts.as_of import derive_as_of
from orchestration.extracts.contract import ExtractContract
from orchestration.extracts.errors import ExtractRefusedError, printable
from orchestration.extracts.files import ExtractSet
from orchestration.extracts.kept import rejected_before
from orchestration.extracts.landing import land
from orchestration.extracts.landing_table import Landed
from orchestration.extracts.ledger import BatchResult, known_batches
from orchestration.progress import say

Reader = Callable[
    [
        Connection[Any],
        Sequence[tuple[ExtractContract, Path]],
        Sequence[ExtractContract],
    ],
    dict[str, Landed | ExtractRefusedError],
]
"""Puts files into landing, each by its contract, among the system's; by table."""


def land_here(
    connection: Connection[Any],
    files: Sequence[tuple[ExtractContract, Path]],
    siblings: Sequence[ExtractContract],
) -> dict[str, Landed | ExtractRefusedError]:
    """Read files in this process, one after the other."""
    found = {}
    for contract, path in files:
        say(f"Reading {contract.subject} from {printable(path.name)}")
        found[contract.table] = land_or_refuse(connection, contract, path, siblings)
    return found


def land_or_refuse(
    connection: Connection[Any],
    contract: ExtractContract,
    path: Path,
    siblings: Sequence[ExtractContract],
) -> Landed | ExtractRefusedError:
    """What was landed of a file, or why it was refused as a whole."""
    try:
        return land(connection, contract, path, siblings)
    except ExtractRefusedError as refused:
        return refused


@dataclass
class LandedSet:
    """One extract set on its way: what lies in landing, and what was said of it."""

    extracts: ExtractSet
    as_of: datetime | None
    landed: dict[str, Landed] = field(default_factory=dict)
    known: dict[str, BatchResult] = field(default_factory=dict)
    settled: set[str] = field(default_factory=set)
    """Tables whose file a steward rejected for good."""
    refused: dict[str, str] = field(default_factory=dict)
    unreachable: set[str] = field(default_factory=set)
    """Tables refused because their database was not there."""
    verdicts: dict[str, list[Verdict]] = field(default_factory=dict)

    @property
    def read_before(self) -> set[str]:
        """Tables whose file need not be read: accepted, kept or settled before."""
        return self.known.keys() | self.landed.keys() | self.settled

    def is_of(self, nights: Collection[date] | None) -> bool:
        """Whether it speaks for one of some days; flat extracts tell when read."""
        moments = {self.as_of, *(it.as_of for it in self.known.values())}
        return nights is None or any(it and it.date() in nights for it in moments)


def land_set(
    connection: Connection[Any],
    contracts: Sequence[ExtractContract],
    chosen: Sequence[ExtractContract],
    extracts: ExtractSet,
    *,
    reader: Reader = land_here,
    anew: bool = False,
) -> LandedSet:
    """Read the set's files, but those that are known to have been read before."""
    night = LandedSet(extracts, extracts.as_of, refused=dict(extracts.refused))
    if not anew:
        _recognise(connection, contracts, night)
    unread = [
        (contract, path)
        for contract in chosen
        if (path := extracts.files.get(contract.table))
        and contract.table not in night.read_before
    ]
    for table, found in reader(connection, unread, contracts).items():
        if isinstance(found, Landed):
            night.landed[table] = found
        else:
            night.refused[table] = str(found)
    for table in night.landed.keys() - {contract.table for contract in chosen}:
        del night.landed[table]
    if night.as_of is None and night.landed:
        try:
            night.as_of = derive_as_of(
                connection, contracts, list(night.landed.values())
            )
        except ExtractRefusedError as refused:
            night.refused |= dict.fromkeys(night.landed, str(refused))
            night.landed.clear()
    return night


def _recognise(
    connection: Connection[Any], contracts: Sequence[ExtractContract], night: LandedSet
) -> None:
    """Find which of the set's files were accepted or rejected before, unchanged."""
    extracts = night.extracts
    by_table = {contract.table: contract for contract in contracts}
    rejected = rejected_before(connection, contracts, extracts)
    for table, before in rejected.items():
        if before.is_settled:
            night.settled.add(table)
            night.refused.pop(table, None)
        elif landed := before.landed(by_table[table]):
            night.landed[table] = landed
            night.refused.pop(table, None)
    kept = {table: rejected[table].as_of for table in night.landed}
    night.known = known_batches(connection, contracts, extracts, kept)
    if extracts.as_of is None and kept:
        if extracts.files.keys() <= night.read_before and len(set(kept.values())) == 1:
            night.as_of = next(iter(kept.values()))
        else:  # their moment is read from all of them
            night.landed.clear()
