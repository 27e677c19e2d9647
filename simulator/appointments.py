"""Outpatient appointments: booked, waited for, kept or not.

Belongs here: bookings up to the extract's end, also those for days that lie behind it.
What is done at an appointment: treatments.py.
"""

from dataclasses import dataclass

import numpy as np

from simulator.calendar import DAY, NEVER, Calendar
from simulator.chance import Chance
from simulator.cores import by_blocks
from simulator.hospital import DEPARTMENTS, Hospital
from simulator.layout import Booleans, Ints
from simulator.patients import Population
from simulator.tables import Table
from simulator.texts import Part, Parts, Rows, counted, encoded, numbered

_PER_BED_AND_DAY = 1.1
_LONGEST_LEAD_DAYS = 80
_HOURS = [0.0] * 7 + [4.0, 9, 12, 12, 10, 6, 8, 10, 9, 7, 3] + [0.0] * 6
_WEEK = [1.15, 1.10, 1.05, 1.0, 0.8, 0.08, 0.03]
_STATUSES = encoded(
    [
        "Completed",
        "No-show",
        "Cancelled by patient",
        "Cancelled by hospital",
        "Cancelled",
        "Scheduled",
    ]
)
COMPLETED, NO_SHOW, BY_PATIENT, _BY_HOSPITAL, _CANCELLED, _SCHEDULED = range(6)
_REASONS = encoded(
    [
        "Consultation",
        "Follow-up",
        "Check-up",
        "Therapy",
        "Pre-operative",
        "Second opinion",
    ]
)
_DURATIONS = encoded(["15", "20", "30", "45"])


@dataclass(frozen=True)
class Appointments:
    """In order of booking. Moments in minutes.

    `status` counts the status words: what becomes of the appointment at `settled_at`;
    until then it is scheduled.
    """

    row: Ints
    person: Ints
    unit: Ints
    doctor: Ints
    booked_at: Ints
    scheduled_at: Ints
    status: Ints
    settled_at: Ints


