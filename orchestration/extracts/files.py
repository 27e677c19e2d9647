"""The drop folder: which extracts lie in it, for which day, and which are missing.

Looks at names and links only. Nothing here opens a file.
"""

import re
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from fnmatch import fnmatchcase
from pathlib import Path

from orchestration.extracts.contract import ExtractContract

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_SUFFIXES = (".csv.gz", ".csv", ".txt.gz", ".txt", ".xlsx")


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
    if not folder.resolve().is_relative_to(root):
        return [_all_refused(folder, contracts, None)]
    days = {child: day for child in folder.iterdir() if (day := _day_of(child))}
    sets = []
    for child, day in sorted(days.items()):
        if child.resolve().is_relative_to(root):
            sets.append(_look(root, child, contracts, end_of(day)))
        else:
            sets.append(_all_refused(child, contracts, end_of(day)))
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
    here = sorted(
        child
        for child in folder.iterdir()
        if child.name[0] != "." and child not in (apart or ())
    )
    found = {
        contract: [file for file in here if _claims(contract, file.name)]
        for contract in contracts
    }
    claimed = {file for files in found.values() for file in files}
    unclaimed = tuple(file.name for file in here if file not in claimed)
    if apart is not None and not claimed:
        if not unclaimed:
            return None
        system = contracts[0].source_system
        return ExtractSet(system, folder, as_of, unclaimed=unclaimed)
    files, refused, absent = {}, {}, []
    for contract, candidates in found.items():
        fault = _fault(root, folder, contract, candidates)
        if fault:
            refused[contract.table] = fault
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
                        f"{_shown(root, file)} and {_shown(root, other.files[table])} "
                        f"both speak for {other.as_of:%Y-%m-%d}: expected one file."
                    )
    return replace(flat, files=files, refused=refused)


def _fault(
    root: Path, folder: Path, contract: ExtractContract, candidates: Sequence[Path]
) -> str | None:
    """Why a table's file cannot be taken, as a sentence; None if it can."""
    if len(candidates) > 1:
        names = " and ".join(file.name for file in candidates)
        return (
            f"{_shown(root, folder)} holds {names} for {contract.subject}: expected "
            "one file for it, so it is unclear which one counts."
        )
    if not candidates:
        if contract.is_optional:
            return None
        return (
            f"{_shown(root, folder)} lacks {contract.file}, the extract of "
            f"{contract.subject}; also {_stem(contract.file)}.csv.gz or .xlsx would do."
        )
    file = candidates[0]
    if not file.resolve().is_relative_to(root):
        return _outside(root, file)
    if not file.is_file():
        return f"{_shown(root, file)}: expected a file, found something else."
    return None


def _all_refused(
    folder: Path, contracts: Sequence[ExtractContract], as_of: datetime | None
) -> ExtractSet:
    system = contracts[0].source_system
    root = folder.parent if folder.name == system else folder.parent.parent
    reason = _outside(root, folder)
    refused = {contract.table: reason for contract in contracts}
    return ExtractSet(system, folder, as_of, refused=refused)


def _outside(root: Path, link: Path) -> str:
    return (
        f"{_shown(root, link)} is a link that leads outside the drop folder; expected "
        "the extract itself."
    )


def _claims(contract: ExtractContract, name: str) -> bool:
    """Whether a file is this contract's; upper and lower case are the same here."""
    stem = _stem(contract.file)
    patterns = {contract.file, f"{contract.file}.gz", f"{stem}.xlsx"}
    patterns |= {f"{contract.table}.csv.gz", f"{contract.table}.xlsx"}
    return any(fnmatchcase(name.casefold(), it.casefold()) for it in patterns)


def _stem(file: str) -> str:
    for suffix in _SUFFIXES:
        if file.lower().endswith(suffix):
            return file[: -len(suffix)]
    return file


def _day_of(folder: Path) -> date | None:
    if not _DAY.fullmatch(folder.name) or not folder.is_dir():
        return None
    try:
        return date.fromisoformat(folder.name)
    except ValueError:
        return None


def _shown(root: Path, path: Path) -> str:
    """A path as people see it: from the drop folder on."""
    return path.relative_to(root).as_posix()
