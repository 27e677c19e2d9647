"""The front page: each day of each branch, out of the other measures' parts.

Belongs here: hospital_overview_daily. The parts themselves are computed elsewhere.
"""

from collections import defaultdict
from decimal import Decimal
from typing import Any

from tests.acceptance.brute_force.discharges import discharged
from tests.acceptance.brute_force.extract import Extract, Rows
from tests.acceptance.brute_force.naming import SOURCE, Names, percent, ratio
from tests.acceptance.brute_force.stays import nights

COUNTS = (
    "admissions",
    "discharges",
    "census_midnight",
    "available_beds",
    "measured_discharges",
    "bed_days_discharged",
    "appointments",
    "no_show",
    "completed",
    "billed_amount",
    "collected_amount",
)


def hospital_overview_daily(
    extract: Extract,
    names: Names,
    flow: list[dict[str, Any]],
    beds: list[dict[str, Any]],
    stays: Rows,
    appointments: Rows,
    bills: Rows,
) -> list[dict[str, Any]]:
    """One row per day up to as_of and branch of which anything is told."""
    figures: dict[Any, dict[str, Any]] = defaultdict(
        lambda: (
            dict.fromkeys(COUNTS, 0)
            | {"billed_amount": Decimal(0), "collected_amount": Decimal(0)}
        )
    )
    names_of = {}

    def at(day: Any, branch: dict[str, Any]) -> dict[str, Any]:
        names_of[branch["branch_key"]] = branch["branch_name"]
        return figures[day, branch["branch_key"]]

    for row in flow:
        here = at(row["date_day"], row)
        for name in ("admissions", "discharges", "census_midnight"):
            here[name] += row[name]
    for row in beds:
        at(row["date_day"], row)["available_beds"] += row["available_beds"]
    for stay in discharged(stays):
        here = at(stay.discharged_at.date(), names.branch(stay.branch_id))
        here["measured_discharges"] += 1
        here["bed_days_discharged"] += nights(stay)
    for it in appointments:
        if it.day <= extract.as_of_day:
            here = at(it.day, names.branch(it.place[0]))
            here["appointments"] += 1
            here["no_show"] += it.became == "no_show"
            here["completed"] += it.became == "completed"
    for bill in bills:
        if bill.billed_on <= extract.as_of_day:
            here = at(bill.billed_on, names.branch(bill.place[0]))
            here["billed_amount"] += bill.amount
            here["collected_amount"] += bill.collected_amount
    return [
        {
            "source_system": SOURCE,
            "date_day": day,
            "branch_key": branch,
            "branch_name": names_of[branch],
            **row,
            "occupancy_pct": percent(row["census_midnight"], row["available_beds"]),
            "average_length_of_stay_nights": ratio(
                row["bed_days_discharged"], row["measured_discharges"]
            ),
        }
        for (day, branch), row in figures.items()
    ]
