"""Who is to be admitted, when, for how long, and where they are to be moved.

Belongs here: what would happen if there were always a free bed. Which bed a patient
then gets, and who is turned away, is walked through in bed_stays.py.
"""

from dataclasses import dataclass

import numpy as np

from simulator.calendar import DAY, NEVER, Calendar
from simulator.chance import Chance
from simulator.hospital import DEPARTMENTS, EMERGENCY, INTENSIVE, Hospital
from simulator.layout import Booleans, Floats, Ints

_OFFERED_LOAD = 1.08
"""Bed-days asked for per bed-day there is. Full units turn patients away, so that 80 to
90 % of the beds are taken, as in an ordinary year."""
_EMERGENCY_HOURS = [
    *(2.2, 1.8, 1.5, 1.3, 1.3, 1.6, 2.2, 3.2, 4.6, 5.6, 6.2, 6.4),
    *(6.2, 5.9, 5.7, 5.6, 5.6, 5.7, 5.6, 5.2, 4.7, 4.1, 3.4, 2.8),
]
_EMERGENCY_WEEK = [1.10, 1.02, 1.00, 0.99, 1.02, 0.92, 0.95]
_ELECTIVE_HOURS = [0.0] * 7 + [12.0, 14, 10, 6, 4, 3, 3, 2, 1] + [0.0] * 8
_ELECTIVE_WEEK = [1.20, 1.15, 1.10, 1.05, 0.85, 0.10, 0.25]
_DISCHARGE_HOURS = [0.0] * 8 + [2.0, 6, 12, 14, 10, 11, 12, 10, 8, 6, 4, 2] + [0.0] * 4
_LONGEST_STAY_DAYS = 90.0


@dataclass(frozen=True)
class Plans:
    """One plan per row, by time of arrival. Moments in minutes.

    `move_*` are all moves of all plans: which plan, when, and to which unit.
    """

    unit: Ints
    arrives_at: Ints
    leaves_at: Ints
    entry_unit: Ints
    is_emergency: Booleans
    is_death: Booleans
    is_transfer_out: Booleans
    move_plan: Ints
    move_at: Ints
    move_unit: Ints


def plan(chance: Chance, calendar: Calendar, hospital: Hospital) -> Plans:
    """Plans of everyone who comes to the hospital on one of the calendar's days."""
    # The town asks for what the wards can give: at each of their openings and closings
    # the numbers change.
    since = np.concatenate([[0], hospital.changes()])
    since = since[since < calendar.days]
    rates = [_rates(hospital, day) for day in since.tolist()]
    period = np.searchsorted(since, np.arange(calendar.days), "right") - 1
    arrivals = []
    for what, kind, hours, week, season in (
        ("emergency", 0, _EMERGENCY_HOURS, _EMERGENCY_WEEK, 0.07),
        ("elective", 1, _ELECTIVE_HOURS, _ELECTIVE_WEEK, 0.03),
    ):
        weights = [each[kind] for each in rates]
        total = np.array([float(each.sum()) for each in weights])
        rate = calendar.per_hour(
            total[period], range(calendar.days), hours, week, season
        )
        moments = chance.arrivals(what, rate)
        edges = np.searchsorted(moments, np.append(since * DAY, NEVER))
        units = [
            chance.pick(what + ".unit", np.arange(first, last), each)
            for first, last, each in zip(edges, edges[1:], weights, strict=False)
        ]
        arrivals.append((moments, np.concatenate(units)))
    number = [len(moments) for moments, _ in arrivals]
    arrives_at = np.concatenate([moments for moments, _ in arrivals])
    order = np.argsort(arrives_at, kind="stable")
    unit = np.concatenate([units for _, units in arrivals])[order]
    return _plans(chance, arrives_at[order], unit, order < number[0])


def _rates(hospital: Hospital, day: int) -> tuple[Floats, Floats]:
    """Emergencies and electives per day, by unit, that fill the beds of the day."""
    department = np.arange(len(hospital.units)) % len(DEPARTMENTS)
    median = np.array([d.median_stay_days for d in DEPARTMENTS])[department]
    spread = np.array([d.stay_spread for d in DEPARTMENTS])[department]
    mean = median * np.exp(spread**2 / 2)
    beds = hospital.usable_beds(day) * _OFFERED_LOAD
    per_day = np.divide(beds, mean, out=np.zeros_like(mean), where=mean > 0)
    # Most beds of the emergency department hold patients on their way to a ward.
    per_day[department == EMERGENCY] *= 0.3
    share = np.array([d.emergency_share for d in DEPARTMENTS])[department]
    return per_day * share, per_day * (1 - share)


