"""Building the house: how many wards, beds and doctors each department gets.

Belongs here: the one time a hospital is put up. What it is afterwards: hospital.py.
"""

import numpy as np

from simulator.calendar import NEVER, Calendar
from simulator.chance import Chance
from simulator.hospital import DEPARTMENTS, INTENSIVE, Hospital
from simulator.layout import Ints, Texts
from simulator.names import person_names

_BEDS_OF_A_WARD = 24
_BED_TYPES = np.array(["General", "Private", "ICU"], dtype=object)


def build(chance: Chance, calendar: Calendar, *, beds: int, branches: int) -> Hospital:
    """A hospital of `branches` branches with `beds` beds each.

    Raises ValueError if there are fewer beds than departments, or no branch.
    """
    if beds < len(DEPARTMENTS):
        raise ValueError(f"a branch needs at least {len(DEPARTMENTS)} beds, not {beds}")
    if branches < 1:
        raise ValueError(f"a hospital needs at least one branch, not {branches}")
    branch_ids = _labels("BR{}", branches)
    units = np.array([f"{b}-{d.code}" for b in branch_ids for d in DEPARTMENTS], object)
    unit_beds = np.tile(_shared_out(beds), branches)
    bed_unit = np.repeat(np.arange(len(units)), unit_beds)
    place = _counted(unit_beds)

    wards_of_unit = -(-unit_beds // _BEDS_OF_A_WARD)
    ward_unit = np.repeat(np.arange(len(units)), wards_of_unit)
    ward_number = _counted(wards_of_unit)
    wards = np.array(
        [f"{units[u]}-W{n + 1}" for u, n in zip(ward_unit, ward_number, strict=True)],
        object,
    )
    # Beds go round a unit's wards, so wards of a unit differ by one bed at most.
    first_ward = np.cumsum(wards_of_unit) - wards_of_unit
    bed_ward = first_ward[bed_unit] + place % wards_of_unit[bed_unit]
    bed_place = place // wards_of_unit[bed_unit] + 1
    bed_ids = np.array(
        [f"{wards[w]}-{p:02d}" for w, p in zip(bed_ward, bed_place, strict=True)],
        object,
    )

    rows = np.arange(len(bed_ids))
    fate = chance.uniform("bed.fate", rows)
    fate[place == 0] = 1.0  # the first bed of a unit is always open
    years_ago = -(chance.uniform("bed.opened", rows) * 3650).astype(np.int64) - 400
    months_ago = -(chance.uniform("bed.closed", rows) * 360).astype(np.int64) - 1
    soon = (chance.uniform("bed.opens", rows) * 180).astype(np.int64) + 1
    intensive = bed_unit % len(DEPARTMENTS) == INTENSIVE
    kind = np.where(intensive, 2, chance.pick("bed.type", rows, [0.8, 0.2]))

    doctor_unit = np.repeat(
        np.arange(len(units)), np.maximum(2, -(-unit_beds * 35 // 100))
    )
    doctor_rows = np.arange(len(doctor_unit))
    around_the_clock = doctor_unit % len(DEPARTMENTS) <= INTENSIVE
    return Hospital(
        calendar=calendar,
        branches=branch_ids,
        units=units,
        wards=wards,
        ward_unit=ward_unit,
        beds=bed_ids,
        bed_ward=bed_ward,
        bed_type=_BED_TYPES[kind],
        bed_opened=np.where((fate > 0.05) & (fate < 0.08), soon, years_ago),
        bed_closed=np.where(fate < 0.02, months_ago, NEVER),
        bed_staffed=(fate < 0.02) | (fate > 0.05),
        doctors=_labels("D{:04d}", len(doctor_unit)),
        doctor_names=person_names(chance, "doctor", doctor_rows, doctor_rows % 2 == 0),
        doctor_unit=doctor_unit,
        doctor_shifts_per_week=np.where(
            around_the_clock,
            3 - chance.pick("doctor.contract", doctor_rows, [0.8, 0.2]),
            5 - chance.pick("doctor.contract", doctor_rows, [0.7, 0.2, 0.1]),
        ),
    )


def _labels(pattern: str, number: int) -> Texts:
    return np.array([pattern.format(n + 1) for n in range(number)], dtype=object)


def _counted(numbers: Ints) -> Ints:
    """0, 1, 2 ... up to each number, one after the other."""
    return np.concatenate([np.arange(n, dtype=np.int64) for n in numbers])


def _shared_out(beds: int) -> Ints:
    """Beds by department: one each, the rest by share (largest remainders)."""
    shares = np.array([d.bed_share for d in DEPARTMENTS])
    exact = (beds - len(shares)) * shares / shares.sum()
    given = np.floor(exact).astype(np.int64)
    owed = beds - len(shares) - int(given.sum())
    given[np.argsort(given - exact, kind="stable")[:owed]] += 1
    return np.asarray(given + 1, dtype=np.int64)
