"""Appointments and treatments: where they belong, what became of them, what they cost.

Belongs here: outpatient care and single treatments. Who is billed for them: billing.py.
"""

from datetime import date
from typing import Any

from tests.acceptance.brute_force.extract import Extract, Row, Rows
from tests.acceptance.brute_force.naming import (
    SOURCE,
    Names,
    first_known,
    grouped,
    key_of,
    known,
    median,
    month_of,
    percent,
    ratio,
    total,
)
from tests.acceptance.brute_force.places import NOWHERE, Departments, joined

STATUSES = {
    "Scheduled": "scheduled",
    "Completed": "completed",
    "No-show": "no_show",
    "Cancelled by patient": "cancelled_by_patient",
    "Cancelled by hospital": "cancelled_by_hospital",
    "Cancelled": "cancelled",
}


class Doctors:
    """What is known of a doctor on a day."""

    def __init__(self, extract: Extract) -> None:
        self._versions = grouped(extract.doctor_versions, lambda it: it.doctor_id)

    def on(self, doctor_id: str | None, day: date) -> Row | None:
        """The version with valid_from <= day < valid_to."""
        for version in self._versions.get(doctor_id or "", []):
            ends = version.valid_to
            if version.valid_from <= day and (ends is None or day < ends):
                return version
        return None


def read_appointments(extract: Extract) -> Rows:
    """Appointments in their place: their own, else their doctor's on that day."""
    doctors, departments = Doctors(extract), Departments(extract)
    appointments = []
    for row in extract.appointments:
        day = row.scheduled_at.date()
        place = joined(
            departments.place_of(row),
            departments.place_of(doctors.on(row.doctor_id, day)),
        )
        lead = None if row.booked_at is None else (day - row.booked_at.date()).days
        appointments.append(
            Row(
                **vars(row),
                place=place,
                day=day,
                lead_time_days=lead,
                became=STATUSES[row.status],
            )
        )
    return appointments


def fct_appointments(names: Names, appointments: Rows) -> list[dict[str, Any]]:
    """One row per appointment, future ones included."""
    return [
        {
            "source_system": SOURCE,
            "appointment_key": names.pseudonym("appointment", it.appointment_id),
            "patient_key": names.pseudonym("patient", it.patient_id),
            "doctor_key": key_of(it.doctor_id),
            **names.place(it.place),
            "scheduled_at": it.scheduled_at,
            "scheduled_on": it.day,
            "booked_at": it.booked_at,
            "lead_time_days": it.lead_time_days,
            "appointment_status": it.became,
            "reason": it.reason,
            "duration_minutes": it.duration_minutes,
        }
        for it in appointments
    ]


def appointment_activity_daily(
    extract: Extract, names: Names, appointments: Rows
) -> list[dict[str, Any]]:
    """One row per day up to as_of, branch, department and doctor."""
    groups = grouped(
        (it for it in appointments if it.day <= extract.as_of_day),
        lambda it: (it.day, it.place, it.doctor_id),
    )
    return [
        {
            "source_system": SOURCE,
            "date_day": day,
            **names.place(place),
            "doctor_key": key_of(doctor),
            **_activity(group),
        }
        for (day, place, doctor), group in groups.items()
    ]


def _activity(appointments: Rows) -> dict[str, Any]:
    """Both denominators: those who were to come (attended), and all booked (NHS)."""
    count = {
        status: sum(it.became == status for it in appointments)
        for status in STATUSES.values()
    }
    booked, missed = len(appointments), count["no_show"]
    cancelled = sum(n for status, n in count.items() if status.startswith("cancelled"))
    leads = [it for it in known(a.lead_time_days for a in appointments) if it >= 0]
    return count | {
        "booked": booked,
        "cancelled": cancelled,
        "lead_time_days_total": sum(leads) if leads else None,
        "lead_time_appointments": len(leads),
        "no_show_rate_attended_basis_pct": percent(missed, count["completed"] + missed),
        "no_show_rate_booked_basis_pct": percent(missed, booked),
        "completion_rate_pct": percent(count["completed"], booked),
    }


def read_treatments(extract: Extract, stays: Rows, appointments: Rows) -> Rows:
    """Treatments in their place: their own, else the appointment's, else the stay's."""
    booked = {it.appointment_id: it for it in appointments}
    admitted = {it.admission_id: it for it in stays}
    departments = Departments(extract)
    treatments = []
    for row in extract.treatments:
        visit = booked.get(row.appointment_id)
        stay = admitted.get(row.admission_id)
        place = joined(
            departments.place_of(row),
            visit.place if visit else NOWHERE,
            departments.place_of(stay),
        )
        patient = first_known(visit and visit.patient_id, stay and stay.patient_id)
        doctor = first_known(row.doctor_id, visit and visit.doctor_id)
        own = vars(row) | {"doctor_id": doctor}
        treatments.append(Row(**own, place=place, patient_id=patient))
    return treatments


def fct_treatments(names: Names, treatments: Rows) -> list[dict[str, Any]]:
    """One row per treatment."""
    return [
        {
            "source_system": SOURCE,
            "treatment_key": names.pseudonym("treatment", it.treatment_id),
            "appointment_key": names.pseudonym("appointment", it.appointment_id),
            "admission_key": names.pseudonym("admission", it.admission_id),
            "patient_key": names.pseudonym("patient", it.patient_id),
            "doctor_key": key_of(it.doctor_id),
            **names.place(it.place),
            "treatment_type": it.treatment_type,
            "treated_on": it.treated_on,
            "cost_amount": it.cost,
        }
        for it in treatments
    ]


def treatment_costs_monthly(
    extract: Extract, names: Names, treatments: Rows
) -> list[dict[str, Any]]:
    """One row per month up to as_of, branch, department and treatment type."""
    groups = grouped(
        (it for it in treatments if it.treated_on <= extract.as_of_day),
        lambda it: (month_of(it.treated_on), it.place, it.treatment_type),
    )
    rows = []
    for (month, place, treatment_type), group in groups.items():
        costs = known(it.cost for it in group)
        rows.append(
            {
                "source_system": SOURCE,
                "month_start": month,
                **names.place(place),
                "treatment_type": treatment_type,
                "treatments": len(group),
                "costed_treatments": len(costs),
                "total_cost_amount": total(group, "cost"),
                "average_cost_amount": ratio(total(group, "cost"), len(costs)),
                "median_cost_amount": median(costs),
                "minimum_cost_amount": min(costs, default=None),
                "maximum_cost_amount": max(costs, default=None),
            }
        )
    return rows
