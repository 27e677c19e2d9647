"""The inbox: a copy of a drop folder elsewhere, that is made to agree with it.

Belongs here: what to fetch and what to remove, and doing so without ever showing half
a night. When a night is complete is extracts/arrivals.py's, how long to wait for it
receiving.py's.
"""

import os
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from orchestration.errors import WardlineError
from orchestration.extracts.arrivals import Arrival, ArrivedSet, as_copied
from orchestration.extracts.contract import ExtractContract
from orchestration.extracts.errors import printable
from orchestration.inbox.listing import list_one
from orchestration.inbox.storage import ChangedError, Storage, patiently
from orchestration.progress import say

_UNFINISHED = ".unfinished"  # beside the systems' folders; no system is named so


@dataclass(frozen=True)
class Change:
    """What makes one set's copy agree with its source."""

    arrived: ArrivedSet
    fetched: tuple[Arrival, ...]
    removed: tuple[Arrival, ...]


def changes(
    arrived: Iterable[ArrivedSet], copied: Iterable[ArrivedSet]
) -> tuple[list[Change], list[ArrivedSet]]:
    """What differs between the source, shown as its copy would be, and the copy.

    A set from which files only vanished is left as it is: somebody is clearing it away,
    and the copy goes with the last of them.

    Returns:
        The sets that have something new, and the copies of which nothing is left there.
    """
    by_place = {it.place: it for it in copied}
    found = []
    for there in arrived:
        here = by_place.pop(there.place, None)
        known = here.arrivals if here and here.kind == there.kind else ()
        fetched = tuple(it for it in there.arrivals if it not in known)
        if here is None or here.kind != there.kind or fetched:
            gone = tuple(it for it in known if it not in there.arrivals)
            found.append(Change(there, fetched, gone))
    return found, list(by_place.values())


def apply(
    inbox: Path, storage: Storage, change: Change, contracts: Sequence[ExtractContract]
) -> None:
    """Fetch what is new of one set, and put it in its place once all of it is there.

    Args:
        inbox: the copy's root.
        storage: the source.
        change: what to do, if the source still shows the set so at the end.
        contracts: all of the set's source system.

    Raises:
        ChangedError: the set was changed meanwhile; nothing of it was taken.
        StorageError: it cannot be fetched; nothing of it was taken.
        WardlineError: there is no room for it.
    """
    unfinished = inbox / _UNFINISHED
    shutil.rmtree(unfinished, ignore_errors=True)  # of a run that was killed
    unfinished.mkdir()
    try:
        _require_room(inbox, change)
        _fetch_all(unfinished, storage, change)
        place = change.arrived.place
        if change.arrived.kind == "folder":
            now = as_copied(patiently(lambda: list_one(storage, place)), contracts)
            if now != change.arrived:
                raise ChangedError(f"{printable(place)} changed while it was fetched.")
        _put(inbox, unfinished, change)
    finally:
        shutil.rmtree(unfinished)


def remove(inbox: Path, copied: ArrivedSet) -> None:
    """Remove the copy of a set of which nothing is left at the source."""
    folder = inbox / copied.place
    if folder.is_symlink():
        folder.unlink()
    elif "/" in copied.place:
        shutil.rmtree(folder)
    else:
        for it in copied.arrivals:
            _remove(folder / it.name)


def _put(inbox: Path, unfinished: Path, change: Change) -> None:
    folder = inbox / change.arrived.place
    if change.arrived.kind == "outside":
        _remove(folder)
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.symlink_to(Path(os.devnull).parent)
        return
    if folder.is_symlink():
        folder.unlink()
    folder.mkdir(parents=True, exist_ok=True)
    for it in change.removed:
        _remove(folder / it.name)
    for it in change.fetched:
        (unfinished / it.name).replace(folder / it.name)
    _flush(folder)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _fetch_all(unfinished: Path, storage: Storage, change: Change) -> None:
    for it in change.fetched:
        target = unfinished / it.name
        if it.kind == "outside":
            target.symlink_to(os.devnull)  # refused as the link there would be
        elif it.kind == "other":
            target.mkdir()
        else:
            patiently(partial(_fetch, storage, change.arrived.place, it, target))


def _fetch(storage: Storage, place: str, file: Arrival, target: Path) -> None:
    """Copy one file's bytes, as many as were listed, and give it the source's time."""
    path = f"{place}/{file.name}"
    say(f"Fetching {printable(path)}")
    count = 0
    with target.open("wb") as copy:
        # A file of size 0 has nothing to fetch, and neither has one that nobody reads.
        for block in storage.blocks(path, file.size_bytes) if file.size_bytes else ():
            count += len(block)
            if count > file.size_bytes:
                break
            copy.write(block)
        copy.flush()
        os.fsync(copy.fileno())
    if count != file.size_bytes:
        raise ChangedError(f"{printable(place)} changed while it was fetched.")
    os.utime(target, ns=(file.modified_ns, file.modified_ns))


def _require_room(folder: Path, change: Change) -> None:
    needed = sum(it.size_bytes for it in change.fetched)
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise WardlineError(
            f"{change.arrived.place} has {needed / 1e9:,.1f} GB to fetch, and {folder} "
            f"has room for {free / 1e9:,.1f} GB; make room, and refresh again."
        )


def _flush(folder: Path) -> None:
    """Let a power cut not undo the renames in a folder."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
