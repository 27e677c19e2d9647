"""Whether a night's extracts have come whole, by what a listing of their folder shows.

Pure functions of listings, for whoever takes nights in and whoever watches for them.
Nothing here lists or opens a folder; what is wrong with a complete night is files.py's.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from orchestration.extracts.claims import claims_of, markers_of
from orchestration.extracts.contract import ExtractContract
from orchestration.extracts.errors import printable

_SECOND = 10**9

SET_COMPLETE = "set_complete"
"""The expectation that a night has come whole; one that has not waits."""
Kind = Literal["file", "other", "outside"]
"""`outside` is a link that leads out of the drop folder, `other` a pipe or a folder."""


@dataclass(frozen=True, order=True)
class Arrival:
    """One name in a folder of extracts; size and time are 0 for all that is no file.

    The time is the source's own. Where a storage also knows versions, its nanoseconds
    differ from version to version.
    """

    name: str
    size_bytes: int = 0
    modified_ns: int = 0
    kind: Kind = "file"
    touched_ns: int = field(default=0, compare=False)
    """When anything of a file of this machine was changed, its name included."""


@dataclass(frozen=True)
class ArrivedSet:
    """What lies there for one moment of one source system: a dated folder, or flat.

    `place` is the folder's path in the drop folder: `his/2026-03-31`, or `his` for flat
    files. `arrivals` are in the order of their names.
    """

    place: str
    arrivals: tuple[Arrival, ...] = ()
    kind: Literal["folder", "outside"] = "folder"

    @property
    def touched_ns(self) -> int:
        """When anything of its files was changed last; 0 where nobody tells."""
        return max((it.touched_ns for it in self.arrivals), default=0)


@dataclass(frozen=True)
class Received:
    """A drop folder of this machine, ready to be read."""

    folder: Path
    waiting: Mapping[str, str] = field(default_factory=dict)
    """Why a set is not to be read yet, in a sentence, by its place in the folder."""


def waits_for(
    arrived: ArrivedSet, contracts: Sequence[ExtractContract], *, is_still: bool
) -> str | None:
    """Why a set must not be taken in yet, in a sentence; None: it has come whole.

    With `done` in its contract a table is complete once its marker is there and no
    older than the file. Tables without it are complete if nothing of the whole set
    changed for a while. One table that is not complete lets the set wait: what is still
    to come is not missing.

    Args:
        arrived: the set as it is listed now.
        contracts: all of its source system.
        is_still: whether a listing of long enough ago showed the same, files included
            that nobody reads: one of them may be an upload under another name.
    """
    if arrived.kind == "outside":
        return None
    markers = markers_of(contracts)
    if not [it for it in arrived.arrivals if not markers.fullmatch(it.name.casefold())]:
        reason: str | None = "it is empty"
    else:
        reason = next(filter(None, (_unmarked(arrived, it) for it in contracts)), None)
    if reason is None and not is_still and not all(it.done for it in contracts):
        reason = "its files were changed just now"
    if reason is None:
        return None
    return f"{printable(arrived.place)} waits for the next run: {reason}."


def lacks(arrived: ArrivedSet, contracts: Sequence[ExtractContract]) -> list[str]:
    """The tables that have no file in a set, of those that must have one."""
    names = [it.name.casefold() for it in arrived.arrivals if it.kind == "file"]
    return [
        contract.table
        for contract in contracts
        if not contract.is_optional
        and not any(map(claims_of(contract).fullmatch, names))
    ]


def as_copied(arrived: ArrivedSet, contracts: Sequence[ExtractContract]) -> ArrivedSet:
    """The set as a copy shows it: markers left out, and what nobody reads empty."""
    claims = [claims_of(contract) for contract in contracts]
    markers = markers_of(contracts)
    return replace(
        arrived,
        arrivals=tuple(
            it
            if any(claim.fullmatch(it.name.casefold()) for claim in claims)
            else Arrival(it.name)
            for it in arrived.arrivals
            if it.name[0] != "." and not markers.fullmatch(it.name.casefold())
        ),
    )


def _unmarked(arrived: ArrivedSet, contract: ExtractContract) -> str | None:
    """Why a table with markers is not complete, as the end of a sentence."""
    if contract.done is None:
        return None
    names = {it.name.casefold(): it for it in arrived.arrivals}
    markers = markers_of([contract])
    claims = claims_of(contract)
    files = [
        it
        for name, it in names.items()
        if claims.fullmatch(name) and not markers.fullmatch(name)
    ]
    if "{file}" not in contract.done:
        return _faults(names.get(contract.done.casefold()), contract.done, files)
    if not files and not contract.is_optional:
        return f"{contract.file} has not come yet"
    each = ((it, contract.done.replace("{file}", it.name)) for it in files)
    reasons = (_faults(names.get(done.casefold()), done, [it]) for it, done in each)
    return next(filter(None, reasons), None)


def _faults(marker: Arrival | None, name: str, files: Iterable[Arrival]) -> str | None:
    if marker is None:
        return f"{printable(name)} is not there yet"
    for file in files:
        # By the second: no source tells more of every file's time.
        if marker.modified_ns // _SECOND < file.modified_ns // _SECOND:
            return f"{printable(file.name)} is younger than {printable(name)}"
    return None
