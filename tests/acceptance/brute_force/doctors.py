"""Doctors by what they did, day by day and month by month.

Belongs here: the load of a doctor, the sum of single deeds. The patients: patients.py.
"""

from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Any

from tests.acceptance.brute_force.care import STATUSES, Doctors
from tests.acceptance.brute_force.clocks import DAY
from tests.acceptance.brute_force.extract import Extract, Row, Rows
from tests.acceptance.brute_force.naming import (
    SOURCE,
    Names,
    grouped,
    key_of,
    known,
    month_of,
    percent,
    ratio,
    total,
)
from tests.acceptance.brute_force.places import Departments

FULL_TIME_HOURS = 40


def read_deeds(
    extract: Extract, stays: Rows, appointments: Rows, treatments: Rows, bills: Rows
) -> Rows:
    """Everything a doctor did or was there for, one deed after the other, to as_of."""
    deeds = []

    def add(kind: str, of: Row, day: date, **more: Any) -> None:
        if of.doctor_id is not None and day <= extract.as_of_day:
            facts = {"patient_id": None, "amount": None, "minutes": None}
            deeds.append(
                Row(kind=kind, doctor_id=of.doctor_id, day=day, **(facts | more))
            )

    for it in appointments:
        minutes = it.duration_minutes if it.became == "completed" else None
        add(it.became, it, it.day, patient_id=it.patient_id, minutes=minutes)
    for it in treatments:
        add("treatment", it, it.treated_on, patient_id=it.patient_id)
    for it in bills:
        add("bill", it, it.billed_on, amount=it.amount)
    for it in extract.doctor_shifts:
        hours = {"rostered": it.rostered_hours, "worked": it.worked_hours}
        add("shift", it, it.shift_date, **hours)
    for it in stays:
        if it.is_measurable:
            add("admission", it, it.admitted_at.date(), patient_id=it.patient_id)
            for night in _nights(it, extract.as_of_day):
                add("night", it, night)
    return deeds


def _nights(stay: Row, as_of: date) -> list[date]:
    ends = as_of + DAY if stay.is_open else stay.discharged_at.date()
    begins = stay.admitted_at.date()
    return [begins + DAY * number for number in range((ends - begins).days)]


def _load(deeds: Rows) -> dict[str, Any]:
    count = Counter(deed.kind for deed in deeds)
    shifts = [deed for deed in deeds if deed.kind == "shift"]
    rostered, worked = total(shifts, "rostered"), total(shifts, "worked")
    minutes = sum(known(deed.minutes for deed in deeds))
    offered = {
        day
        for day, of_day in grouped(shifts, lambda it: it.day).items()
        if total(of_day, "rostered")
    }
    seen = sum(known(deed.minutes for deed in deeds if deed.day in offered))
    return {
        "appointments": sum(count[kind] for kind in STATUSES.values()),
        "completed_appointments": count["completed"],
        "no_shows": count["no_show"],
        "distinct_patients": len({it.patient_id for it in deeds if it.patient_id}),
        "admissions": count["admission"],
        "treatments": count["treatment"],
        "billed_amount": total(deeds, "amount") or Decimal(0),
        "completed_minutes": minutes,
        "rostered_completed_minutes": seen if offered else None,
        "rostered_hours": rostered,
        "worked_hours": worked,
        "utilisation_pct": percent(worked, rostered),
        "clinic_utilisation_pct": percent(
            seen if offered else None, rostered and rostered * 60
        ),
        "activities": count["completed"] + count["admission"] + count["treatment"],
    }


def _per_contract(doctor: Row | None, activities: int) -> dict[str, Any]:
    """For one full-time contract, a week of 40 hours."""
    hours = doctor.contracted_hours_per_week if doctor else None
    return {
        "full_time_equivalents": ratio(hours, FULL_TIME_HOURS),
        "activities_per_full_time_equivalent": ratio(
            activities, hours, times=FULL_TIME_HOURS
        ),
    }


def _share(rows: list[dict[str, Any]], period: str) -> None:
    """Each doctor's part of what the department's doctors did in the period."""
    activities: Counter[Any] = Counter()
    for row in rows:
        activities[row[period], row["department_key"]] += row["activities"]
    for row in rows:
        of_all = activities[row[period], row["department_key"]]
        row["department_activities"] = of_all if row["department_key"] else None
        row["share_of_department_pct"] = percent(
            row["activities"], row["department_activities"]
        )


def doctor_load_daily(
    extract: Extract, names: Names, deeds: Rows
) -> list[dict[str, Any]]:
    """One row per day and doctor with any activity, patient or shift."""
    doctors, departments = Doctors(extract), Departments(extract)
    rows = []
    for (day, doctor_id), of_day in grouped(
        deeds, lambda it: (it.day, it.doctor_id)
    ).items():
        nights = sum(deed.kind == "night" for deed in of_day)
        load = _load(of_day) | {"midnight_caseload": nights}
        doctor = doctors.on(doctor_id, day)
        rows.append(
            {"source_system": SOURCE, "date_day": day}
            | _who(names, departments, doctor_id, doctor)
            | load
            | _per_contract(doctor, load["activities"])
        )
    _share(rows, "date_day")
    return rows


def doctor_load_monthly(
    extract: Extract, names: Names, deeds: Rows, days: list[date]
) -> list[dict[str, Any]]:
    """One row per month and doctor; placed as on the last active day of the month."""
    doctors, departments = Doctors(extract), Departments(extract)
    nights_of = Counter(month_of(day) for day in days)
    rows = []
    for (month, doctor_id), of_month in grouped(
        deeds, lambda it: (month_of(it.day), it.doctor_id)
    ).items():
        last = max(deed.day for deed in of_month)
        nights = sum(deed.kind == "night" for deed in of_month)
        load = _load(of_month) | {
            "caseload_nights": nights,
            "midnight_caseload": ratio(nights, nights_of[month]),
        }
        doctor = doctors.on(doctor_id, last)
        rows.append(
            {"source_system": SOURCE, "month_start": month}
            | _who(names, departments, doctor_id, doctor)
            | load
            | _per_contract(doctor, load["activities"])
        )
    _share(rows, "month_start")
    return rows


def _who(
    names: Names, departments: Departments, doctor_id: str, doctor: Row | None
) -> dict[str, Any]:
    return {
        "doctor_key": key_of(doctor_id),
        "doctor_name": doctor.doctor_name if doctor else None,
        **names.place(departments.place_of(doctor)),
    }
