"""Where a patient lay from admission to discharge, without overlap and without gap.

Belongs here: bed stays against their admission. How many beds were occupied:
occupancy.py.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

from tests.acceptance.brute_force.clocks import DAY, Clocks, shown, true_time
from tests.acceptance.brute_force.extract import Extract, Row, Rows
from tests.acceptance.brute_force.naming import (
    SOURCE,
    Names,
    Place,
    first_known,
    grouped,
    key_of,
    rounded,
)
from tests.acceptance.brute_force.places import Departments, joined

SECOND = timedelta(seconds=1)
Parts = dict[str, list["Part"]]
"""The parts of each measurable stay, by admission id."""


@dataclass(frozen=True)
class Cell:
    """Branch, department, ward and bed type: what occupancy is counted by."""

    place: Place
    ward_id: str | None
    bed_type: str | None


@dataclass(frozen=True)
class Part:
    """An unbroken part [begin, end) of a stay in one cell, in true time.

    `is_open`: still there at as_of, which is then its end.
    """

    cell: Cell
    begin: datetime
    end: datetime
    zone: str
    is_open: bool
    bed_stay_id: str | None = None
    bed_id: str | None = None

    def nights(self) -> Iterator[date]:
        """Nights begun there: the local day of arrival to the one before departure."""
        day, last = shown(self.begin, self.zone).date(), shown(self.end, self.zone)
        while day < last.date() or (self.is_open and day == last.date()):
            yield day
            day += DAY

    def is_there_at(self, moment: datetime) -> bool:
        """Half-open: who leaves is there no more; nobody has left at as_of."""
        return self.begin <= moment and (moment < self.end or self.is_open)

    def seconds_between(self, begin: datetime, end: datetime) -> int:
        """Exact overlap with [begin, end)."""
        return max((min(self.end, end) - max(self.begin, begin)) // SECOND, 0)


class House:
    """The wards and beds of the register."""

    def __init__(self, extract: Extract) -> None:
        self._departments = Departments(extract)
        self._wards = {ward.ward_id: ward for ward in extract.wards}
        self._beds = {bed.bed_id: bed for bed in extract.beds}

    def place(self, bed_stay: Row, stay: Row | None) -> Place:
        """Where the ward stands, else the place of the stay."""
        ward = self._wards.get(bed_stay.ward_id)
        return joined(
            self._departments.place_of(ward), self._departments.place_of(stay)
        )

    def cell(self, bed_stay: Row, stay: Row) -> Cell:
        """Its place and ward, with the bed's type, else the stay's."""
        bed = self._beds.get(bed_stay.bed_id)
        bed_type = first_known(bed and bed.bed_type, stay.bed_type)
        return Cell(self.place(bed_stay, stay), bed_stay.ward_id, bed_type)

    def bed(self, bed_stay: Row) -> str | None:
        """The bed, if the register has it."""
        return bed_stay.bed_id if bed_stay.bed_id in self._beds else None

    def cell_of_bed(self, bed: Row) -> Cell:
        """Where a bed of the register counts as available."""
        ward = self._wards.get(bed.ward_id)
        place = (ward.branch_id, ward.department_id) if ward else (None, None)
        return Cell(place, bed.ward_id, bed.bed_type)


def read_parts(extract: Extract, clocks: Clocks, stays: Rows) -> Parts:
    """The parts of each measurable stay, by admission id."""
    house = House(extract)
    recorded = grouped(extract.bed_stays, lambda it: it.admission_id)
    return {
        stay.admission_id: split(
            stay, recorded.get(stay.admission_id, []), house, clocks
        )
        for stay in stays
        if stay.is_measurable
    }


def within(
    stay: Row, recorded: Rows, house: House, clocks: Clocks
) -> list[tuple[datetime, datetime, Row]]:
    """What of each recorded bed stay lies within its stay, in order; none may.

    One in a branch with another time zone than the admission's counts nowhere.
    """
    spans = []
    for it in sorted(recorded, key=lambda it: (it.started_at, it.bed_stay_id)):
        if clocks.zone(house.place(it, stay)[0]) == stay.zone:
            begin = max(true_time(it.started_at, stay.zone), stay.begin)
            end = stay.until
            if it.ended_at is not None:
                end = min(true_time(it.ended_at, stay.zone), end)
            if begin < end:
                spans.append((begin, end, it))
    return sorted(spans, key=lambda span: span[0])


def split(stay: Row, recorded: Rows, house: House, clocks: Clocks) -> list[Part]:
    """Cover the stay without overlap or gap.

    A recorded bed stay counts within the stay, and ends where the next one begins. Time
    without one keeps the department and bed type before it, at first the stay's own;
    its ward is unknown.
    """
    spans = within(stay, recorded, house, clocks)
    nexts = [begin for begin, _, _ in spans[1:]] + [stay.until]
    parts: list[Part] = []
    reached = stay.begin
    before = Cell((stay.branch_id, stay.department_id), None, stay.bed_type)

    def add(cell: Cell, end: datetime, of: Row | None = None) -> None:
        is_open = stay.is_open and end == stay.until
        ids = (of.bed_stay_id, house.bed(of)) if of else (None, None)
        parts.append(Part(cell, reached, end, stay.zone, is_open, *ids))

    for (begin, end, it), next_begin in zip(spans, nexts, strict=False):
        if reached < begin:
            add(replace(before, ward_id=None), begin)
            reached = begin
        until = min(end, next_begin)
        if reached < until:
            before = house.cell(it, stay)
            add(before, until, it)
            reached = until
    if reached < stay.until or not parts:
        add(replace(before, ward_id=None), stay.until)
    return parts


def fct_bed_stays(names: Names, parts: Parts) -> list[dict[str, Any]]:
    """One row per part; a gap has a key that only the warehouse knows: left out."""
    return [
        {
            "admission_key": names.pseudonym("admission", admission_id),
            **cell_columns(names, part.cell),
            "bed_key": key_of(part.bed_id),
            "started_at": shown(part.begin, part.zone),
            "ended_at": None if part.is_open else shown(part.end, part.zone),
            "is_open": part.is_open,
            "is_recorded": part.bed_stay_id is not None,
            "stay_hours": rounded(Fraction((part.end - part.begin) // SECOND, 3600)),
            "nights": sum(1 for _ in part.nights()),
            "bed_stay_key": names.pseudonym("bed_stay", part.bed_stay_id),
        }
        for admission_id, of_stay in parts.items()
        for part in of_stay
    ]


def cell_columns(names: Names, cell: Cell) -> dict[str, Any]:
    """The columns that name a cell."""
    return {
        "source_system": SOURCE,
        **names.place(cell.place),
        **names.ward(cell.ward_id),
        "bed_type": cell.bed_type,
    }
