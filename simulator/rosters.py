"""Rosters: which doctor is to work on which day, and for how long they then did.

Belongs here: shifts. A roster is known a week ahead; the hours worked are not.
"""

import numpy as np

from simulator.calendar import Calendar
from simulator.chance import Chance
from simulator.hospital import DEPARTMENTS, INTENSIVE, Hospital
from simulator.layout import Table

_DAYS_AHEAD = 7
_ABSENT = 0.03


def table(chance: Chance, calendar: Calendar, hospital: Hospital) -> Table:
    """The table doctor_shifts, by day and doctor."""
    doctors = np.arange(len(hospital.doctors))
    days = np.arange(calendar.days + _DAYS_AHEAD)
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
    written = np.array([f"{n // 10}.{n % 10}" for n in range(200)], dtype=object)
    unit = hospital.doctor_unit[doctor]
    return {
        "shift_id": np.array(
            [f"R{n:07d}" for n in range(1, len(row) + 1)], dtype=object
        ),
        "doctor_id": hospital.doctors[doctor],
        "branch_id": hospital.branch_of(unit),
        "department_id": hospital.units[unit],
        "shift_date": calendar.dates(day, until=calendar.days + _DAYS_AHEAD),
        "rostered_hours": np.array([str(n) for n in range(13)], dtype=object)[planned],
        "worked_hours": np.where(day < calendar.days, written[tenths], ""),
    }
