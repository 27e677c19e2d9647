"""Who lay where and when: midnight, hour by hour, and moment by moment.

Belongs here: bed stays, occupancy and flow, counted by loops over nights and hours.
The lengths of whole stays: stays.py.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from typing import Any

from tests.acceptance.brute_force.extract import Extract, Row, Rows
from tests.acceptance.brute_force.naming import (
    SOURCE,
    Names,
    Place,
    first_known,
    grouped,
    percent,
    rounded,
)

DAY, HOUR, SECOND = timedelta(days=1), timedelta(hours=1), timedelta(seconds=1)
NOON = time(12)


@dataclass(frozen=True)
class Cell:
    """Branch, department, ward and bed type: what occupancy is counted by."""

    place: Place
    ward_id: str | None
    bed_type: str | None


@dataclass(frozen=True)
class Part:
    """An unbroken part [begin, end) of a stay in one cell; `is_open`: still there."""

    cell: Cell
    begin: datetime
    end: datetime
    is_open: bool

    def nights(self, as_of: date) -> Iterator[date]:
        """Nights begun there: the day of arrival to the day before departure."""
        day = self.begin.date()
        last = as_of if self.is_open else self.end.date() - DAY
        while day <= last:
            yield day
            day += DAY

    def is_there_at(self, moment: datetime) -> bool:
        """Half-open; at as_of itself an open one is still there."""
        return self.begin <= moment and (self.is_open or moment < self.end)

    def seconds_between(self, begin: datetime, end: datetime) -> int:
        """Exact overlap with [begin, end)."""
        return max((min(self.end, end) - max(self.begin, begin)) // SECOND, 0)


class House:
    """The wards and beds of the register."""

    def __init__(self, extract: Extract) -> None:
        self._wards = {ward.ward_id: ward for ward in extract.wards}
        self._beds = {bed.bed_id: bed for bed in extract.beds}

    def cell(self, bed_stay: Row, stay: Row) -> Cell:
        """The place of its ward, else of the stay; the bed's type, else the stay's."""
        ward = self._wards.get(bed_stay.ward_id)
        bed = self._beds.get(bed_stay.bed_id)
        return Cell(
            (
                first_known(ward and ward.branch_id, stay.branch_id),
                first_known(ward and ward.department_id, stay.department_id),
            ),
            bed_stay.ward_id,
            first_known(bed and bed.bed_type, stay.bed_type),
        )

    def cell_of_bed(self, bed: Row) -> Cell:
        """Where a bed of the register counts as available."""
        ward = self._wards.get(bed.ward_id)
        place = (ward.branch_id, ward.department_id) if ward else (None, None)
        return Cell(place, bed.ward_id, bed.bed_type)


def read_parts(extract: Extract, stays: Rows) -> dict[str, list[Part]]:
    """The parts of each measurable stay, by admission id."""
    house = House(extract)
    recorded = grouped(extract.bed_stays, lambda it: it.admission_id)
    return {
        stay.admission_id: split(stay, recorded.get(stay.admission_id, []), house)
        for stay in stays
        if stay.is_measurable
    }


def split(stay: Row, recorded: Rows, house: House) -> list[Part]:
    """Cover the stay without overlap or gap.

    A recorded bed stay counts within the stay, and ends where the next one begins. Time
    without one stays in the department before it, at first the stay's own, ward
    unknown.
    """
    unknown = Cell((stay.branch_id, stay.department_id), None, stay.bed_type)
    within = sorted(
        (
            (max(it.started_at, stay.admitted_at), it.started_at, it.bed_stay_id, it)
            for it in recorded
            if it.ended_at is None or it.ended_at >= it.started_at
        ),
    )
    spans = []
    for turn, (begin, _, _, it) in enumerate(within):
        end = min(it.ended_at or stay.until, stay.until)
        if turn + 1 < len(within):
            end = min(end, within[turn + 1][0])
        if begin < end:
            spans.append((begin, end, house.cell(it, stay)))
    parts, reached, cell = [], stay.admitted_at, unknown
    for begin, end, own in spans:
        if reached < begin:
            parts.append(_gap(cell, stay, reached, begin))
        parts.append(Part(own, begin, end, stay.is_open and end == stay.until))
        reached, cell = end, own
    if reached < stay.until or not parts:
        parts.append(_gap(cell, stay, reached, stay.until))
    return parts


def _gap(before: Cell, stay: Row, begin: datetime, end: datetime) -> Part:
    cell = Cell(before.place, None, stay.bed_type)
    return Part(cell, begin, end, stay.is_open and end == stay.until)


def days_of(extract: Extract, parts: dict[str, list[Part]]) -> list[date]:
    """Every day from the source's first stay to as_of."""
    first = min(part[0].begin for part in parts.values()).date()
    return [
        first + DAY * number for number in range((extract.as_of_day - first).days + 1)
    ]


class Register:
    """How many beds of each cell stand, and are staffed, on a day."""

    def __init__(self, extract: Extract) -> None:
        house = House(extract)
        self._beds = grouped(extract.beds, house.cell_of_bed)

    @property
    def cells(self) -> set[Cell]:
        """The cells with a bed in the register."""
        return set(self._beds)

    def physical(self, cell: Cell, day: date) -> list[Row]:
        """Beds opened on or before the day and not closed."""
        return [
            bed
            for bed in self._beds.get(cell, [])
            if (bed.opened_on is None or bed.opened_on <= day)
            and (bed.closed_on is None or bed.closed_on > day)
        ]

    def available(self, cell: Cell, day: date) -> int:
        """Of these, the staffed ones; one of which nothing is said is staffed."""
        return sum(bed.is_staffed is not False for bed in self.physical(cell, day))


