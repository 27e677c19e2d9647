"""How many beds stood and were occupied: each midnight, each hour, at the day's peak.

Belongs here: bed cells over time. Whose stay it was: parts.py.
"""

from collections import Counter
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from tests.acceptance.brute_force.clocks import DAY, Clocks, day_of, hours_of
from tests.acceptance.brute_force.extract import Extract, Row, Rows
from tests.acceptance.brute_force.naming import Names, grouped, percent, rounded
from tests.acceptance.brute_force.parts import (
    SECOND,
    Cell,
    House,
    Part,
    Parts,
    cell_columns,
)


def days_of(extract: Extract, stays: Rows) -> list[date]:
    """Every day from the source's first stay to as_of."""
    first = min(stay.admitted_at.date() for stay in stays if stay.is_measurable)
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


def by_cell(parts: Parts, register: Register) -> dict[Cell, list[Part]]:
    """Every cell in which somebody lay or a bed is registered."""
    lain = grouped((it for of in parts.values() for it in of), lambda it: it.cell)
    return {cell: lain.get(cell, []) for cell in lain.keys() | register.cells}


def bed_occupancy_daily(
    extract: Extract,
    names: Names,
    clocks: Clocks,
    days: list[date],
    parts: Parts,
) -> list[dict[str, Any]]:
    """One row per night and cell, dense (KH03)."""
    register = Register(extract)
    rows = []
    for cell, lain in by_cell(parts, register).items():
        census = Counter(night for it in lain for night in it.nights())
        zone = clocks.zone(cell.place[0])
        for day in days:
            begin, end = day_of(day, zone)
            today = [it for it in lain if it.begin < end and it.end >= begin]
            seconds = sum(it.seconds_between(begin, end) for it in today)
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
    extract: Extract,
    names: Names,
    clocks: Clocks,
    days: list[date],
    parts: Parts,
) -> list[dict[str, Any]]:
    """One row per cell and hour that its clock shows, dense: each hour is visited."""
    register = Register(extract)
    rows = []
    for cell, lain in by_cell(parts, register).items():
        columns = cell_columns(names, cell)
        zone = clocks.zone(cell.place[0])
        for day in days:
            begin, end = day_of(day, zone)
            today = [it for it in lain if it.begin < end and it.end >= begin]
            available = register.available(cell, day)
            for hour, (starts, ends) in hours_of(day, zone, extract.as_of).items():
                seconds = sum(it.seconds_between(starts, ends) for it in today)
                rows.append(
                    columns
                    | {
                        "hour_starts_at": hour,
                        "elapsed_hours": rounded(
                            Fraction((ends - starts) // SECOND, 3600)
                        ),
                        "occupied_beds": sum(it.is_there_at(starts) for it in today),
                        "occupied_bed_hours": rounded(Fraction(seconds, 3600)),
                        "available_beds": available,
                    }
                )
    return rows
