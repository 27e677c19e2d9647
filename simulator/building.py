"""Building the house: how many wards, beds and doctors each department gets.

Belongs here: the one time a hospital is put up. What it is afterwards: hospital.py.
"""

from typing import NamedTuple

import numpy as np

from simulator.calendar import NEVER
from simulator.chance import Chance
from simulator.hospital import DEPARTMENTS, INTENSIVE, Hospital
from simulator.layout import Ints, Texts

_BEDS_OF_A_WARD = 24
_OPENING_WARDS, _CLOSING_WARDS = 0.3, 0.3
"""Shares of the units that get a ward more, and of the wards that are given up, within
eleven years."""


def build(chance: Chance, *, beds: int, branches: int) -> Hospital:
    """A hospital with `beds` beds in `branches` branches on its first day.

    Raises ValueError if a branch has fewer beds than departments, or there is none.
    """
    if branches < 1:
        raise ValueError(f"a hospital needs at least one branch, not {branches}")
    if beds < len(DEPARTMENTS) * branches:
        raise ValueError(
            f"a hospital of {branches} branches needs at least "
            f"{len(DEPARTMENTS) * branches} beds, not {beds}"
        )
    branch_ids = _labels("BR{}", branches)
    units = np.array([f"{b}-{d.code}" for b in branch_ids for d in DEPARTMENTS], object)
    each, more = divmod(beds, branches)
    unit_beds = np.concatenate(
        [_shared_out(each + (b < more)) for b in range(branches)]
    )
    bed_unit = np.repeat(np.arange(len(units)), unit_beds)
    place = _counted(unit_beds)

    wards_of_unit = -(-unit_beds // _BEDS_OF_A_WARD)
    ward_unit = np.repeat(np.arange(len(units)), wards_of_unit)
    ward_number = _counted(wards_of_unit)
    wards = _ward_ids(units, ward_unit, ward_number)
    # Beds go round a unit's wards, so wards of a unit differ by one bed at most.
    first_ward = np.cumsum(wards_of_unit) - wards_of_unit
    bed_ward = first_ward[bed_unit] + place % wards_of_unit[bed_unit]
    bed_place = place // wards_of_unit[bed_unit] + 1

    rows = np.arange(len(bed_ward))
    fate = chance.uniform("bed.fate", rows)
    fate[place == 0] = 1.0  # the first bed of a unit is always open
    years_ago = -(chance.uniform("bed.opened", rows) * 3650).astype(np.int64) - 400
    months_ago = -(chance.uniform("bed.closed", rows) * 360).astype(np.int64) - 1
    soon = (chance.uniform("bed.opens", rows) * 180).astype(np.int64) + 1
    intensive = bed_unit % len(DEPARTMENTS) == INTENSIVE
    kind = np.where(intensive, 2, chance.pick("bed.type", rows, [0.8, 0.2]))

    ward_closes = _closes(chance, ward_number)
    new = _new_wards(chance, unit_beds, wards_of_unit)
    new_unit = new.unit[new.bed_ward]
    wards = np.concatenate([wards, _ward_ids(units, new.unit, wards_of_unit[new.unit])])
    new_kind = np.where(new_unit % len(DEPARTMENTS) == INTENSIVE, 2, 0)
    bed_ward = np.concatenate([bed_ward, new.bed_ward + len(ward_unit)])
    bed_place = np.concatenate([bed_place, new.bed_place])
    bed_ids = np.array(
        [f"{wards[w]}-{p:02d}" for w, p in zip(bed_ward, bed_place, strict=True)],
        object,
    )
    closes = ward_closes[bed_ward[: len(rows)]]

    doctor_unit = np.repeat(
        np.arange(len(units)), np.maximum(2, -(-unit_beds * 35 // 100))
    )
    doctor_rows = np.arange(len(doctor_unit))
    around_the_clock = doctor_unit % len(DEPARTMENTS) <= INTENSIVE
    return Hospital(
        branches=branch_ids,
        units=units,
        wards=wards,
        ward_unit=np.concatenate([ward_unit, new.unit]),
        ward_opened=np.concatenate([ward_unit * 0, new.opens]),
        beds=bed_ids,
        bed_ward=bed_ward,
        bed_type=np.concatenate([kind, new_kind]),
        bed_opened=np.concatenate(
            [
                np.where((fate > 0.05) & (fate < 0.08), soon, years_ago),
                new.opens[new.bed_ward],
            ]
        ),
        bed_closed=np.concatenate(
            [np.where(fate < 0.02, months_ago, closes), new_unit * 0 + NEVER]
        ),
        bed_staffed=np.concatenate(
            [(fate < 0.02) | (fate > 0.05), np.ones(len(new_unit), dtype=np.bool_)]
        ),
        doctors=_labels("D{:04d}", len(doctor_unit)),
        doctor_unit=doctor_unit,
        doctor_shifts_per_week=np.where(
            around_the_clock,
            3 - chance.pick("doctor.contract", doctor_rows, [0.8, 0.2]),
            5 - chance.pick("doctor.contract", doctor_rows, [0.7, 0.2, 0.1]),
        ),
    )


class _NewWards(NamedTuple):
    """Wards that a unit gets in later years; `bed_ward` counts them."""

    unit: Ints
    opens: Ints
    bed_ward: Ints
    bed_place: Ints


def _new_wards(chance: Chance, unit_beds: Ints, wards_of_unit: Ints) -> _NewWards:
    """A ward more for some of the larger units, on a day after the first year."""
    units = np.arange(len(unit_beds))
    gets = (unit_beds >= 12) & chance.happens("ward.opens", units, _OPENING_WARDS)
    unit = units[gets]
    beds = unit_beds[unit] // wards_of_unit[unit]
    return _NewWards(
        unit=unit,
        opens=_some_day(chance, "ward.opens_on", unit),
        bed_ward=np.repeat(np.arange(len(unit)), beds),
        bed_place=_counted(beds) + 1,
    )


def _closes(chance: Chance, ward_number: Ints) -> Ints:
    """The day each ward closes on, after the first year; a unit's first ward stays."""
    wards = np.arange(len(ward_number))
    closes = (ward_number > 0) & chance.happens("ward.closes", wards, _CLOSING_WARDS)
    return np.where(closes, _some_day(chance, "ward.closes_on", wards), NEVER)


def _some_day(chance: Chance, what: str, rows: Ints) -> Ints:
    """A day of the ten years after the first."""
    return 366 + (chance.uniform(what, rows) * 3650).astype(np.int64)


def _ward_ids(units: Texts, unit: Ints, number: Ints) -> Texts:
    pairs = zip(unit.tolist(), number.tolist(), strict=True)
    return np.array([f"{units[u]}-W{n + 1}" for u, n in pairs], dtype=object)


def _labels(pattern: str, number: int) -> Texts:
    return np.array([pattern.format(n + 1) for n in range(number)], dtype=object)


def _counted(numbers: Ints) -> Ints:
    """0, 1, 2 ... up to each number, one after the other."""
    none = np.zeros(0, dtype=np.int64)
    return np.concatenate([none, *(np.arange(n, dtype=np.int64) for n in numbers)])


def _shared_out(beds: int) -> Ints:
    """Beds by department: one each, the rest by share (largest remainders)."""
    shares = np.array([d.bed_share for d in DEPARTMENTS])
    exact = (beds - len(shares)) * shares / shares.sum()
    given = np.floor(exact).astype(np.int64)
    owed = beds - len(shares) - int(given.sum())
    given[np.argsort(given - exact, kind="stable")[:owed]] += 1
    return np.asarray(given + 1, dtype=np.int64)
