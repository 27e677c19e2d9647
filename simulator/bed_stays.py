"""The walk through time that gives every patient a bed, and no bed to two patients.

Belongs here: the only part of the simulation that goes event by event, because who gets
a bed depends on who has just left one. Everything it needs is drawn beforehand. Who the
patients are does not matter to the beds: persons.py.
"""

from collections import deque
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from simulator.admissions import Plans
from simulator.calendar import DAY, NEVER, Calendar
from simulator.chance import Chance
from simulator.cores import spread
from simulator.hospital import DEPARTMENTS, MEDICINE, SURGERY, Hospital
from simulator.layout import Ints
from simulator.patients import Population
from simulator.persons import admit

_LEAVE, _OPEN, _CLOSE, _MOVE, _ARRIVE = range(5)
_SHORTEST_STAY = 30
"""Minutes in a bed before a patient is moved on."""
_MANY = 100_000
"""Plans for which it pays to walk through branches side by side."""


@dataclass(frozen=True)
class Stays:
    """Admissions in order of arrival, and their bed stays in order of their start.

    `plan` is the row of the plan that became the admission; `stay_admission` counts
    admissions. Moments in minutes; NEVER where the end lies behind the closing.
    """

    plan: Ints
    person: Ints
    unit: Ints
    doctor: Ints
    admitted_at: Ints
    discharged_at: Ints
    stay_admission: Ints
    stay_bed: Ints
    started_at: Ints
    ended_at: Ints


def occupy(
    chance: Chance,
    calendar: Calendar,
    hospital: Hospital,
    people: Population,
    plans: Plans,
) -> Stays:
    """Carry out the plans up to the closing; deaths are entered into `people`."""
    branch_of = plans.unit // len(DEPARTMENTS)

    def walk(branch: int) -> _Walked:
        mine = np.flatnonzero(branch_of == branch)
        return _walk(hospital, plans, mine, *_events(calendar, hospital, plans, mine))

    branches = range(len(hospital.branches))
    walked = spread(walk, branches, is_large=len(branch_of) > _MANY)
    of_plan, bed, started_at, ended_at = map(np.concatenate, zip(*walked, strict=True))
    # At the same minute moves come before arrivals, each in order of the plans.
    arrives = started_at == plans.arrives_at[of_plan]
    order = np.lexsort((of_plan, arrives, started_at))
    plan = np.sort(of_plan[arrives])
    number = np.full(len(branch_of), -1)
    number[plan] = np.arange(len(plan))
    return Stays(
        plan=plan,
        person=admit(chance, calendar, people, plans, plan),
        unit=plans.unit[plan],
        doctor=hospital.doctor(chance, "stay.doctor", plan, plans.unit[plan]),
        admitted_at=plans.arrives_at[plan],
        discharged_at=plans.leaves_at[plan],
        stay_admission=number[of_plan[order]],
        stay_bed=bed[order],
        started_at=started_at[order],
        ended_at=ended_at[order],
    )


