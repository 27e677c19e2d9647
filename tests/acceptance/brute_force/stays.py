"""Stays: their lengths, their flags, and what follows them, by measures.md.

Belongs here: one admission and pairs of admissions. Where the patient lay: beds.py.
"""

from datetime import date, datetime, timedelta
from decimal import Decimal, getcontext
from fractions import Fraction
from typing import Any

from tests.acceptance.brute_force.extract import Extract, Row, Rows
from tests.acceptance.brute_force.naming import (
    SOURCE,
    Names,
    grouped,
    key_of,
    median,
    month_of,
    percent,
    percentile,
    ratio,
    rounded,
)

HOUR = timedelta(hours=1)
LONG_STAY_NIGHTS = 21


def read_stays(extract: Extract) -> Rows:
    """Every admission as it stands at as_of.

    A discharge dated later has not happened yet. A stay is measurable if it begins no
    later than it ends and than as_of.
    """
    return [_stay(admission, extract.as_of) for admission in extract.admissions]


def _stay(admission: Row, as_of: datetime) -> Row:
    discharged_at = admission.discharged_at
    if discharged_at is not None and discharged_at > as_of:
        discharged_at = None
    until = as_of if discharged_at is None else discharged_at
    outcome = admission.outcome
    return Row(
        **(vars(admission) | {"discharged_at": discharged_at}),
        until=until,
        recorded_discharge=admission.discharged_at,
        is_open=discharged_at is None,
        is_measurable=admission.admitted_at <= until,
        is_death=discharged_at is not None and outcome == "Deceased",
        is_transfer_out=discharged_at is not None and outcome == "Transferred",
    )


def nights(stay: Row) -> int | None:
    """Local discharge date less local admission date (NHS HES spell)."""
    if stay.is_open or not stay.is_measurable:
        return None
    return (stay.discharged_at.date() - stay.admitted_at.date()).days


def hours(begin: datetime, end: datetime) -> Fraction:
    """The exact interval in hours."""
    return Fraction((end - begin) // timedelta(seconds=1), 3600)


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

    Null for a stay that begins within the index stay: a fault, never counted.
    """
    if later is index or later.admitted_at < index.discharged_at:
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
    extract: Extract, names: Names, stays: Rows, bills: Rows, faulty: set[str]
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
            **_lengths(stay, extract.as_of),
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


def _lengths(stay: Row, as_of: datetime) -> dict[str, Any]:
    """All conventions side by side; null where the length cannot be told."""
    count = nights(stay)
    is_closed = count is not None
    exact = hours(stay.admitted_at, stay.discharged_at) if is_closed else None
    to_date = stay.is_open and stay.is_measurable
    return {
        "length_of_stay_hours": rounded(exact),
        "length_of_stay_nights": count,
        "length_of_stay_days_medicare": max(count, 1) if is_closed else None,
        "stay_to_date_hours": (
            rounded(hours(stay.admitted_at, as_of)) if to_date else None
        ),
        "is_same_day": count == 0 if is_closed else None,
        "is_long_stay": count >= LONG_STAY_NIGHTS if is_closed else None,
    }


def discharged(stays: Rows) -> Rows:
    """Measurable stays that have ended."""
    return [stay for stay in stays if stay.is_measurable and not stay.is_open]


def length_of_stay_monthly(names: Names, stays: Rows) -> list[dict[str, Any]]:
    """One row per month of discharge, branch, department and admission type."""
    groups = grouped(
        discharged(stays),
        lambda it: (
            month_of(it.discharged_at.date()),
            (it.branch_id, it.department_id),
            it.admission_type,
        ),
    )
    return [
        {
            "source_system": SOURCE,
            "month_start": month,
            **names.place(place),
            "admission_type": admission_type,
            **_averages(group),
        }
        for (month, place, admission_type), group in groups.items()
    ]


def _averages(stays: Rows) -> dict[str, Any]:
    lengths = [nights(stay) or 0 for stay in stays]
    overnight = [length for length in lengths if length > 0]
    exact = sum(hours(stay.admitted_at, stay.discharged_at) for stay in stays)
    return {
        "discharges": len(lengths),
        "same_day_discharges": len(lengths) - len(overnight),
        "bed_days": sum(lengths),
        "stay_hours": rounded(exact),
        "average_length_of_stay_nights": ratio(sum(lengths), len(lengths)),
        "average_length_of_stay_hours": ratio(exact, len(lengths)),
        "average_overnight_length_of_stay_nights": ratio(
            sum(lengths), len(overnight)
        ),
        "geometric_mean_length_of_stay_nights": geometric_mean(overnight),
        "median_length_of_stay_nights": median(lengths),
        "p90_length_of_stay_nights": percentile(lengths, Fraction(9, 10)),
        "long_stays": sum(length >= LONG_STAY_NIGHTS for length in lengths),
    }


def geometric_mean(lengths: list[int]) -> Decimal | None:
    """exp(mean(ln(nights))) over stays of one night or more (CMS GMLOS)."""
    getcontext().prec = 40
    logs = [Decimal(length).ln() for length in lengths]
    return rounded((sum(logs, Decimal(0)) / len(logs)).exp()) if logs else None


def outcomes_monthly(names: Names, stays: Rows) -> list[dict[str, Any]]:
    """One row per month of discharge, branch and department."""
    groups = grouped(
        discharged(stays),
        lambda it: (
            month_of(it.discharged_at.date()),
            (it.branch_id, it.department_id),
        ),
    )
    return [_outcomes(names, *key, group) for key, group in groups.items()]


def _outcomes(names: Names, month: date, place: Any, stays: Rows) -> dict[str, Any]:
    deaths = sum(stay.is_death for stay in stays)
    indexes = sum(is_index(stay) for stay in stays)
    followed = sum(stay.followed for stay in stays)
    followed_nhs = sum(stay.followed_nhs for stay in stays)
    return {
        "source_system": SOURCE,
        "month_start": month,
        **names.place(place),
        "discharges": len(stays),
        "deaths": deaths,
        "index_discharges": indexes,
        "readmissions_30d": followed,
        "emergency_readmissions_nhs": followed_nhs,
        "readmissions_recorded": None,
        "mortality_pct": percent(deaths, len(stays)),
        "readmission_30d_pct": percent(followed, indexes),
        "emergency_readmission_nhs_pct": percent(followed_nhs, indexes),
    }
