"""One hospital's life, as numbers, and the tables that show it on a day.

Belongs here: the order in which the parts are called. What the parts do stands in their
modules; which rows a night changes, in nights.py.
"""

from dataclasses import dataclass
from functools import cache, partial

import numpy as np

from simulator import (
    appointments,
    bed_stays,
    billing,
    building,
    inpatients,
    patients,
    payments,
    registers,
    rosters,
    treatments,
)
from simulator.admissions import Plans, plan
from simulator.calendar import DAY, NEVER, Calendar
from simulator.chance import Chance
from simulator.hospital import Hospital
from simulator.layout import Ints
from simulator.patients import Population
from simulator.tables import Table


@dataclass
class World:
    """Everything that happened in a hospital up to the closing of its calendar.

    `patient_numbers` are those in the ids of all persons, `merged_into` by person the
    one that is left, or -1.
    """

    chance: Chance
    hospital: Hospital
    people: Population
    plans: Plans
    stays: bed_stays.Stays
    booked: appointments.Appointments
    treated: treatments.Treatments
    bills: billing.Bills
    payments: payments.Payments
    shifts: rosters.Shifts
    patient_numbers: Ints
    merged_into: Ints


def live(chance: Chance, calendar: Calendar, *, beds: int, branches: int) -> World:
    """The life of a hospital with `beds` beds in `branches` branches on its first day.

    Raises ValueError as building.build does.
    """
    hospital = building.build(chance, beds=beds, branches=branches)
    people = Population.around(chance, beds)
    plans = plan(chance, calendar, hospital)
    stays = bed_stays.occupy(chance, calendar, hospital, people, plans)
    hospital = bed_stays.vacated(hospital, stays)
    booked = appointments.book(chance, calendar, hospital, people)
    people.meet(stays.person, stays.admitted_at // DAY)
    people.meet(booked.person, booked.booked_at // DAY)
    treated = treatments.treat(chance, calendar, hospital, stays, booked)
    bills = billing.bill(chance, calendar, hospital, stays, booked, treated)
    numbers = people.numbers()
    return World(
        chance=chance,
        hospital=hospital,
        people=people,
        plans=plans,
        stays=stays,
        booked=booked,
        treated=treated,
        bills=bills,
        payments=payments.pay(chance, calendar, people, bills),
        shifts=rosters.roster(chance, calendar, hospital),
        patient_numbers=numbers,
        merged_into=np.full(len(numbers), -1),
    )


def tables(world: World, calendar: Calendar) -> dict[str, Table]:
    """Every table of the layout as the hospital knows it at the calendar's closing.

    The calendar begins on the day that the world's began on, and ends no later.
    """
    chance, hospital, numbers = world.chance, world.hospital, world.patient_numbers
    found = registers.tables(chance, hospital, calendar)
    found["patients"] = patients.table(
        world.people,
        calendar,
        numbers,
        world.merged_into,
        cache(partial(_first_visits, world, calendar)),
    )
    found |= inpatients.tables(
        chance, hospital, calendar, world.plans, world.stays, numbers
    )
    found["appointments"] = appointments.table(
        chance, hospital, calendar, world.booked, numbers
    )
    found["treatments"] = treatments.table(hospital, calendar, world.treated)
    found["bills"] = billing.table(
        hospital, calendar, world.people, world.bills, numbers
    )
    found["payments"] = payments.table(calendar, world.payments)
    found["doctor_shifts"] = rosters.table(hospital, calendar, world.shifts)
    return found


def _first_visits(world: World, calendar: Calendar) -> Ints:
    """By person, the first appointment that took place, if before the last day."""
    booked, first = world.booked, np.full(len(world.patient_numbers), NEVER)
    admitted = world.stays.admitted_at
    known = np.searchsorted(admitted, calendar.closing, "right")
    last = admitted[known - 1] // DAY * DAY if known else 0
    seen = (booked.status == appointments.COMPLETED) & (booked.settled_at < last)
    np.minimum.at(first, booked.person[seen], booked.scheduled_at[seen])
    return first
