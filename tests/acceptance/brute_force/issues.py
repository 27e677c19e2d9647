"""What is wrong with a record: every issue that the catalogue of faults lists.

Belongs here: faults that are reported and never repaired. Rows that cannot be read at
all are left out in extract.py.
"""

from collections.abc import Iterator
from datetime import time
from itertools import pairwise
from typing import Any

from tests.acceptance.brute_force.care_issues import (
    Found,
    ids_of,
    of_appointments,
    of_bills,
    of_patients,
    of_payments,
    of_shifts,
    of_treatments,
    unknown,
)
from tests.acceptance.brute_force.clocks import Clocks, is_skipped, true_time
from tests.acceptance.brute_force.extract import Extract, Row, Rows
from tests.acceptance.brute_force.naming import (
    SOURCE,
    Names,
    grouped,
    key_of,
    known,
)
from tests.acceptance.brute_force.parts import House, within
from tests.acceptance.brute_force.stays import in_time, is_before_history


def find_issues(
    extract: Extract,
    clocks: Clocks,
    stays: Rows,
    appointments: Rows,
    treatments: Rows,
    bills: Rows,
) -> set[Found]:
    """All issues of all records."""
    return {
        *_of_stays(extract, stays),
        *_of_bed_stays(extract, clocks, stays),
        *_of_branches(clocks),
        *of_appointments(extract, appointments),
        *of_treatments(extract, stays, appointments, treatments),
        *of_bills(extract, stays, treatments, bills),
        *of_payments(extract, bills),
        *of_patients(extract),
        *of_shifts(extract),
    }


def fct_quality_issues(names: Names, found: set[Found]) -> list[dict[str, Any]]:
    """One row per faulty record and issue."""
    return [
        {
            "source_system": SOURCE,
            "entity": entity,
            "record_key": (
                key_of(natural_id)
                if entity in ("branches", "doctor_shifts")
                else names.pseudonym(entity.removesuffix("s"), natural_id)
            ),
            "issue": issue,
            **names.place(place),
        }
        for entity, natural_id, issue, place in found
    ]


def _of_stays(extract: Extract, stays: Rows) -> Iterator[Found]:
    patients = ids_of(extract.patients, "patient_id")
    doctors = ids_of(extract.doctor_versions, "doctor_id")
    registered = {it.patient_id: it.deceased_on for it in extract.patients}
    discharged_dead = grouped(
        (it for it in stays if it.is_death), lambda it: it.patient_id
    )
    of_patient = grouped(stays, lambda it: it.patient_id)
    for stay in stays:
        issues = unknown("patient", stay.patient_id, patients)
        issues += unknown("doctor", stay.doctor_id, doctors)
        if stay.is_measurable and stay.patient_id is not None:
            issues += _overlaps(stay, of_patient[stay.patient_id])
        if _is_after_death(stay, registered, discharged_dead):
            issues.append("admission_after_recorded_death")
        left = stay.recorded_discharge
        if not stay.is_open and stay.discharged_at < stay.admitted_at:
            issues.append("discharge_before_admission")
        if left == stay.admitted_at and left.time() != time.min:
            issues.append("stay_of_no_time")
        if is_before_history(stay, extract.as_of):
            issues.append("admission_before_history")
        if stay.admitted_at > extract.as_of:
            issues.append("admission_after_as_of")
        if left is not None and left > extract.as_of:
            issues.append("discharge_after_as_of")
        if any(is_skipped(it, stay.zone) for it in known([stay.admitted_at, left])):
            issues.append("time_skipped_by_clock")
        if stay.is_open and stay.outcome is not None:
            issues.append("outcome_before_discharge")
        for issue in issues:
            yield (
                "admissions",
                stay.admission_id,
                issue,
                (stay.branch_id, stay.department_id),
            )


def _is_after_death(
    stay: Row, registered: dict[str, Any], discharged_dead: dict[str, Rows]
) -> bool:
    """After the register's day of death, or the moment of a discharge by death."""
    died_on = registered.get(stay.patient_id)
    moments = [it.until for it in discharged_dead.get(stay.patient_id, [])]
    return (died_on is not None and stay.admitted_at.date() > died_on) or (
        bool(moments) and stay.begin > min(moments)
    )


def _overlaps(stay: Row, of_patient: Rows) -> list[str]:
    """Begins before a previous stay of the patient ends; perhaps ends before it too.

    Of two that begin at once, in_time says which is the previous one.
    """
    previous = [
        it
        for it in of_patient
        if it.is_measurable and in_time(it) < in_time(stay) and stay.begin < it.until
    ]
    if not previous:
        return []
    within = any(stay.until <= it.until for it in previous)
    return ["stay_overlaps_previous_stay"] + ["stay_within_previous_stays"] * within


def _of_branches(clocks: Clocks) -> Iterator[Found]:
    for branch in clocks.unknown():
        yield "branches", branch, "unknown_time_zone", (branch, None)


def _of_bed_stays(extract: Extract, clocks: Clocks, stays: Rows) -> Iterator[Found]:
    """Bed stays against their admission, and against the next one of it."""
    admitted = {it.admission_id: it for it in stays}
    beds = ids_of(extract.beds, "bed_id")
    house = House(extract)
    for admission_id, recorded in grouped(
        extract.bed_stays, lambda it: it.admission_id
    ).items():
        stay = admitted.get(admission_id)
        overlapping = _overlapping(stay, recorded, house, clocks)
        for it in recorded:
            issues = unknown("bed", it.bed_id, beds)
            if stay is None:
                issues.append("unknown_admission")
            elif _reaches_beyond(it, stay):
                issues.append("bed_stay_outside_stay")
            if stay and clocks.zone(house.place(it, stay)[0]) != stay.zone:
                issues.append("bed_stay_in_other_time_zone")
            if it.bed_stay_id in overlapping:
                issues.append("bed_stay_overlaps_next")
            if it.ended_at is not None and it.ended_at < it.started_at:
                issues.append("bed_stay_ends_before_it_begins")
            for issue in issues:
                yield "bed_stays", it.bed_stay_id, issue, house.place(it, stay)


def _reaches_beyond(it: Row, stay: Row) -> bool:
    begin = true_time(it.started_at, stay.zone)
    end = true_time(it.ended_at or it.started_at, stay.zone)
    return begin < stay.begin or end > stay.until


def _overlapping(
    stay: Row | None, recorded: Rows, house: House, clocks: Clocks
) -> set[str]:
    """The patient's next bed stay begins before it ends."""
    if stay is None or not stay.is_measurable:
        return set()
    spans = within(stay, recorded, house, clocks)
    return {
        it.bed_stay_id
        for (_, end, it), (next_begin, _, _) in pairwise(spans)
        if next_begin < end
    }
