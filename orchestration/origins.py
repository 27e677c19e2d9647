"""Where a source system's extracts come from: the drop folder of all, or its database.

Only telling the two apart, for whoever takes extracts in; how each is read stands in
extract_sets.py and database_sets.py.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from psycopg import Connection

from expectations import Verdict
from orchestration.database_sets import land_database_set
from orchestration.extract_sets import LandedSet, Reader, land_here, land_set
from orchestration.extracts.arrivals import SET_COMPLETE, Received
from orchestration.extracts.contract import ExtractContract
from orchestration.extracts.database.source import SourceDatabase
from orchestration.extracts.files import DATABASE, ExtractSet, end_of, find_extracts
from orchestration.judgement import EXTRACT_GATE

Origin = Received | SourceDatabase
_SHOWN = 5


def sets_of(
    origin: Origin, contracts: Sequence[ExtractContract], as_of: date | None = None
) -> list[ExtractSet]:
    """The sets to take in, without those that wait; a database is one, as it is now."""
    if isinstance(origin, Received):
        return [
            extracts
            for extracts in find_extracts(origin.folder, contracts, as_of)
            if extracts.place(origin.folder) not in origin.waiting
        ]
    moment = end_of(as_of) if as_of else None
    return [ExtractSet(origin.source_system, DATABASE, moment)]


def landed_from(
    connection: Connection[Any],
    contracts: Sequence[ExtractContract],
    chosen: Sequence[ExtractContract],
    extracts: ExtractSet,
    origin: Origin,
    *,
    reader: Reader = land_here,
    anew: bool = False,
) -> LandedSet:
    """Put one of the sets into landing; see land_set and land_database_set."""
    if isinstance(origin, Received):
        return land_set(
            connection, contracts, chosen, extracts, reader=reader, anew=anew
        )
    return land_database_set(connection, contracts, chosen, extracts, origin, anew=anew)


def unclaimed(extracts: ExtractSet) -> list[Verdict]:
    """A warning of files that nobody reads."""
    if extracts.strangers is None:
        return []
    count = len(extracts.unclaimed)
    return [_remark(extracts.source_system, "files_known", count, extracts.strangers)]


def passed_over(system: str, origin: Origin) -> list[Verdict]:
    """What a person reads of the sets that have to wait."""
    if not isinstance(origin, Received):
        return []
    sentences = list(origin.waiting.values())
    if not sentences:
        return []
    more = len(sentences) - _SHOWN
    shown = sentences[:_SHOWN] + ([f"So do {more} more."] if more > 0 else [])
    return [_remark(system, SET_COMPLETE, len(sentences), " ".join(shown))]


def _remark(system: str, expectation: str, observed: int, sentence: str) -> Verdict:
    return Verdict(
        gate=EXTRACT_GATE,
        subject=system,
        expectation=expectation,
        severity="warning",
        success=False,
        observed=observed,
        sentence=sentence,
    )