def book(
    chance: Chance, calendar: Calendar, hospital: Hospital, people: Population
) -> Appointments:
    """All appointments booked by the closing that lie on or after the first day."""
    # Clinics have been open for longer than the wards are looked at, so the first
    # day is as busy as any other.
    days = range(-_LONGEST_LEAD_DAYS, calendar.days)
    per_day = hospital.first_beds * _PER_BED_AND_DAY
    rate = calendar.per_hour(per_day, days, _HOURS, _WEEK, 0.05)
    booked_at = chance.arrivals("booking", rate) + days.start * DAY
    clinic = np.tile([d.clinic_share for d in DEPARTMENTS], len(hospital.branches))
    patients = np.array([d.patients for d in DEPARTMENTS])

    def some(block: slice) -> tuple[Ints, ...]:
        at, row = booked_at[block], np.arange(block.start, block.stop)
        unit = chance.pick("booking.unit", row, clinic)
        kinds = patients[unit % len(DEPARTMENTS)]
        place = people.somewhere(chance, "booking.person", row, kinds)
        person = people.someone(place, at // DAY)
        scheduled_at = _scheduled_at(chance, calendar, row, at)
        listed = (scheduled_at >= 0) & (at <= calendar.closing)
        listed &= people.dies_at[person] > at
        row, person, unit = row[listed], person[listed], unit[listed]
        at, scheduled_at = at[listed], scheduled_at[listed]
        doctor = hospital.doctor(chance, "booking.doctor", row, unit)
        becomes = _becomes(chance, row, at, scheduled_at, people.dies_at[person])
        return (row, person, unit, doctor, at, scheduled_at, *becomes)

    return Appointments(*by_blocks(some, len(booked_at)))


def _scheduled_at(
    chance: Chance, calendar: Calendar, row: Ints, booked_at: Ints
) -> Ints:
    """A quarter of an hour on a weekday, today or some days or weeks later."""
    today = booked_at // DAY
    soon = chance.happens("booking.soon", row, 0.12)
    mean = np.where(soon, 0.7, 18.0)
    lead = chance.exponential("booking.lead", row, mean)
    lead_days = np.minimum(lead.astype(np.int64), _LONGEST_LEAD_DAYS - 7)
    weekday = calendar.weekday(today + lead_days)
    # Nobody is seen at the weekend; those days fall to any day of the week after.
    other = (chance.uniform("booking.weekday", row) * 5).astype(np.int64)
    lead_days += np.where(weekday >= 5, 7 - weekday + other, 0)
    quarter = 8 * 4 + (chance.uniform("booking.slot", row) * 38).astype(np.int64)
    slot = (today + lead_days) * DAY + quarter * 15
    next_quarter = (booked_at // 15 + 2) * 15
    return np.asarray(np.maximum(slot, next_quarter), dtype=np.int64)


def _becomes(
    chance: Chance, row: Ints, booked_at: Ints, scheduled_at: Ints, dies_at: Ints
) -> tuple[Ints, Ints]:
    """What becomes of each appointment, and when."""
    lead_days = scheduled_at // DAY - booked_at // DAY
    # The longer the wait, the likelier nobody comes: 4 % for today, 22 % in 60 days.
    no_show = np.asarray(0.04 + 0.003 * lead_days, dtype=np.float64)
    stays_away = chance.happens("booking.no_show", row, no_show)
    status = np.where(stays_away, NO_SHOW, COMPLETED)
    cancelled = chance.pick("booking.cancelled", row, [0.07, 0.035, 0.015, 0.88])
    wait = scheduled_at - booked_at
    cancelled_at = booked_at + (
        chance.uniform("booking.cancelled_at", row) * wait
    ).astype(np.int64)
    cancelled_at = np.where(cancelled == 3, NEVER, cancelled_at)
    status = np.where(cancelled < 3, BY_PATIENT + cancelled, status)
    dead: Booleans = dies_at < np.minimum(scheduled_at, cancelled_at)
    status = np.where(dead, _CANCELLED, status)
    settled_at = np.minimum(np.minimum(scheduled_at, cancelled_at), dies_at)
    return status, settled_at


def table(
    chance: Chance,
    hospital: Hospital,
    calendar: Calendar,
    booked: Appointments,
    patients: Ints,
) -> Table:
    """The table appointments as known by the calendar's closing.

    `patients` are the numbers in all persons' ids.
    """

    def reason(some: Rows) -> Parts:
        row = booked.row[some]
        shares = [0.34, 0.30, 0.16, 0.11, 0.07, 0.02]
        return [Part(_REASONS, chance.pick("booking.reason", row, shares))]

    def minutes(some: Rows) -> Parts:
        row = booked.row[some]
        shares = [0.25, 0.35, 0.3, 0.1]
        return [Part(_DURATIONS, chance.pick("booking.duration", row, shares))]

    def status(some: Rows) -> Parts:
        is_settled = booked.settled_at[some] <= calendar.closing
        return [Part(_STATUSES, np.where(is_settled, booked.status[some], _SCHEDULED))]

    number = np.searchsorted(booked.booked_at, calendar.closing, "right")
    return Table(
        slice(0, int(number)),
        {
            "appointment_id": lambda some: numbered("E", 7, counted(some)),
            "patient_id": lambda some: numbered("P", 6, patients[booked.person[some]]),
            "doctor_id": lambda some: [hospital.doctor_of(booked.doctor[some])],
            "branch_id": lambda some: [hospital.branch_of(booked.unit[some])],
            "department_id": lambda some: [hospital.unit_of(booked.unit[some])],
            "booked_at": lambda some: calendar.moments(booked.booked_at[some]),
            "scheduled_at": lambda some: calendar.moments(
                booked.scheduled_at[some], until=NEVER
            ),
            "duration_minutes": minutes,
            "status": status,
            "reason": reason,
        },
        prefix="E",
        digits=7,
    )
