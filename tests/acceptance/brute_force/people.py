"""Patients by age, sex and insurance; doctors by what they did.

Belongs here: measures whose grain is a person. The hospital's front page: overview.py.
"""

from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Any

from tests.acceptance.brute_force.beds import DAY
from tests.acceptance.brute_force.care import Doctors
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

AGE_BANDS = ((17, "0-17"), (39, "18-39"), (64, "40-64"), (79, "65-79"), (89, "80-89"))


def age_band(birth_date: date | None, as_of: date) -> str | None:
    """Completed years at as_of."""
    if birth_date is None:
        return None
    had_birthday = (as_of.month, as_of.day) >= (birth_date.month, birth_date.day)
    age = as_of.year - birth_date.year - (not had_birthday)
    return next((band for limit, band in AGE_BANDS if age <= limit), "90 and over")


def recorded_deaths(extract: Extract, stays: Rows) -> dict[str, date]:
    """The register's day of death, else the first discharge by death, by patient."""
    deaths: dict[str, date] = {}
    for stay in stays:
        if stay.is_death:
            day = stay.discharged_at.date()
            deaths[stay.patient_id] = min(day, deaths.get(stay.patient_id, day))
    for patient in extract.patients:
        if patient.deceased_on is not None:
            deaths[patient.patient_id] = patient.deceased_on
    return deaths


def dim_patient(extract: Extract, names: Names, stays: Rows) -> list[dict[str, Any]]:
    """One row per registered patient."""
    deaths = recorded_deaths(extract, stays)
    return [
        {
            "source_system": SOURCE,
            "patient_key": names.pseudonym("patient", it.patient_id),
            "sex": it.sex,
            "age_band": age_band(it.birth_date, extract.as_of_day),
            "insurance_type": it.insurance_type,
            "is_deceased": it.patient_id in deaths,
        }
        for it in extract.patients
    ]


def patient_demographics(
    extract: Extract, names: Names, stays: Rows, appointments: Rows
) -> list[dict[str, Any]]:
    """One row per branch of the latest visit, sex, age band and insurance."""
    visits = [
        (it.patient_id, it.admitted_at, it.branch_id) for it in stays
    ] + [(it.patient_id, it.scheduled_at, it.place[0]) for it in appointments]
    homes: dict[str, str | None] = {}
    for patient, moment, branch in sorted(visits, key=lambda it: (it[1], it[2] or "")):
        if moment <= extract.as_of:
            homes[patient] = branch
    groups = Counter(
        (
            homes.get(it.patient_id),
            it.sex,
            age_band(it.birth_date, extract.as_of_day),
            it.insurance_type,
        )
        for it in extract.patients
    )
    return [
        {
            "source_system": SOURCE,
            **names.branch(branch),
            "sex": sex,
            "age_band": band,
            "insurance_type": insurance,
            "patients": patients,
        }
        for (branch, sex, band, insurance), patients in groups.items()
    ]


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


_APPOINTMENTS = {
    "scheduled",
    "completed",
    "no_show",
    "cancelled_by_patient",
    "cancelled_by_hospital",
    "cancelled",
}


def _load(deeds: Rows) -> dict[str, Any]:
    count = Counter(deed.kind for deed in deeds)
    shifts = [deed for deed in deeds if deed.kind == "shift"]
    rostered, worked = total(shifts, "rostered"), total(shifts, "worked")
    minutes = sum(known(deed.minutes for deed in deeds))
    return {
        "appointments": sum(count[kind] for kind in _APPOINTMENTS),
        "completed_appointments": count["completed"],
        "no_shows": count["no_show"],
        "distinct_patients": len({it.patient_id for it in deeds if it.patient_id}),
        "admissions": count["admission"],
        "treatments": count["treatment"],
        "billed_amount": total(deeds, "amount") or Decimal(0),
        "completed_minutes": minutes,
        "rostered_hours": rostered,
        "worked_hours": worked,
        "utilisation_pct": percent(worked, rostered),
        "clinic_utilisation_pct": percent(minutes, rostered and rostered * 60),
        "activities": count["completed"] + count["admission"] + count["treatment"],
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
    doctors = Doctors(extract)
    rows = []
    for (day, doctor_id), of_day in grouped(
        deeds, lambda it: (it.day, it.doctor_id)
    ).items():
        nights = sum(deed.kind == "night" for deed in of_day)
        row = {"source_system": SOURCE, "date_day": day} | _who(
            doctors, names, doctor_id, day
        )
        rows.append(row | _load(of_day) | {"midnight_caseload": nights})
    _share(rows, "date_day")
    return rows


def doctor_load_monthly(
    extract: Extract, names: Names, deeds: Rows, days: list[date]
) -> list[dict[str, Any]]:
    """One row per month and doctor; placed as on the last active day of the month."""
    doctors = Doctors(extract)
    nights_of = Counter(month_of(day) for day in days)
    rows = []
    for (month, doctor_id), of_month in grouped(
        deeds, lambda it: (month_of(it.day), it.doctor_id)
    ).items():
        last = max(deed.day for deed in of_month)
        nights = sum(deed.kind == "night" for deed in of_month)
        row = {"source_system": SOURCE, "month_start": month} | _who(
            doctors, names, doctor_id, last
        )
        caseload = {
            "caseload_nights": nights,
            "midnight_caseload": ratio(nights, nights_of[month]),
        }
        rows.append(row | _load(of_month) | caseload)
    _share(rows, "month_start")
    return rows


def _who(doctors: Doctors, names: Names, doctor_id: str, day: date) -> dict[str, Any]:
    doctor = doctors.on(doctor_id, day)
    place = (doctor.branch_id, doctor.department_id) if doctor else (None, None)
    return {
        "doctor_key": key_of(doctor_id),
        "doctor_name": doctor.doctor_name if doctor else None,
        **names.place(place),
    }
