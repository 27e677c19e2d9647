"""Nights one after the other: a full extract, then what a hospital sends each night.

Belongs here: which rows a night touches, and what is sent of them. What a hospital
corrects: corrections.py.
"""

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np

from simulator.calendar import DAY, Calendar
from simulator.chance import Chance
from simulator.corrections import Corrected, Corrections
from simulator.dirt import Dirt, Planted, soil
from simulator.layout import LAYOUT, Ints
from simulator.rosters import DAYS_AHEAD
from simulator.simulation import SimulatedExtract, put
from simulator.tables import Table
from simulator.world import World, live, tables

VOID_MARKERS = {
    "admissions": "admission_type",
    "bed_stays": "bed_id",
    "appointments": "status",
    "treatments": "treatment_type",
    "bills": "payer",
    "payments": "status",
    "doctor_shifts": "rostered_hours",
}
"""Where a delta says VOID of a row that was taken back; a snapshot leaves it out."""
VOID = "VOID"
_NONE: Ints = np.zeros(0, dtype=np.int64)
REGISTERS = ("branches", "departments", "wards", "beds", "doctors")
"""The tables that a delta holds as a whole."""
_Tables = dict[str, Table]


@dataclass(frozen=True)
class Nights:
    """How many nights follow the first extract, and what they say.

    `changes` is the share of the rows of each fact table (admissions, appointments,
    treatments, bills, payments, shifts) that the hospital corrects in a night, beside
    what happened on the day. With `deltas` a night holds the rows that are new or have
    changed, and the five registers as a whole; without, all that still holds.
    Raises ValueError unless `number` is at least 1 and `changes` within 0 and 0.5.
    """

    number: int
    changes: float = 0.001
    deltas: bool = True

    def __post_init__(self) -> None:
        if self.number < 1:
            raise ValueError(f"there must be at least one night, not {self.number}")
        if not 0 <= self.changes <= 0.5:
            raise ValueError(f"changes must not be below 0, above 0.5: {self.changes}")


def simulate_nights(
    out: Path,
    nights: Nights,
    *,
    end: date,
    days: int = 90,
    beds: int = 120,
    branches: int = 1,
    seed: int = 7,
    dirt: Dirt | float = 1.0,
) -> list[SimulatedExtract]:
    """Write a full extract and then one for each night, of which `end` is the last.

    The first, `nights.number` days before `end`, is that of `simulate`. Four fifths of
    the corrections are of rows of the last weeks: discharges that were earlier, other
    statuses, doctors and amounts; a tenth takes rows back, with all that names them: a
    snapshot lacks them, a delta says VOID in one of their columns (VOID_MARKERS). A
    twentieth of the payments and outcomes come days late, patients are merged, and a
    bed gains or loses its staff. A row that changes loses the faults that dirt gave it.
    Other arguments as of `simulate`; the same arguments give the same bytes.
    Raises ValueError as `simulate` does, and unless there are more days than nights.
    """
    if nights.number >= days:
        raise ValueError(
            f"{nights.number} nights need at least {nights.number + 1} days, not {days}"
        )
    shares = dirt if isinstance(dirt, Dirt) else Dirt().times(dirt)
    last = Calendar(end, days)
    world = live(Chance(seed), last, beds=beds, branches=branches)
    known = last.before(nights.number)
    corrections = Corrections(world, known, nights.changes)
    shown = _shown(world, known, corrections)
    planted = soil(world.chance, shown, shares)
    spoilt = {name: (table.edits, table.broken) for name, table in shown.items()}
    written = [put(out, known.end, shown, planted)]
    for number in range(1, nights.number + 1):
        before, known = known, last.before(nights.number - number)
        corrected = corrections.night(number, before)
        shown = _shown(world, known, corrections)
        new, touched = _touched(world, before, known, corrections, corrected)
        for name, table in shown.items():
            table.edits, table.broken = spoilt[name]
            _enter_anew(table, touched.get(name))
        planted = _spoil_new(world.chance, shown, new, shares)
        if nights.deltas:
            shown = _deltas(shown, new, touched, corrected, corrections, before)
        written.append(put(out, known.end, shown, planted))
    return written