def cell_columns(names: Names, cell: Cell) -> dict[str, Any]:
    """The columns that name a cell."""
    return {
        "source_system": SOURCE,
        **names.place(cell.place),
        **names.ward(cell.ward_id),
        "bed_type": cell.bed_type,
    }


def by_cell(
    parts: dict[str, list[Part]], register: Register
) -> dict[Cell, list[Part]]:
    """Every cell in which somebody lay or a bed is registered."""
    lain = grouped((it for of in parts.values() for it in of), lambda it: it.cell)
    return {cell: lain.get(cell, []) for cell in lain.keys() | register.cells}


def bed_occupancy_daily(
    extract: Extract, names: Names, parts: dict[str, list[Part]]
) -> list[dict[str, Any]]:
    """One row per night and cell, dense (KH03)."""
    register, days = Register(extract), days_of(extract, parts)
    rows = []
    for cell, lain in by_cell(parts, register).items():
        census = Counter(night for it in lain for night in it.nights(extract.as_of_day))
        for day in days:
            begin = datetime.combine(day, time())
            today = [it for it in lain if it.begin < begin + DAY and it.end >= begin]
            seconds = sum(it.seconds_between(begin, begin + DAY) for it in today)
            available = register.available(cell, day)
            rows.append(
                cell_columns(names, cell)
                | {
                    "date_day": day,
                    "occupied_beds_midnight": census[day],
                    "available_beds": available,
                    "physical_beds": len(register.physical(cell, day)),
                    "occupancy_pct": percent(census[day], available),
                    "occupied_bed_hours": rounded(Fraction(seconds, 3600)),
                    "peak_occupied_beds": peak(today, begin),
                }
            )
    return rows


def peak(parts: list[Part], begin: datetime) -> int:
    """Highest simultaneous occupation: it can only rise at midnight or an arrival."""
    moments = {begin} | {it.begin for it in parts if it.begin >= begin}
    return max(sum(it.is_there_at(moment) for it in parts) for moment in moments)


def bed_occupancy_hourly(
    extract: Extract, names: Names, parts: dict[str, list[Part]]
) -> list[dict[str, Any]]:
    """One row per hour and cell, dense: every stay-hour is visited."""
    register, days = Register(extract), days_of(extract, parts)
    rows = []
    for cell, lain in by_cell(parts, register).items():
        columns = cell_columns(names, cell)
        there: dict[datetime, int] = defaultdict(int)
        seconds: dict[datetime, int] = defaultdict(int)
        for part in lain:
            hour = part.begin.replace(minute=0, second=0)
            while hour <= part.end:
                there[hour] += part.is_there_at(hour)
                seconds[hour] += part.seconds_between(hour, hour + HOUR)
                hour += HOUR
        for day in days:
            available = register.available(cell, day)
            for number in range(24):
                hour = datetime.combine(day, time(number))
                rows.append(
                    columns
                    | {
                        "hour_starts_at": hour,
                        "occupied_beds": there[hour],
                        "occupied_bed_hours": rounded(Fraction(seconds[hour], 3600)),
                        "available_beds": available,
                    }
                )
    return rows


def patient_flow_daily(
    extract: Extract, names: Names, stays: Rows, parts: dict[str, list[Part]]
) -> list[dict[str, Any]]:
    """One row per day, branch and department in which patients lay."""
    counts: dict[tuple[date, Place], Counter[str]] = defaultdict(Counter)
    for stay in stays:
        if stay.is_measurable:
            _move(counts, stay, parts[stay.admission_id], extract.as_of_day)
    places = {it.cell.place for of in parts.values() for it in of}
    rows = []
    for day in days_of(extract, parts):
        for place in places:
            count = counts[day, place]
            moved = {name: count[name] for name in _FLOWS}
            net = count["admissions"] - count["discharges"]
            net += count["transfers_in"] - count["transfers_out"]
            rows.append(
                {"source_system": SOURCE, "date_day": day, **names.place(place)}
                | moved
                | {"net_flow": net, "census_midnight": count["census_midnight"]}
            )
    return rows


_FLOWS = (
    "admissions",
    "discharges",
    "transfers_in",
    "transfers_out",
    "deaths",
    "discharges_before_noon",
)


def _move(
    counts: dict[tuple[date, Place], Counter[str]],
    stay: Row,
    parts: list[Part],
    as_of: date,
) -> None:
    """Follow one patient through the house."""
    first, last = parts[0].cell.place, parts[-1].cell.place
    counts[stay.admitted_at.date(), first]["admissions"] += 1
    for before, after in zip(parts, parts[1:], strict=False):
        if before.cell.place != after.cell.place:
            day = after.begin.date()
            counts[day, before.cell.place]["transfers_out"] += 1
            counts[day, after.cell.place]["transfers_in"] += 1
    for part in parts:
        for night in part.nights(as_of):
            counts[night, part.cell.place]["census_midnight"] += 1
    if not stay.is_open:
        left = counts[stay.discharged_at.date(), last]
        left["discharges"] += 1
        left["deaths"] += stay.is_death
        left["discharges_before_noon"] += stay.discharged_at.time() < NOON
