"""Rosters: which doctor is to work on which day, and for how long they then did.

Belongs here: shifts. A roster is known a week ahead; the hours worked are not.
"""

from dataclasses import dataclass

import numpy as np

from simulator.calendar import Calendar
from simulator.chance import Chance
from simulator.hospital import DEPARTMENTS, INTENSIVE, Hospital
from simulator.layout import Ints
from simulator.tables import Table
from simulator.texts import Parts, Rows, counted, decimal, numbered, small, where

DAYS_AHEAD = 7
_ABSENT = 0.03


@dataclass(frozen=True)
class Shifts:
    """In order of day and doctor; `row` stays with a shift. Hours worked in tenths."""

    row: Ints
    day: Ints
    doctor: Ints
    planned_hours: Ints
    worked_tenths: Ints


def roster(chance: Chance, calendar: Calendar, hospital: Hospital) -> Shifts:
    """The shifts of all doctors up to a week after the calendar's end."""
    doctors = np.arange(len(hospital.doctors))
    days = np.arange(calendar.days + DAYS_AHEAD)
    around_the_clock = hospital.doctor_unit % len(DEPARTMENTS) <= INTENSIVE
    # Clinics and wards: each doctor's own weekdays off. Around the clock: every day of
    # the week, each doctor's week beginning on another day.
    weekday = calendar.weekday(days)[:, None]
    turn = np.where(
        around_the_clock, (weekday + doctors * 3) % 7, (weekday + doctors * 2) % 5
    )
    per_week = hospital.doctor_shifts_per_week
    works = (turn < per_week) & (around_the_clock | (weekday < 5))
    day, doctor = np.nonzero(works)

    row = day * len(doctors) + doctor
    planned = hospital.shift_hours()[doctor]
    worked = planned * np.clip(
        0.96 + 0.10 * chance.normal("shift.hours", row), 0.4, 1.3
    )
    worked[chance.happens("shift.absent", row, _ABSENT)] = 0
    tenths = np.round(worked * 10).astype(np.int64)
    return Shifts(
        row=row, day=day, doctor=doctor, planned_hours=planned, worked_tenths=tenths
    )


def table(hospital: Hospital, calendar: Calendar, shifts: Shifts) -> Table:
    """The table doctor_shifts as known on the calendar's last day."""
    ahead = calendar.days + DAYS_AHEAD
    unit = hospital.doctor_unit

    def worked(some: Rows) -> Parts:
        known = shifts.day[some] < calendar.days
        return where(known, decimal(shifts.worked_tenths[some], 1))

    return Table(
        slice(0, int(np.searchsorted(shifts.day, ahead))),
        {
            "shift_id": lambda some: numbered("R", 7, counted(some)),
            "doctor_id": lambda some: [hospital.doctor_of(shifts.doctor[some])],
            "branch_id": lambda some: [hospital.branch_of(unit[shifts.doctor[some]])],
            "department_id": lambda some: [hospital.unit_of(unit[shifts.doctor[some]])],
            "shift_date": lambda some: calendar.dates(shifts.day[some], until=ahead),
            "rostered_hours": lambda some: [small(shifts.planned_hours[some])],
            "worked_hours": worked,
        },
        prefix="R",
        digits=7,
    )
