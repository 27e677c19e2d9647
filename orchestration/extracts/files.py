"""The drop folder: which extracts lie in it, for which day, and which are missing.

Looks at names and links only. Nothing here opens a file.
"""

import re
from collections import Counter
from collections.abc import Collection, Container, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from pathlib import Path

from orchestration.extracts.claims import (
    claims_of,
    fault,
    is_inside,
    markers_of,
    outside,
    shared,
    shown,
    unreadable,
)
from orchestration.extracts.contract import ExtractContract
from orchestration.extracts.errors import listed, printable

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
DATABASE = Path("database")
"""Stands for the folder of a set that is read from a database."""
# What an extract may speak for, as in staging's dates: others are slips.
YEARS = range(1900, 2200)


@dataclass(frozen=True)
class ExtractSet:
    """The extracts of one source system for one moment: a dated folder, or flat files.

    `as_of` is None for flat extracts that nobody dated; see as_of.derive_as_of.
    `missing` and `refused` hold a sentence per table.
    """

    source_system: str
    folder: Path
    as_of: datetime | None
    files: dict[str, Path] = field(default_factory=dict)
    """The file of each table that has one, by table."""
    refused: dict[str, str] = field(default_factory=dict)
    """Why a table's batch is refused before its file is opened, by table."""
    absent: tuple[str, ...] = ()
    """Optional tables without a file."""
    unclaimed: tuple[str, ...] = ()
    """Names in the folder that no contract knows: a warning."""

    def place(self, drop_folder: Path) -> str:
        """Where its folder is in the drop folder, as `his/2026-03-31`."""
        return self.folder.relative_to(drop_folder.resolve()).as_posix()

    @property
    def is_database(self) -> bool:
        """Whether it is read from the system's own database; then it has no files."""
        return self.folder == DATABASE

    @property
    def strangers(self) -> str | None:
        """What is in the folder and not read, in a sentence; None if nothing is.

        A file's name may hold a patient's; only what looks like a day is named.
        """
        if not self.unclaimed:
            return None
        days = [name for name in self.unclaimed if re.fullmatch(r"[\d-]{8,10}", name)]
        others = len(self.unclaimed) - len(days)
        parts = [listed(days)] if days else []
        if others:
            parts.append("1 file" if others == 1 else f"{others} files")
        return (
            f"{self.source_system}: no contract knows {' and '.join(parts)} in "
            f"{printable(self.folder.name)}; not read."
        )

    def may_be_of(self, nights: Collection[date] | None) -> bool:
        """Whether it may speak for one of some days: it does, or is not dated."""
        return nights is None or self.as_of is None or self.as_of.date() in nights


def end_of(day: date) -> datetime:
    """The moment an extract of a day speaks for: the day's last second."""
    return datetime.combine(day, time(23, 59, 59))


def find_extracts(
    drop_folder: Path,
    contracts: Sequence[ExtractContract],
    as_of: date | None = None,
) -> list[ExtractSet]:
    """Find one system's extracts, the oldest first; flat ones without a date come last.

    Args:
        drop_folder: holds `<system>/<YYYY-MM-DD>/<table>.csv`, or without the date.
        contracts: all contracts of one source system.
        as_of: the day that flat extracts speak for; dated folders keep their own.

    Returns:
        One set per dated folder, and one for the flat files if there are any.
    """
    root = drop_folder.resolve()
    folder = root / contracts[0].source_system
    if not folder.is_dir():
        return []
    if not is_inside(root, folder):
        return [_all_refused(folder, contracts, None, outside(root, folder))]
    try:
        days = {child: day for child in folder.iterdir() if (day := _day_of(child))}
    except OSError as failed:
        reason = unreadable(root, folder, failed)
        return [_all_refused(folder, contracts, None, reason)]
    sets: list[ExtractSet | None] = []
    for child, day in sorted(days.items()):
        moment = end_of(day)
        try:
            if is_inside(root, child):
                sets.append(_look(root, child, contracts, moment))
            else:
                reason = outside(root, child)
                sets.append(_all_refused(child, contracts, moment, reason))
        except OSError as failed:
            reason = unreadable(root, child, failed)
            sets.append(_all_refused(child, contracts, moment, reason))
    flat_as_of = end_of(as_of) if as_of else None
    flat = _look(root, folder, contracts, flat_as_of, apart=days)
    sets.append(flat and _without_rivals(root, flat, sets))
    found = [it for it in sets if it is not None]
    return sorted(found, key=lambda it: (it.as_of is None, it.as_of or datetime.max))


def unknown_systems(drop_folder: Path, systems: Iterable[str]) -> list[str]:
    """Folders in the drop folder that no source system is named after."""
    known = set(systems)
    return sorted(
        child.name
        for child in drop_folder.iterdir()
        if child.is_dir() and child.name not in known and child.name[0] != "."
    )


def _look(
    root: Path,
    folder: Path,
    contracts: Sequence[ExtractContract],
    as_of: datetime | None,
    apart: Container[Path] | None = None,
) -> ExtractSet | None:
    """Sort a folder's files by table; None for a flat folder without any extract.

    `apart` are the dated folders beside flat files; None says that this is one.
    """
    markers = markers_of(contracts)
    here = sorted(
        child
        for child in folder.iterdir()
        if child.name[0] != "." and child not in (apart or ())
        if not markers.fullmatch(child.name.casefold())
    )
    found = {}
    for contract in contracts:
        claims = claims_of(contract)
        found[contract] = [it for it in here if claims.fullmatch(it.name.casefold())]
    claimed = Counter(file for files in found.values() for file in files)
    unclaimed = tuple(printable(file.name) for file in here if file not in claimed)
    if apart is not None and not claimed:
        if not unclaimed:
            return None
        system = contracts[0].source_system
        return ExtractSet(system, folder, as_of, unclaimed=unclaimed)
    files, refused, absent = {}, {}, []
    for contract, candidates in found.items():
        reason = fault(root, folder, contract, candidates)
        if not reason and any(claimed[file] > 1 for file in candidates):
            reason = shared(root, candidates[0], found)
        if reason:
            refused[contract.table] = reason
        elif candidates:
            files[contract.table] = candidates[0]
        else:
            absent.append(contract.table)
    system = contracts[0].source_system
    return ExtractSet(system, folder, as_of, files, refused, tuple(absent), unclaimed)


def _without_rivals(
    root: Path, flat: ExtractSet, dated: Sequence[ExtractSet | None]
) -> ExtractSet:
    """Refuse flat files for a moment that a dated folder speaks for already."""
    files, refused = dict(flat.files), dict(flat.refused)
    for other in dated:
        if other is not None and other.as_of == flat.as_of:
            for table in other.files:
                if file := files.pop(table, None):
                    refused[table] = (
                        f"{shown(root, file)} and {shown(root, other.files[table])} "
                        f"both speak for {other.as_of:%Y-%m-%d}: expected one file."
                    )
    return replace(flat, files=files, refused=refused)


def _all_refused(
    folder: Path,
    contracts: Sequence[ExtractContract],
    as_of: datetime | None,
    reason: str,
) -> ExtractSet:
    system = contracts[0].source_system
    refused = {contract.table: reason for contract in contracts}
    return ExtractSet(system, folder, as_of, refused=refused)


def day_named(name: str) -> date | None:
    """The day that a folder of this name speaks for; None if it is none."""
    if not _DAY.fullmatch(name):
        return None
    try:
        day = date.fromisoformat(name)
    except ValueError:
        return None
    return day if day.year in YEARS else None


def _day_of(folder: Path) -> date | None:
    day = day_named(folder.name)
    return day if day and folder.is_dir() else None
