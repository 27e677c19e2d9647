"""What a refresh takes in: the folder to read, and the nights that have to wait.

Belongs here: looking twice, and bringing the inbox up to date. A drop folder of this
machine is read where it lies, and looked at twice only if something is young.
"""

import time
from collections.abc import Sequence
from math import ceil
from pathlib import Path

from expectations.words import counted
from orchestration.errors import WardlineError
from orchestration.extracts.arrivals import ArrivedSet, Received, as_copied, waits_for
from orchestration.extracts.contract import ExtractContract
from orchestration.inbox import mirror
from orchestration.inbox.listing import Listed, LocalStorage, list_sets, systems_in
from orchestration.inbox.storage import (
    ChangedError,
    Storage,
    VanishedError,
    connected,
    patiently,
)
from orchestration.progress import say
from orchestration.settings import Settings

_SECOND = 10**9


def remote_systems(settings: Settings) -> list[str]:
    """The folders of a drop folder elsewhere, each named like a source system.

    Raises:
        StorageError: it cannot be reached, or is not there.
    """
    with connected(settings) as storage:
        return patiently(lambda: systems_in(storage))


def receive(
    settings: Settings,
    contracts: Sequence[ExtractContract],
    folder: Path | None = None,
    *,
    pauses: bool = True,
) -> Received:
    """Bring one source system's extracts here, those nights that have come whole.

    At the source nothing is changed. What waits is no fault; the next run sees to it.

    Args:
        settings: which drop folder, and how long nothing of it may have changed.
        contracts: all of one source system's.
        folder: a drop folder of this machine other than the settings'.
        pauses: False: for who looks again anyway, a night of this machine that was
            changed just now waits at once.

    Raises:
        StorageError: the drop folder elsewhere cannot be reached or read.
    """
    quiet = settings.quiet_seconds
    if folder is None and settings.remote_extracts:
        with connected(settings) as storage:
            waiting = _mirror(storage, settings.drop_folder, contracts, quiet)
        return Received(settings.drop_folder, waiting)
    local = folder or settings.drop_folder
    if not quiet and not any(it.done for it in contracts):
        return Received(local)
    try:
        return Received(local, _look_here(local, contracts, quiet, pauses))
    except OSError:  # whoever reads the folder has the words for it
        return Received(local)


def _mirror(
    storage: Storage, inbox: Path, contracts: Sequence[ExtractContract], quiet: int
) -> dict[str, str]:
    """Bring the inbox up to date; returns why a set has to wait, by its place."""
    if not patiently(lambda: systems_in(storage)):
        # As of a share that is not mounted: no reason to clear the inbox.
        raise WardlineError(
            f"{storage.shown} is empty; expected <source_system>/<YYYY-MM-DD>/"
            "<table>.csv in it."
        )
    inbox.mkdir(parents=True, exist_ok=True, mode=0o700)
    copies = list_sets(LocalStorage(inbox), contracts[0].source_system)
    arrived, waiting = _look(storage, contracts, quiet, copies)
    found, gone = mirror.changes([as_copied(it, contracts) for it in arrived], copies)
    for change in found:
        place = change.arrived.place
        if place in waiting:
            continue
        try:
            mirror.apply(inbox, storage, change, contracts)
        except ChangedError:
            waiting[place] = f"{place} waits for the next run: it is being changed."
        except VanishedError as vanished:
            raise WardlineError(
                f"{vanished} It was when it was listed, so nothing of {place} was "
                "taken; refresh again once the source is at rest."
            ) from None
    for copied in gone:
        mirror.remove(inbox, copied)
    differing = {it.arrived.place for it in found}
    return {place: reason for place, reason in waiting.items() if place in differing}


def _look_here(
    folder: Path, contracts: Sequence[ExtractContract], quiet: int, pauses: bool
) -> dict[str, str]:
    """Say which sets of a folder of this machine have to wait.

    Its clock is known, so only what is young is looked at again, once it would be old.
    """
    storage, system = LocalStorage(folder), contracts[0].source_system
    asked_ns = time.time_ns()
    before = now = list_sets(storage, system)
    # What is far ahead comes from another clock, which tells nothing of its age.
    young = [it for it in now if abs(it.touched_ns - asked_ns) < quiet * _SECOND]
    if not pauses:
        before = [it for it in before if it not in young]
    elif resting := [it for it in young if _needs_rest(it, contracts)]:
        left = quiet + (max(it.touched_ns for it in resting) - asked_ns) / _SECOND
        _rest(system, min(left, quiet))
        now = list_sets(storage, system)
    return _waiting(before, now, contracts)


def _look(
    storage: Listed,
    contracts: Sequence[ExtractContract],
    quiet: int,
    copies: Sequence[ArrivedSet],
) -> tuple[list[ArrivedSet], dict[str, str]]:
    """List a system's sets, twice where something is new, and say which have to wait.

    Args:
        storage: where they are; nobody knows its clock.
        contracts: of the system.
        quiet: how many seconds lie between two listings that must show the same.
        copies: what was taken before.
    """
    system = contracts[0].source_system
    before = now = patiently(lambda: list_sets(storage, system))
    new = [it for it in now if as_copied(it, contracts) not in copies]
    if quiet and any(_needs_rest(it, contracts) for it in new):
        _rest(system, quiet)
        now = patiently(lambda: list_sets(storage, system))
    return now, _waiting(before, now, contracts)


def _rest(system: str, seconds: float) -> None:
    shown = counted(ceil(seconds), "second")
    say(f"Waiting {shown} to see whether {system}'s files still change")
    time.sleep(seconds)


def _waiting(
    before: Sequence[ArrivedSet],
    now: Sequence[ArrivedSet],
    contracts: Sequence[ExtractContract],
) -> dict[str, str]:
    """Why a set has to wait, by its place."""
    known = {it.place: it for it in before}
    reasons = {
        it.place: waits_for(it, contracts, is_still=known.get(it.place) == it)
        for it in now
    }
    return {place: reason for place, reason in reasons.items() if reason}


def _needs_rest(arrived: ArrivedSet, contracts: Sequence[ExtractContract]) -> bool:
    """Whether it is all that a set lacks, that nothing of it changes for a while."""
    return bool(waits_for(arrived, contracts, is_still=False)) and not waits_for(
        arrived, contracts, is_still=True
    )
