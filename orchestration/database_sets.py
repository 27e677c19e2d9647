"""One source system read from its database, on its way to the gate.

Belongs here: all tables from one moment, what is known already, and whom a fault
concerns. Sessions and rows are extracts/database/'s; files are extract_sets.py's.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from psycopg import Connection

from orchestration.extract_sets import LandedSet
from orchestration.extracts.as_of import derive_as_of
from orchestration.extracts.contract import ExtractContract
from orchestration.extracts.database.faults import SourceFaultError
from orchestration.extracts.database.landing import land_table
from orchestration.extracts.database.snapshot import Snapshot, snapshot_of
from orchestration.extracts.database.source import SourceDatabase
from orchestration.extracts.errors import ExtractRefusedError
from orchestration.extracts.files import YEARS, ExtractSet, end_of
from orchestration.extracts.kept import rejected_alike
from orchestration.extracts.ledger import accepted, known
from orchestration.extracts.watermark import watermark_of
from orchestration.progress import say


def land_database_set(
    connection: Connection[Any],
    contracts: Sequence[ExtractContract],
    chosen: Sequence[ExtractContract],
    extracts: ExtractSet,
    database: SourceDatabase,
    anew: bool = False,
) -> LandedSet:
    """Read the chosen tables of a database, as it is at one moment, into landing.

    A table that cannot be read is refused, and the others go on; a server that cannot
    be reached, or is lost, is refused for all that was not read.

    Args:
        connection: of the loader.
        contracts: all of one source system's.
        chosen: those to read.
        extracts: the set that stands for this read; its `as_of` is the day asked for.
        database: to read from.
        anew: whether tables count that are known already.
    """
    night = LandedSet(extracts, extracts.as_of)
    try:
        with snapshot_of(database) as snapshot:
            if night.as_of is None and contracts[0].as_of_query:
                night.as_of = _asked_moment(snapshot, contracts[0], database)
            _land_each(connection, contracts, chosen, night, snapshot, database)
    except ExtractRefusedError as fault:
        _refuse(night, chosen, fault)
    if night.as_of is None and night.landed:
        try:
            landed = list(night.landed.values())
            night.as_of = derive_as_of(connection, contracts, landed)
        except ExtractRefusedError as refused:
            _refuse(night, [it.contract for it in landed], refused)
            night.landed.clear()
    if not anew:
        _recognise(connection, night)
    return night


def _land_each(
    connection: Connection[Any],
    contracts: Sequence[ExtractContract],
    chosen: Sequence[ExtractContract],
    night: LandedSet,
    snapshot: Snapshot,
    database: SourceDatabase,
) -> None:
    for place, contract in enumerate(chosen):
        say(f"Reading {contract.subject} from {database.address}")
        reached = watermark_of(connection, contract) if contract.watermark else None
        try:
            night.landed[contract.table] = land_table(
                connection,
                contract,
                snapshot,
                database.place(contract),
                contracts,
                reached,
            )
        except ExtractRefusedError as fault:
            is_over = isinstance(fault, SourceFaultError) and fault.is_unreachable
            # Another session would see another moment.
            _refuse(night, chosen[place:] if is_over else [contract], fault)
            if is_over:
                return


def _asked_moment(
    snapshot: Snapshot, contract: ExtractContract, database: SourceDatabase
) -> datetime:
    """The moment that the source itself says it speaks for.

    Raises:
        ExtractRefusedError: it says none, or one that no extract can be of.
    """
    answer = snapshot.value(contract.as_of_query, database.address)
    if isinstance(answer, str):
        answer = _read_moment(answer.strip())
    if isinstance(answer, datetime):
        answer = answer.replace(tzinfo=None)
    elif isinstance(answer, date):
        answer = end_of(answer)
    if not isinstance(answer, datetime) or answer.year not in YEARS:
        raise ExtractRefusedError(
            f"{database.address}: expected one moment or day of {YEARS[0]} to "
            f"{YEARS[-1]} from as_of_query, found none; see it in the contract of "
            f"{contract.source_system}."
        )
    return answer


def _read_moment(text: str) -> date | None:
    for kind in (date, datetime):  # a datetime would take a day for its first second
        try:
            return kind.fromisoformat(text)
        except ValueError:
            continue
    return None


def _refuse(
    night: LandedSet, contracts: Sequence[ExtractContract], fault: ExtractRefusedError
) -> None:
    tables = [contract.table for contract in contracts]
    night.refused |= dict.fromkeys(tables, str(fault))
    if isinstance(fault, SourceFaultError) and fault.is_unreachable:
        night.unreachable |= set(tables)


def _recognise(connection: Connection[Any], night: LandedSet) -> None:
    """Find what was accepted or rejected before with the same content and moment."""
    if night.as_of is None:
        return
    for table, landed in list(night.landed.items()):
        contract = landed.contract
        for it in accepted(connection, [contract]):
            if (it["as_of"], it["content_sha256"]) == (
                night.as_of,
                landed.content_sha256,
            ):
                night.known[table] = known(contract, it)
                del night.landed[table]
        before = rejected_alike(connection, landed, night.as_of)
        if before is not None and before.is_settled:
            night.settled.add(table)
            del night.landed[table]
        elif before is not None and (kept := before.landed(contract)):
            night.landed[table] = kept
