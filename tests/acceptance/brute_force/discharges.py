"""Discharges by month: how long the stays were, and how they ended.

Belongs here: averages and rates over stays. The single stay: stays.py.
"""

from datetime import date
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

from tests.acceptance.brute_force.extract import Rows
from tests.acceptance.brute_force.naming import (
    SOURCE,
    Names,
    grouped,
    median,
    month_of,
    percent,
    percentile,
    ratio,
    rounded,
)
from tests.acceptance.brute_force.stays import (
    LONG_STAY_NIGHTS,
    hours,
    is_index,
    nights,
)


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
    exact = sum((hours(stay) for stay in stays), Fraction(0))
    return {
        "discharges": len(lengths),
        "same_day_discharges": len(lengths) - len(overnight),
        "bed_days": sum(lengths),
        "stay_hours": rounded(exact),
        "average_length_of_stay_nights": ratio(sum(lengths), len(lengths)),
        "average_length_of_stay_hours": ratio(exact, len(lengths)),
        "average_overnight_length_of_stay_nights": ratio(sum(lengths), len(overnight)),
        "geometric_mean_length_of_stay_nights": geometric_mean(overnight),
        "median_length_of_stay_nights": median(lengths),
        "p90_length_of_stay_nights": percentile(lengths, Fraction(9, 10)),
        "long_stays": sum(length >= LONG_STAY_NIGHTS for length in lengths),
    }


def geometric_mean(lengths: list[int]) -> Decimal | None:
    """exp(mean(ln(nights))) over stays of one night or more (CMS GMLOS)."""
    if not lengths:
        return None
    with localcontext(prec=40):
        logs = [Decimal(length).ln() for length in lengths]
        return rounded((sum(logs, Decimal(0)) / len(logs)).exp())


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
