"""Which file in the drop folder is which table's, and why one cannot be taken.

Names, links and kinds of files, and the sentences about them. Nothing is opened.
"""

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import translate
from pathlib import Path

from orchestration.extracts.contract import ExtractContract
from orchestration.extracts.errors import printable

_SUFFIXES = (".csv.gz", ".csv", ".txt.gz", ".txt", ".xlsx", ".parquet")
_SHOWN = 5


def fault(
    root: Path, folder: Path, contract: ExtractContract, candidates: Sequence[Path]
) -> str | None:
    """Why a table's file cannot be taken, as a sentence; None if it can."""
    if len(candidates) > 1:
        names = " and ".join(printable(file.name) for file in candidates[:_SHOWN])
        if len(candidates) > _SHOWN:
            names += f" and {len(candidates) - _SHOWN} more"
        return (
            f"{shown(root, folder)} holds {names} for {contract.subject}: expected "
            "one file for it, so it is unclear which one counts."
        )
    if not candidates:
        if contract.is_optional:
            return None
        return (
            f"{shown(root, folder)} lacks {contract.file}, the extract of "
            f"{contract.subject}; also {_stem(contract.file)}.csv.gz, .xlsx or "
            ".parquet would do."
        )
    file = candidates[0]
    if not is_inside(root, file):
        return outside(root, file)
    if not file.is_file():
        return f"{shown(root, file)}: expected a file, found something else."
    return None


def outside(root: Path, link: Path) -> str:
    """That a link leads out of the drop folder, as a sentence."""
    return (
        f"{shown(root, link)} is a link that leads outside the drop folder; expected "
        "the extract itself."
    )


def unreadable(root: Path, folder: Path, failed: OSError) -> str:
    """That a folder cannot be listed, as a sentence."""
    return (
        f"{shown(root, folder)}: expected a folder that can be read, but reading it "
        f"failed ({failed.strerror or failed})."
    )


def shared(
    root: Path, file: Path, found: Mapping[ExtractContract, Sequence[Path]]
) -> str:
    """That several tables claim one file, as a sentence."""
    subjects = [it.subject for it, candidates in found.items() if file in candidates]
    return (
        f"{shown(root, file)} fits {' and '.join(subjects)}: expected a file of one "
        "table; tell their names apart with `file` in the contracts."
    )


def is_inside(root: Path, path: Path) -> bool:
    """Whether a path leads to somewhere in the drop folder, links followed."""
    # Path.resolve raises where links go round in a circle, before Python 3.13.
    return Path(os.path.realpath(path)).is_relative_to(root)


def claims_of(contract: ExtractContract) -> re.Pattern[str]:
    """Which file names, in lower case, are this contract's."""
    stem = _stem(contract.file)
    patterns = {contract.file, f"{contract.file}.gz", f"{contract.table}.csv.gz"}
    patterns |= {
        f"{name}.{ending}"
        for name in (stem, contract.table)
        for ending in ("xlsx", "parquet")
    }
    return re.compile("|".join(translate(it.casefold()) for it in patterns))


def markers_of(contracts: Iterable[ExtractContract]) -> re.Pattern[str]:
    """Which file names, in lower case, only say that an extract is complete."""
    patterns = {
        ".+".join(map(re.escape, it.done.casefold().split("{file}")))
        for it in contracts
        if it.done
    }
    return re.compile("|".join(patterns) or "(?!)")


def _stem(file: str) -> str:
    for suffix in _SUFFIXES:
        if file.lower().endswith(suffix):
            return file[: -len(suffix)]
    return file


def shown(root: Path, path: Path) -> str:
    """A path as people see it: from the drop folder on."""
    return printable(path.relative_to(root).as_posix())