def _shown(world: World, known: Calendar, corrections: Corrections) -> _Tables:
    """Every table without what was taken back or is not entered yet."""
    found = tables(world, known)
    for name, gone in corrections.gone.items():
        rows = found[name].rows
        assert isinstance(rows, slice)  # noqa: S101
        hidden = gone[rows]
        if name == "payments":
            hidden = hidden | (corrections.entered[rows] >= known.days)
        if hidden.any():
            found[name].rows = np.flatnonzero(~hidden)
    return found


def _touched(
    world: World,
    before: Calendar,
    known: Calendar,
    corrections: Corrections,
    corrected: Corrected,
) -> tuple[dict[str, Ints], dict[str, Ints]]:
    """By table, the rows that are new, and those known before that have changed."""
    stays, booked, people = world.stays, world.booked, world.people
    shifts = world.shifts.day

    def within(moments: Ints, unit: int = 1, ahead: int = 0) -> Ints:
        first, last = (before.days + ahead) * unit, (known.days + ahead) * unit
        return np.flatnonzero((moments >= first) & (moments < last))

    new = {
        "patients": within(people.registered),
        "admissions": within(stays.admitted_at, DAY),
        "bed_stays": within(stays.started_at, DAY),
        "appointments": within(booked.booked_at, DAY),
        "treatments": within(world.treated.day),
        "bills": within(world.bills.day),
        "payments": within(corrections.entered),
        "doctor_shifts": within(shifts, ahead=DAYS_AHEAD),
    }
    changed = {
        "patients": [within(people.dies_at, DAY)],
        "admissions": [within(stays.discharged_at, DAY)],
        "bed_stays": [within(stays.ended_at, DAY)],
        "appointments": [within(booked.settled_at, DAY)],
        "doctor_shifts": [within(shifts)],
    }
    for name, rows in corrected.changed.items():
        changed.setdefault(name, []).extend(rows)
    return new, {
        name: np.setdiff1d(np.concatenate(rows), new.get(name, _NONE))
        for name, rows in changed.items()
    }


def _enter_anew(table: Table, rows: Ints | None) -> None:
    """Rows that have changed are written without their faults."""
    spoilt = {*table.broken, *(row for each in table.edits.values() for row in each)}
    if rows is None or not spoilt:
        return
    for row in spoilt.intersection(rows.tolist()):
        table.broken.pop(row, None)
        for edits in table.edits.values():
            edits.pop(row, None)


def _spoil_new(
    chance: Chance, shown: _Tables, new: dict[str, Ints], dirt: Dirt
) -> Planted:
    """Plant faults into the night's new rows; what else is shown gets none."""
    rows = {name: _among(shown[name], new.get(name)) for name in shown}
    only = {name: replace(shown[name], rows=rows[name]) for name in shown}
    return soil(chance, only, dirt, at_least_one=False)


def _among(table: Table, rows: Ints | None) -> Ints:
    """Those of the rows that the table shows, in its order."""
    places, _ = table.places_of(_NONE if rows is None else rows)
    return np.asarray(table.at(np.sort(places)), dtype=np.int64)


def _deltas(
    shown: _Tables,
    new: dict[str, Ints],
    touched: dict[str, Ints],
    corrected: Corrected,
    corrections: Corrections,
    before: Calendar,
) -> _Tables:
    """The tables cut down to what the night has to say."""
    found: _Tables = {name: shown[name] for name in REGISTERS}
    for name in LAYOUT.keys() - found.keys():
        table = shown[name]
        rows = _among(table, np.union1d(new.get(name, _NONE), touched.get(name, _NONE)))
        void = _sent_before(name, corrected, corrections, before)
        if len(void):
            # A row that is void has its key and the mark, and no fault.
            _enter_anew(table, void)
            edits = dict(table.edits)
            marks = dict.fromkeys(void.tolist(), VOID)
            edits[VOID_MARKERS[name]] = edits.get(VOID_MARKERS[name], {}) | marks
            rows = np.union1d(rows, void)
            table = replace(table, edits=edits)
        found[name] = replace(table, rows=rows)
    return found


def _sent_before(
    name: str, corrected: Corrected, corrections: Corrections, before: Calendar
) -> Ints:
    """Rows of a table that were taken back and had been sent."""
    rows = corrected.voided.get(name)
    if not rows:
        return _NONE
    found = np.unique(np.concatenate(rows))
    return found[corrections.was_known(name, found, before)]
