"""Who came, went and stayed in each department, day by day.

Belongs here: patient_flow_daily. Beds: occupancy.py.
"""

from collections import Counter, defaultdict
from datetime import date, time
from itertools import pairwise
from typing import Any

from tests.acceptance.brute_force.clocks import shown
from tests.acceptance.brute_force.extract import Extract, Row, Rows
from tests.acceptance.brute_force.naming import SOURCE, Names, Place
from tests.acceptance.brute_force.occupancy import Register, by_cell
from tests.acceptance.brute_force.parts import Part, Parts

NOON = time(12)
FLOWS = (
    "admissions",
    "discharges",
    "transfers_in",
    "transfers_out",
    "deaths",
    "discharges_before_noon",
)


def patient_flow_daily(
    extract: Extract,
    names: Names,
    days: list[date],
    stays: Rows,
    parts: Parts,
) -> list[dict[str, Any]]:
    """One row per day, branch and department with patients or registered beds."""
    counts: dict[tuple[date, Place], Counter[str]] = defaultdict(Counter)
    for stay in stays:
        if stay.is_measurable:
            _move(counts, stay, parts[stay.admission_id])
    places = {cell.place for cell in by_cell(parts, Register(extract))}
    rows = []
    for day in days:
        for place in places:
            count = counts[day, place]
            moved = {name: count[name] for name in FLOWS}
            net = count["admissions"] - count["discharges"]
            net += count["transfers_in"] - count["transfers_out"]
            rows.append(
                {"source_system": SOURCE, "date_day": day, **names.place(place)}
                | moved
                | {"net_flow": net, "census_midnight": count["census_midnight"]}
            )
    return rows


def _move(
    counts: dict[tuple[date, Place], Counter[str]],
    stay: Row,
    parts: list[Part],
) -> None:
    """Follow one patient through the house."""
    first, last = parts[0].cell.place, parts[-1].cell.place
    counts[stay.admitted_at.date(), first]["admissions"] += 1
    for before, after in pairwise(parts):
        if before.cell.place != after.cell.place:
            day = shown(after.begin, after.zone).date()
            counts[day, before.cell.place]["transfers_out"] += 1
            counts[day, after.cell.place]["transfers_in"] += 1
    for part in parts:
        for night in part.nights():
            counts[night, part.cell.place]["census_midnight"] += 1
    if not stay.is_open:
        left = counts[stay.discharged_at.date(), last]
        left["discharges"] += 1
        left["deaths"] += stay.is_death
        left["discharges_before_noon"] += stay.discharged_at.time() < NOON