def _plans(chance: Chance, arrives_at: Ints, unit: Ints, emergency: Booleans) -> Plans:
    rows = np.arange(len(unit))
    department = unit % len(DEPARTMENTS)
    home = unit - department
    death_share = np.array([d.death_share for d in DEPARTMENTS])[department]
    dies = chance.happens(
        "stay.death", rows, death_share * np.where(emergency, 1.3, 0.4)
    )
    leaves_at = _leaves_at(chance, rows, department, arrives_at, dies)

    own = department == EMERGENCY
    through = emergency & ~own & chance.happens("stay.through_emergency", rows, 0.75)
    waits = 60 * (3 + chance.exponential("stay.emergency_hours", rows, 9.0))
    ward_at = arrives_at + np.where(through, waits, 0).astype(np.int64)
    ill = chance.happens("stay.intensive", rows, np.where(emergency, 0.20, 0.13)) & ~own
    cared = 60 * (8 + chance.exponential("stay.intensive_hours", rows, 50.0))
    well_at = ward_at + np.where(ill, cared, 0).astype(np.int64)

    nights = (leaves_at - well_at) / DAY
    moves = np.floor(
        chance.uniform("stay.moves", rows) + 0.30 * np.maximum(nights, 0) * ~own
    ).astype(np.int64)
    moves = np.minimum(moves, 6)
    again = np.repeat(rows, moves)
    share = chance.uniform(
        "stay.move_at",
        again * 8 + np.arange(len(again)) - np.repeat(_starts(moves), moves),
    )
    again_at = well_at[again] + ((leaves_at - well_at)[again] * share).astype(np.int64)

    to_ward = rows[through & ~ill]
    to_care = rows[through & ill]
    back = rows[ill]
    move_plan = np.concatenate([to_ward, to_care, back, again])
    move_at = np.concatenate(
        [ward_at[to_ward], ward_at[to_care], well_at[back], again_at]
    )
    move_unit = np.concatenate(
        [unit[to_ward], home[to_care] + INTENSIVE, unit[back], unit[again]]
    )
    in_time = move_at < leaves_at[move_plan] - 30
    return Plans(
        unit=unit,
        arrives_at=arrives_at,
        leaves_at=leaves_at,
        entry_unit=np.where(
            through, home + EMERGENCY, np.where(ill, home + INTENSIVE, unit)
        ),
        is_emergency=emergency,
        is_death=dies,
        is_transfer_out=~dies & chance.happens("stay.transfer_out", rows, 0.035),
        move_plan=move_plan[in_time],
        move_at=move_at[in_time],
        move_unit=move_unit[in_time],
    )


def _starts(lengths: Ints) -> Ints:
    return np.asarray(np.cumsum(lengths) - lengths, dtype=np.int64)


def _leaves_at(
    chance: Chance, rows: Ints, department: Ints, arrives_at: Ints, dies: Booleans
) -> Ints:
    """The end of each stay: lognormal, then drawn to an hour of discharge."""
    median = np.array([d.median_stay_days for d in DEPARTMENTS])[department]
    spread = np.array([d.stay_spread for d in DEPARTMENTS])[department]
    days = median * np.exp(spread * chance.normal("stay.length", rows))
    days = np.clip(days, 0.1, _LONGEST_STAY_DAYS)
    exact = arrives_at + (days * DAY).astype(np.int64)
    hour = chance.pick("stay.discharge_hour", rows, _DISCHARGE_HOURS)
    minute = (chance.uniform("stay.discharge_minute", rows) * 60).astype(np.int64)
    orderly = exact // DAY * DAY + hour * 60 + minute
    keeps_hours = ~dies & (department != EMERGENCY) & (orderly > arrives_at + 180)
    return np.asarray(np.where(keeps_hours, orderly, exact), dtype=np.int64)
