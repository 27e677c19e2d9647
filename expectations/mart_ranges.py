"""Which values a mart's measures may take, read from the names of its columns.

Belongs here: the law that a name carries its unit, and the range that goes with it.
What several marts must agree on stands in mart_identities.
"""

from __future__ import annotations

from collections.abc import Iterable

from expectations.checks import Check, no_rows
from expectations.mart_facts import Mart

# Rates that may exceed 100 by definition: more patients than staffed beds, more hours
# worked than rostered, old bills collected together with new ones.
OPEN_RATES = frozenset(
    {
        "clinic_utilisation_pct",
        "collection_rate_pct",
        "occupancy_pct",
        "utilisation_pct",
    }
)

# What the models count themselves: a negative count is a fault of ours.
COUNTS = frozenset(
    {
        "admissions",
        "appointments",
        "available_beds",
        "bed_days",
        "bills",
        "booked",
        "cancelled",
        "census_midnight",
        "completed",
        "completed_appointments",
        "deaths",
        "discharges",
        "discharges_before_noon",
        "distinct_patients",
        "emergency_readmissions_nhs",
        "index_discharges",
        "long_stays",
        "midnight_caseload",
        "no_show",
        "no_shows",
        "occupied_beds",
        "occupied_beds_midnight",
        "patients",
        "peak_occupied_beds",
        "physical_beds",
        "readmissions_30d",
        "same_day_discharges",
        "scheduled",
        "transfers_in",
        "transfers_out",
        "treatments",
    }
)

# What the source wrote and the marts pass on: a negative value (a credit note, a wrong
# entry) is the hospital's to explain, not a reason to withhold the night.
RECORDED = frozenset(
    {
        "collection_rate_pct",
        "contracted_hours_per_week",
        "days_in_receivables",
        "duration_minutes",
        "rostered_hours",
        "utilisation_pct",
        "worked_hours",
    }
)

# Spans between two recorded moments. In an admission that is flagged they may be
# impossible: the flag says so, and the aggregates leave them out.
FLAG = "has_quality_issue"


def range_checks(mart: Mart) -> list[Check]:
    """The range checks of one mart: none for a mart without measures."""
    computed = [c for c in mart.columns if _is_computed(c)]
    recorded = [c for c in mart.columns if _is_recorded(c)]
    checks = []
    if computed:
        checks.append(_computed(mart, computed))
    if recorded:
        checks.append(_recorded(mart, recorded))
    return checks


def _computed(mart: Mart, columns: Iterable[str]) -> Check:
    outside = " or ".join(_outside(c) for c in columns)
    unless = f" and not coalesce({FLAG}, false)" if FLAG in mart.columns else ""
    return no_rows(
        "measures_in_range",
        f"select * from {{batch}} where ({outside}){unless}",
        expects=f"No measure of {mart.name} is below zero, no closed rate above 100 %.",
        otherwise=f"{mart.name}: rows with a measure below zero or a rate above 100 % "
        f"({', '.join(columns)}): {{observed}}.",
        because="No count, stay or rate can be negative: the model or its input is "
        "wrong, and every chart built on it would be.",
    )


def _recorded(mart: Mart, columns: Iterable[str]) -> Check:
    below = " or ".join(f"{c} < 0" for c in columns)
    return no_rows(
        "recorded_values_not_negative",
        f"select * from {{batch}} where {below}",
        severity="warning",
        is_bulk=True,
        expects=f"No recorded amount or time of {mart.name} is below zero.",
        otherwise=f"{mart.name}: rows with a recorded amount or time below zero "
        f"({', '.join(columns)}): {{observed}}.",
        because="A credit note may be negative; anything else is a wrong entry.",
    )


def _outside(column: str) -> str:
    if column.endswith("_pct") and column not in OPEN_RATES:
        return f"{column} < 0 or {column} > 100"
    return f"{column} < 0"


def _is_computed(column: str) -> bool:
    if column in RECORDED:
        return False
    return column in COUNTS or column.endswith(
        ("_pct", "_hours", "_nights", "_days_medicare", "_beds")
    )


def _is_recorded(column: str) -> bool:
    return column in RECORDED or column.endswith("_amount")