def vacated(hospital: Hospital, stays: Stays) -> Hospital:
    """The hospital whose beds close once they are empty.

    From the day its ward closes a bed takes nobody in; whoever lies there stays.
    """
    last = np.zeros(len(hospital.beds), dtype=np.int64)
    np.maximum.at(last, stays.stay_bed, stays.ended_at)
    empty = np.where(last < NEVER, last // DAY + 1, NEVER)
    closes = (hospital.bed_closed > 0) & (hospital.bed_closed < NEVER)
    closed = np.maximum(hospital.bed_closed, empty)
    return replace(hospital, bed_closed=np.where(closes, closed, hospital.bed_closed))


def _events(
    calendar: Calendar, hospital: Hospital, plans: Plans, mine: Ints
) -> tuple[Ints, Ints, Ints, Ints]:
    """When, what, whose (place in `mine`, or bed) and to which department, by time."""
    place = np.full(len(plans.unit), -1)
    place[mine] = rows = np.arange(len(mine))
    here = plans.unit[mine[0]] // len(DEPARTMENTS) if len(mine) else -1
    usable = hospital.usable & (hospital.bed_unit // len(DEPARTMENTS) == here)
    opens = np.flatnonzero(usable & (hospital.bed_opened > 0))
    closes = np.flatnonzero(usable & (hospital.bed_closed < NEVER))
    moves = np.flatnonzero(place[plans.move_plan] >= 0)
    parts = (
        (_LEAVE, plans.leaves_at[mine], rows, rows * 0),
        (_OPEN, hospital.bed_opened[opens] * DAY, opens, opens * 0),
        (_CLOSE, hospital.bed_closed[closes] * DAY, closes, closes * 0),
        (
            _MOVE,
            plans.move_at[moves],
            place[plans.move_plan[moves]],
            plans.move_unit[moves] % len(DEPARTMENTS),
        ),
        (
            _ARRIVE,
            plans.arrives_at[mine],
            rows,
            plans.entry_unit[mine] % len(DEPARTMENTS),
        ),
    )
    kind = np.repeat([part[0] for part in parts], [len(part[1]) for part in parts])
    at, whose, unit = (np.concatenate([part[n] for part in parts]) for n in (1, 2, 3))
    order = np.lexsort((whose, kind, at))
    order = order[at[order] <= calendar.closing]
    return at[order], kind[order], whose[order], unit[order]


class _Walked(NamedTuple):
    """Bed stays: of which plan, in which bed, and their moments."""

    plan: Ints
    bed: Ints
    started_at: Ints
    ended_at: Ints


def _walk(
    hospital: Hospital,
    plans: Plans,
    mine: Ints,
    at: Ints,
    kind: Ints,
    whose: Ints,
    unit: Ints,
) -> _Walked:
    """Take every event of one branch in turn. Lists, for they are read one by one."""
    unit_of_bed = hospital.bed_unit
    here = plans.unit[mine[0]] // len(DEPARTMENTS) if len(mine) else -1
    own = (plans.unit[mine] % len(DEPARTMENTS)).tolist()
    bed_unit = (unit_of_bed % len(DEPARTMENTS)).tolist()
    closes_at = (np.minimum(hospital.bed_closed, NEVER // DAY) * DAY).tolist()
    # The bed that has been free longest: beds wear evenly, wards fill evenly.
    free: list[deque[int]] = [deque() for _ in DEPARTMENTS]
    ready = hospital.usable & (hospital.bed_opened <= 0)
    for bed in np.flatnonzero(
        ready & (unit_of_bed // len(DEPARTMENTS) == here)
    ).tolist():
        free[bed_unit[bed]].append(bed)
    open_stay = [-1] * len(mine)
    stay_plan: list[int] = []
    stay_bed: list[int] = []
    started_at: list[int] = []
    ended_at: list[int] = []
    for now, what, who, where in zip(
        at.tolist(), kind.tolist(), whose.tolist(), unit.tolist(), strict=True
    ):
        if what in (_OPEN, _CLOSE):
            _change(free[bed_unit[who]], who, is_there=what == _OPEN)
            continue
        left = open_stay[who]
        if what == _LEAVE:
            if left < 0:
                continue
            open_stay[who] = -1
        else:
            places = free[where]
            if what == _ARRIVE:
                # A full unit sends on to the patient's own, then to the large ones.
                places = places or free[own[who]] or free[MEDICINE] or free[SURGERY]
            elif left < 0 or now < started_at[left] + _SHORTEST_STAY:
                continue
            if not places:
                continue
            open_stay[who] = len(stay_plan)
            stay_plan.append(who)
            stay_bed.append(places.popleft())
            started_at.append(now)
            ended_at.append(NEVER)
        if left >= 0:
            ended_at[left] = now
            bed = stay_bed[left]
            if now < closes_at[bed]:
                free[bed_unit[bed]].append(bed)
    return _Walked(
        mine[np.array(stay_plan, dtype=np.int64)],
        np.array(stay_bed, dtype=np.int64),
        np.array(started_at, dtype=np.int64),
        np.array(ended_at, dtype=np.int64),
    )


def _change(free: deque[int], bed: int, *, is_there: bool) -> None:
    if is_there:
        free.append(bed)
    elif bed in free:
        free.remove(bed)
