"""Care that was completed and that no bill names.

Belongs here: unbilled_care_monthly. What was billed: billing.py.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from tests.acceptance.brute_force.extract import Extract, Row, Rows
from tests.acceptance.brute_force.naming import (
    SOURCE,
    Names,
    Place,
    grouped,
    month_of,
    percent,
    total,
)


def unbilled_care_monthly(
    extract: Extract,
    names: Names,
    stays: Rows,
    appointments: Rows,
    treatments: Rows,
    bills: Rows,
) -> list[dict[str, Any]]:
    """One row per month of care up to as_of, branch, department and kind of care."""
    billed_treatments = {bill.treatment_id for bill in bills}
    billed_stays = {bill.stay_id for bill in bills} - {None}

    def is_billed(treatment: Row) -> bool:
        named = treatment.treatment_id in billed_treatments
        return named or treatment.admission_id in billed_stays

    billed_visits = {it.appointment_id for it in treatments if is_billed(it)}
    care = [
        _care("appointment", it.day, it.place, it.appointment_id in billed_visits)
        for it in appointments
        if it.became == "completed"
    ]
    care += [
        _care(
            "treatment",
            it.treated_on,
            it.place,
            is_billed(it),
            Decimal(0) if is_billed(it) else it.cost,
        )
        for it in treatments
    ]
    care += [
        _care(
            "stay",
            it.discharged_at.date(),
            (it.branch_id, it.department_id),
            it.admission_id in billed_stays,
        )
        for it in stays
        if not it.is_open
    ]
    groups = grouped(
        (it for it in care if it.day <= extract.as_of_day),
        lambda it: (month_of(it.day), it.place, it.kind),
    )
    rows = []
    for (month, place, kind), group in groups.items():
        unbilled = [it for it in group if not it.is_billed]
        rows.append(
            {
                "source_system": SOURCE,
                "month_start": month,
                **names.place(place),
                "care_type": kind,
                "completed_care": len(group),
                "unbilled_care": len(unbilled),
                "unbilled_cost_amount": total(group, "unbilled_cost"),
                "unbilled_care_pct": percent(len(unbilled), len(group)),
            }
        )
    return rows


def _care(
    kind: str, day: date, place: Place, is_billed: bool, cost: Decimal | None = None
) -> Row:
    return Row(kind=kind, day=day, place=place, is_billed=is_billed, unbilled_cost=cost)
