"""What lies in a drop folder, wherever it is: one system's nights, name by name.

Belongs here: walking two levels deep, and which names are taken for names. How a folder
is listed is the storage's; whether a night is complete is extracts/arrivals.py's.
"""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from orchestration.errors import WardlineError
from orchestration.extracts.arrivals import Arrival, ArrivedSet
from orchestration.extracts.claims import is_inside
from orchestration.extracts.files import day_named

# A night has about twenty files; ten years of nights are 3,650 folders.
MOST_NAMES = 200_000
_LONGEST_NAME = 255  # bytes, of Linux's file systems

EntryKind = Literal["file", "folder", "other", "outside"]


@dataclass(frozen=True)
class Entry:
    """One name in one folder."""

    name: str
    kind: EntryKind
    size_bytes: int = 0
    modified_ns: int = 0
    touched_ns: int = 0
    """When anything of it was changed, its name included; 0 where nobody tells."""


class Listed(Protocol):
    """Where a drop folder is. Paths are relative to it, with slashes."""

    shown: str
    """The drop folder as people see it."""

    def entries(self, path: str) -> Sequence[Entry]:
        """All that is in one folder; nothing if the folder is not there.

        Raises:
            StorageError: it cannot be listed; says why.
        """
        ...


class LocalStorage:
    """A folder of this machine."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.shown = str(root)

    def entries(self, path: str) -> list[Entry]:
        """All that is in one folder; nothing if it is not there."""
        folder = self.root / path
        if not folder.is_dir():
            return []
        with os.scandir(folder) as found:
            return [self._entry(it) for it in found]

    def _entry(self, found: os.DirEntry[str]) -> Entry:
        # Only a link leads elsewhere; to resolve every name takes minutes of ten years.
        it = Path(found.path) if found.is_symlink() else found
        if isinstance(it, Path) and not is_inside(self.root, it):
            return Entry(it.name, "outside")
        if it.is_dir():
            return Entry(it.name, "folder")
        if not it.is_file():
            return Entry(it.name, "other")
        try:
            facts = it.stat()
        except FileNotFoundError:  # it got another name, or went, just now
            return Entry(it.name, "other", touched_ns=time.time_ns())
        # A copy that keeps the time of its original is as young as its ctime.
        return Entry(
            it.name, "file", facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns
        )


def systems_in(storage: Listed) -> list[str]:
    """The folders of the drop folder, whatever they are named."""
    found = [it for it in storage.entries("") if _is_name(it.name)]
    return sorted(it.name for it in found if it.kind != "file" and it.name[0] != ".")


def list_sets(storage: Listed, system: str) -> list[ArrivedSet]:
    """One system's sets: its dated folders, and its flat files if there are any.

    Names that no folder of this machine could hold are passed over, and so is all that
    lies deeper.

    Raises:
        StorageError: the drop folder cannot be listed.
        WardlineError: it is elsewhere, and holds more names than any drop folder would.
    """
    own = next((it for it in storage.entries("") if it.name == system), None)
    if own is None or own.kind not in ("folder", "outside"):
        return []
    if own.kind == "outside":
        return [ArrivedSet(system, kind="outside")]
    here = storage.entries(system)
    nights = sorted((it for it in here if _is_night(it)), key=lambda it: it.name)
    sets, names = [], len(here)
    for night in nights:
        place = f"{system}/{night.name}"
        if night.kind == "outside":
            sets.append(ArrivedSet(place, kind="outside"))
            continue
        sets.append(list_one(storage, place))
        names += len(sets[-1].arrivals)
        if names > MOST_NAMES and not isinstance(storage, LocalStorage):
            raise WardlineError(
                f"{storage.shown}/{system} holds more than {MOST_NAMES:,} names; "
                "expected a drop folder. Remove the nights that are loaded."
            )
    if flat := _arrivals(here):
        sets.append(ArrivedSet(system, flat))
    return sets


def list_one(storage: Listed, place: str) -> ArrivedSet:
    """One of those sets; without anything in it if it is not there.

    Raises:
        StorageError: it cannot be listed.
    """
    return ArrivedSet(
        place, _arrivals(storage.entries(place), is_flat="/" not in place)
    )


def _is_night(entry: Entry) -> bool:
    return entry.kind in ("folder", "outside") and day_named(entry.name) is not None


def _arrivals(entries: Sequence[Entry], is_flat: bool = True) -> tuple[Arrival, ...]:
    return tuple(
        sorted(
            Arrival(it.name, it.size_bytes, it.modified_ns, touched_ns=it.touched_ns)
            if it.kind == "file"
            else Arrival(
                it.name,
                kind="outside" if it.kind == "outside" else "other",
                touched_ns=it.touched_ns,
            )
            for it in entries
            if _is_name(it.name) and not (is_flat and _is_night(it))
        )
    )


def _is_name(name: str) -> bool:
    """Whether a name from elsewhere may become one here, and leads nowhere else."""
    return (
        name not in ("", ".", "..")
        and not {"/", "\0"} & set(name)
        and len(name.encode(errors="surrogatepass")) <= _LONGEST_NAME
    )
