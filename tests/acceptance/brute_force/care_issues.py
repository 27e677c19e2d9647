"""What is wrong with appointments, treatments, bills, payments, patients and shifts.

Belongs here: faults of what is not a stay. Stays, and the catalogue as a whole:
issues.py.
"""

from collections.abc import Collection, Iterator

from tests.acceptance.brute_force.care import Doctors
from tests.acceptance.brute_force.extract import Extract, Rows
from tests.acceptance.brute_force.naming import Place, grouped, known
from tests.acceptance.brute_force.places import NOWHERE, Departments, joined

Found = tuple[str, str, str, Place]
"""Entity, natural id, issue, place."""


def unknown(kind: str, named: str | None, register: Collection[str]) -> list[str]:
    """Names a record that was not received, or that is in quarantine."""
    missing = named is not None and named not in register
    return [f"unknown_{kind}"] if missing else []


def ids_of(rows: Rows, column: str) -> set[str]:
    return {getattr(row, column) for row in rows}


def of_appointments(extract: Extract, appointments: Rows) -> Iterator[Found]:
    patients = {it.patient_id: it for it in extract.patients}
    doctors = ids_of(extract.doctor_versions, "doctor_id")
    for it in appointments:
        issues = unknown("patient", it.patient_id, patients)
        issues += unknown("doctor", it.doctor_id, doctors)
        patient = patients.get(it.patient_id)
        registered = patient.registered_on if patient else None
        if registered is not None and it.day < registered:
            issues.append("appointment_before_registration")
        if it.booked_at is not None and it.booked_at > it.scheduled_at:
            issues.append("booked_after_appointment")
        is_ahead = it.scheduled_at > extract.as_of
        if is_ahead and it.became in ("completed", "no_show"):
            issues.append("outcome_before_appointment")
        for issue in issues:
            yield "appointments", it.appointment_id, issue, it.place


def of_treatments(
    extract: Extract, stays: Rows, appointments: Rows, treatments: Rows
) -> Iterator[Found]:
    admitted = {it.admission_id: it for it in stays}
    booked = ids_of(appointments, "appointment_id")
    doctors = ids_of(extract.doctor_versions, "doctor_id")
    for it in treatments:
        issues = unknown("admission", it.admission_id, admitted)
        issues += unknown("appointment", it.appointment_id, booked)
        issues += unknown("doctor", it.doctor_id, doctors)
        stay = admitted.get(it.admission_id)
        if stay is not None:
            begins, ends = stay.admitted_at.date(), stay.discharged_at
            is_late = ends is not None and it.treated_on > ends.date()
            if it.treated_on < begins or is_late:
                issues.append("treatment_outside_stay")
            stays_at = (stay.branch_id, stay.department_id)
            if None not in (it.place[1], stays_at[1]) and it.place != stays_at:
                issues.append("treatment_department_differs_from_admission")
        for issue in issues:
            yield "treatments", it.treatment_id, issue, it.place


def of_bills(
    extract: Extract, stays: Rows, treatments: Rows, bills: Rows
) -> Iterator[Found]:
    patients = ids_of(extract.patients, "patient_id")
    admitted = ids_of(stays, "admission_id")
    treated = ids_of(treatments, "treatment_id")
    for it in bills:
        issues = unknown("patient", it.own_patient_id, patients)
        issues += unknown("admission", it.stay_id, admitted)
        issues += unknown("treatment", it.treatment_id, treated)
        if it.own_patient_id != it.patient_id:
            issues.append("bill_names_another_patient")
        if it.outstanding_amount < 0:
            issues.append("bill_paid_more_than_billed")
        parts = [it.room_amount, it.medicine_amount, it.procedure_amount]
        if known(parts) and sum(known(parts)) != it.amount:
            issues.append("bill_parts_differ_from_total")
        if it.billed_on > extract.as_of_day:
            issues.append("bill_after_as_of")
        for issue in issues:
            yield "bills", it.bill_id, issue, it.place


def of_payments(extract: Extract, bills: Rows) -> Iterator[Found]:
    register = ids_of(bills, "bill_id")
    for it in extract.payments:
        issues = unknown("bill", it.bill_id, register)
        if it.paid_on > extract.as_of_day:
            issues.append("payment_after_as_of")
        for issue in issues:
            yield "payments", it.payment_id, issue, NOWHERE


def of_patients(extract: Extract) -> Iterator[Found]:
    """Has the name or the e-mail of an earlier registration, or a senseless merge."""
    for it in extract.patients:
        if it.merge_fault:
            yield "patients", it.patient_id, it.merge_fault, NOWHERE
        if it.patient_id in extract.reused_patients:
            yield "patients", it.patient_id, "patient_id_reused", NOWHERE
    for column in ("patient_name", "email"):
        for value, sharing in grouped(
            extract.patients, lambda it, of=column: getattr(it, of)
        ).items():
            if value is None:
                continue
            ranked = sorted(
                sharing, key=lambda it: (str(it.registered_on), it.patient_id)
            )
            for it in ranked[1:]:
                yield "patients", it.patient_id, "patient_shares_name_or_email", NOWHERE


def of_shifts(extract: Extract) -> Iterator[Found]:
    doctors = ids_of(extract.doctor_versions, "doctor_id")
    departments, versions = Departments(extract), Doctors(extract)
    for of_day in grouped(
        extract.doctor_shifts, lambda it: (it.doctor_id, it.shift_date)
    ).values():
        ranked = sorted(of_day, key=lambda it: it.shift_id)
        said = set()
        for turn, it in enumerate(ranked):
            issues = unknown("doctor", it.doctor_id, doctors)
            place = joined(
                departments.place_of(it),
                departments.place_of(versions.on(it.doctor_id, it.shift_date)),
            )
            says = (place, it.rostered_hours, it.worked_hours)
            if turn:
                issues.append("shift_repeats_doctor_and_day")
            if says in said:
                issues.append("shift_repeated")
            said.add(says)
            for issue in issues:
                yield "doctor_shifts", it.shift_id, issue, place
