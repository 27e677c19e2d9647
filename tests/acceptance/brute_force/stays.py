"""Stays: their lengths, their flags, and what follows them, by measures.md.

Belongs here: one admission and pairs of admissions. Where the patient lay: parts.py.
"""

from datetime import datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tests.acceptance.brute_force.clocks import Clocks, true_time
from tests.acceptance.brute_force.extract import Extract, Row, Rows
from tests.acceptance.brute_force.naming import (
    SOURCE,
    Names,
    grouped,
    key_of,
    rounded,
)

LONG_STAY_NIGHTS = 21
LONGEST_HISTORY_DAYS = 16384


def read_stays(extract: Extract, clocks: Clocks) -> Rows:
    """Every admission as it stands at as_of, which is local like all else.

    A discharge dated later has not happened yet. A stay is measurable if it begins no
    later than it ends and than as_of, as recorded, and lasts some time if it is timed.
    A time that the clock skipped may lie after those that follow it: no time passes.
    """
    return [_stay(it, extract.as_of, clocks) for it in extract.admissions]


def _stay(admission: Row, as_of: datetime, clocks: Clocks) -> Row:
    zone = clocks.zone(admission.branch_id)
    discharged_at = admission.discharged_at
    if discharged_at is not None and discharged_at > as_of:
        discharged_at = None
    begin = true_time(admission.admitted_at, zone)
    until = true_time(discharged_at or as_of, zone)
    is_in_order = admission.admitted_at <= (discharged_at or as_of)
    if is_in_order:
        until = max(until, begin)
    outcome = admission.outcome
    return Row(
        **(vars(admission) | {"discharged_at": discharged_at}),
        recorded_discharge=admission.discharged_at,
        zone=zone,
        begin=begin,
        until=until,
        is_open=discharged_at is None,
        is_measurable=is_in_order
        and not is_before_history(admission, as_of)
        and not is_of_no_time(admission),
        is_death=discharged_at is not None and outcome == "Deceased",
        is_transfer_out=discharged_at is not None and outcome == "Transferred",
    )


def is_before_history(admission: Row, as_of: datetime) -> bool:
    """Begins so long ago that it must be a slip."""
    return (as_of.date() - admission.admitted_at.date()).days >= LONGEST_HISTORY_DAYS


def is_of_no_time(admission: Row) -> bool:
    """Ends as it begins; at midnight it may be two dates without their times."""
    begins = admission.admitted_at
    return bool(begins == admission.discharged_at and begins.time() != time.min)


def nights(stay: Row) -> int | None:
    """Local discharge date less local admission date (NHS HES spell)."""
    if stay.is_open or not stay.is_measurable:
        return None
    return (stay.discharged_at.date() - stay.admitted_at.date()).days


def hours(stay: Row) -> Fraction:
    """The exact interval in hours: true time, whatever the clock did meanwhile."""
    return Fraction((stay.until - stay.begin) // timedelta(seconds=1), 3600)


def in_time(stay: Row) -> tuple[datetime, datetime, str]:
    """Sorts the stays of a patient; of two that begin at once, the shorter is first."""
    return stay.begin, stay.until, stay.admission_id


def is_index(stay: Row) -> bool:
    """A live discharge that is no transfer out."""
    return (
        stay.is_measurable
        and not stay.is_open
        and not stay.is_death
        and not stay.is_transfer_out
    )


def days_after(index: Row, later: Row) -> int | None:
    """Days from the index discharge to the later admission of the same patient.

    Null for a stay that begins within the index stay: a fault, never counted. Of two
    at the same moment only one follows the other.
    """
    if later.begin < index.until or in_time(later) <= in_time(index):
        return None
    return (later.admitted_at.date() - index.discharged_at.date()).days


def follows_within_30(index: Row, later: Row) -> bool:
    """Any admission 0 to 30 days after the index discharge."""
    days = days_after(index, later)
    return days is not None and 0 <= days <= 30


def follows_nhs(index: Row, later: Row) -> bool:
    """An emergency admission 0 to 29 days after the index discharge, inclusive."""
    days = days_after(index, later)
    is_emergency = later.admission_type == "Emergency"
    return is_emergency and days is not None and 0 <= days <= 29


def mark_readmissions(stays: Rows) -> None:
    """Hold every stay of a patient against every other."""
    for of_patient in grouped(stays, lambda stay: stay.patient_id).values():
        candidates = [stay for stay in of_patient if stay.is_measurable]
        for stay in of_patient:
            others = [it for it in of_patient if is_index(it)]
            later = candidates if is_index(stay) else []
            counts = stay.is_measurable
            stay.readmitted = counts and any(follows_within_30(i, stay) for i in others)
            stay.readmitted_nhs = counts and any(follows_nhs(i, stay) for i in others)
            stay.followed = any(follows_within_30(stay, it) for it in later)
            stay.followed_nhs = any(follows_nhs(stay, it) for it in later)


def fct_admissions(
    names: Names, stays: Rows, bills: Rows, faulty: set[str]
) -> list[dict[str, Any]]:
    """One row per admission; `faulty` are the ids of those with a quality issue."""
    billed: dict[str, Decimal] = {}
    for bill in bills:
        if bill.stay_id is not None:
            billed[bill.stay_id] = billed.get(bill.stay_id, Decimal(0)) + bill.amount
    return [
        {
            "source_system": SOURCE,
            "admission_key": names.pseudonym("admission", stay.admission_id),
            "patient_key": names.pseudonym("patient", stay.patient_id),
            "doctor_key": key_of(stay.doctor_id),
            **names.place((stay.branch_id, stay.department_id)),
            "admission_type": stay.admission_type,
            "admitted_at": stay.admitted_at,
            "discharged_at": stay.discharged_at,
            "admitted_on": stay.admitted_at.date(),
            "discharged_on": stay.discharged_at and stay.discharged_at.date(),
            "is_open": stay.is_open,
            "outcome": stay.outcome,
            "is_death": stay.is_death,
            "is_transfer_out": stay.is_transfer_out,
            "bed_type": stay.bed_type,
            **_lengths(stay),
            "is_measurable": stay.is_measurable,
            "is_index_for_readmission": is_index(stay),
            "is_readmission_30d": stay.readmitted,
            "is_emergency_readmission_nhs": stay.readmitted_nhs,
            "is_followed_by_readmission_30d": stay.followed,
            "is_followed_by_emergency_readmission_nhs": stay.followed_nhs,
            "is_readmission_recorded": None,
            "billed_amount": billed.get(stay.admission_id),
            "has_quality_issue": stay.admission_id in faulty,
        }
        for stay in stays
    ]


def _lengths(stay: Row) -> dict[str, Any]:
    """All conventions side by side; null where the length cannot be told."""
    count = nights(stay)
    is_closed = count is not None
    is_here = stay.is_open and stay.is_measurable
    return {
        "length_of_stay_hours": rounded(hours(stay)) if is_closed else None,
        "length_of_stay_nights": count,
        "length_of_stay_days_medicare": max(count, 1) if is_closed else None,
        "stay_to_date_hours": rounded(hours(stay)) if is_here else None,
        "is_same_day": count == 0 if is_closed else None,
        "is_long_stay": count >= LONG_STAY_NIGHTS if is_closed else None,
    }
