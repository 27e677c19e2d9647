"""The walk through time that gives every patient a bed, and no bed to two patients.

Belongs here: the only part of the simulation that goes event by event, because who gets
a bed depends on who has just left one. Everything it needs is drawn beforehand.
"""

from collections import deque
from dataclasses import dataclass

import numpy as np

from simulator.admissions import Plans
from simulator.calendar import DAY, NEVER, Calendar
from simulator.chance import Chance
from simulator.hospital import ADULTS, DEPARTMENTS, MEDICINE, SURGERY, Hospital
from simulator.layout import Ints
from simulator.patients import Population

_LEAVE, _OPEN, _MOVE, _ARRIVE = range(4)
_RETURNS = 0.10
"""Share of emergencies that are someone discharged in the last weeks."""
_SHORTEST_STAY = 30
"""Minutes in a bed before a patient is moved on."""


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
    rows = np.arange(len(plans.unit))
    kind_of_patient = np.array([d.patients for d in DEPARTMENTS])
    department = plans.unit % len(DEPARTMENTS)
    persons = people.someone(chance, "stay.person", rows, kind_of_patient[department])
    adult = kind_of_patient[department] == ADULTS
    comes_back = adult & plans.is_emergency
    comes_back &= chance.happens("stay.returns", rows, _RETURNS)
    walk = _Walk(hospital, people, plans, persons.tolist(), adult.tolist())
    walk.go(
        _events(calendar, hospital, plans),
        comes_back.tolist(),
        chance.uniform("stay.which", rows).tolist(),
    )

    plan = np.array(walk.admitted, dtype=np.int64)
    order = np.argsort(np.array(walk.started_at, dtype=np.int64), kind="stable")
    number = np.full(len(rows), -1)
    number[plan] = np.arange(len(plan))
    return Stays(
        plan=plan,
        person=np.array(walk.persons, dtype=np.int64)[plan],
        unit=plans.unit[plan],
        doctor=hospital.doctor(chance, "stay.doctor", plan, plans.unit[plan]),
        admitted_at=plans.arrives_at[plan],
        discharged_at=plans.leaves_at[plan],
        stay_admission=number[np.array(walk.stay_plan, dtype=np.int64)[order]],
        stay_bed=np.array(walk.stay_bed, dtype=np.int64)[order],
        started_at=np.array(walk.started_at, dtype=np.int64)[order],
        ended_at=np.array(walk.ended_at, dtype=np.int64)[order],
    )


def _events(
    calendar: Calendar, hospital: Hospital, plans: Plans
) -> tuple[list[int], list[int], list[int], list[int]]:
    """When, what, whose (plan or bed) and to which unit, in order of time."""
    rows = np.arange(len(plans.unit))
    later = np.flatnonzero(hospital.usable & (hospital.bed_opened > 0))
    at = np.concatenate(
        [
            plans.leaves_at,
            hospital.bed_opened[later] * DAY,
            plans.move_at,
            plans.arrives_at,
        ]
    )
    sizes = (len(rows), len(later), len(plans.move_at), len(rows))
    kind = np.repeat([_LEAVE, _OPEN, _MOVE, _ARRIVE], sizes)
    whose = np.concatenate([rows, later, plans.move_plan, rows])
    unit = np.concatenate([rows * 0, later * 0, plans.move_unit, plans.entry_unit])
    order = np.lexsort((whose, kind, at))
    order = order[at[order] <= calendar.closing]
    return (
        at[order].tolist(),
        kind[order].tolist(),
        whose[order].tolist(),
        unit[order].tolist(),
    )


class _Walk:
    """Who lies where, as time goes by."""

    def __init__(
        self,
        hospital: Hospital,
        people: Population,
        plans: Plans,
        persons: list[int],
        may_return: list[bool],
    ) -> None:
        self.people, self.plans, self.persons = people, plans, persons
        self.may_return = may_return
        self.bed_unit = hospital.bed_unit.tolist()
        self.free: list[deque[int]] = [deque() for _ in hospital.units]
        for bed in np.flatnonzero(
            hospital.usable & (hospital.bed_opened <= 0)
        ).tolist():
            self.free[self.bed_unit[bed]].append(bed)
        self.open_stay = [-1] * len(persons)
        self.admitted: list[int] = []
        self.stay_plan: list[int] = []
        self.stay_bed: list[int] = []
        self.started_at: list[int] = []
        self.ended_at: list[int] = []
        self.inside: set[int] = set()
        self.discharged: deque[tuple[int, int]] = deque()

    def go(
        self,
        events: tuple[list[int], list[int], list[int], list[int]],
        comes_back: list[bool],
        which: list[float],
    ) -> None:
        """Take every event in turn."""
        unit_of = self.plans.unit.tolist()
        for at, kind, whose, unit in zip(*events, strict=True):
            if kind == _OPEN:
                self.free[self.bed_unit[whose]].append(whose)
            elif kind == _ARRIVE:
                # A full unit sends on to the patient's own, then to the large ones.
                home = unit - unit % len(DEPARTMENTS)
                for place in (unit, unit_of[whose], home + MEDICINE, home + SURGERY):
                    if self.free[place]:
                        person = self._person(
                            at, whose, comes_back[whose], which[whose]
                        )
                        self.inside.add(person)
                        self.persons[whose] = person
                        self.admitted.append(whose)
                        self._lie_down(at, whose, place)
                        break
            elif self.open_stay[whose] >= 0:
                if kind == _LEAVE:
                    self._get_up(at, whose)
                    self._go_home(at, whose)
                elif self.free[unit] and at >= self._lies_since(whose) + _SHORTEST_STAY:
                    left = self.open_stay[whose]
                    self._lie_down(at, whose, unit)
                    self._end(at, left)

    def _lies_since(self, plan: int) -> int:
        return self.started_at[self.open_stay[plan]]

    def _person(self, at: int, plan: int, comes_back: bool, which: float) -> int:
        """Someone alive and not in the hospital already."""
        while self.discharged and self.discharged[0][0] < at - 35 * DAY:
            self.discharged.popleft()
        person = self.persons[plan]
        if comes_back and self.discharged:
            person = self.discharged[int(which * len(self.discharged))][1]
        while person in self.inside or self.people.dies_at[person] <= at:
            person = (person + 1) % len(self.people.dies_at)
        # Whoever is admitted does not die at home any more.
        self.people.dies_at[person] = NEVER
        return person

    def _lie_down(self, at: int, plan: int, unit: int) -> None:
        # The bed that has been free longest: beds wear evenly, wards fill evenly.
        self.open_stay[plan] = len(self.stay_plan)
        self.stay_plan.append(plan)
        self.stay_bed.append(self.free[unit].popleft())
        self.started_at.append(at)
        self.ended_at.append(NEVER)

    def _end(self, at: int, stay: int) -> None:
        self.ended_at[stay] = at
        bed = self.stay_bed[stay]
        self.free[self.bed_unit[bed]].append(bed)

    def _get_up(self, at: int, plan: int) -> None:
        self._end(at, self.open_stay[plan])
        self.open_stay[plan] = -1

    def _go_home(self, at: int, plan: int) -> None:
        person = self.persons[plan]
        self.inside.discard(person)
        if self.plans.is_death[plan]:
            self.people.dies_at[person] = at
        elif self.may_return[plan] and not self.plans.is_transfer_out[plan]:
            self.discharged.append((at, person))
