"""Gate 2 on categories: values that are new or gone, and shares that moved.

Belongs here: which columns are categories, and how their shares are compared with the
last publication. A query of a check shows values; its verdict tells their number.
"""

from __future__ import annotations

from expectations.checks import Check, literal, no_rows
from expectations.mart_facts import Mart, MartFacts

# Per mart, each category and what its shares are of. Aggregates: they are small.
CATEGORIES = {
    "length_of_stay_monthly": {"admission_type": "discharges"},
    "billing_monthly": {"payment_method": "bills"},
    "bed_occupancy_daily": {"bed_type": "occupied_beds_midnight"},
    "treatment_costs_monthly": {"treatment_type": "treatments"},
    "patient_demographics": {"sex": "patients", "insurance_type": "patients"},
}

# Statuses are columns: each is a category of what was booked.
STATUS_MART = "appointment_activity_daily"
STATUSES = (
    "scheduled",
    "completed",
    "no_show",
    "cancelled_by_patient",
    "cancelled_by_hospital",
)


def category_checks(mart: Mart, facts: MartFacts) -> list[Check]:
    """The checks of one mart's categories; none if it was never published with them."""
    published = facts.published_columns.get(mart.name, frozenset())
    checks = [
        _steady(mart, facts, category, f"select source_system, {category}, {weight}")
        for category, weight in CATEGORIES.get(mart.name, {}).items()
        if {category, weight, "source_system"} <= published & set(mart.columns)
    ]
    if mart.name == STATUS_MART and set(STATUSES) <= published & set(mart.columns):
        each = ", ".join(f"({literal(name)}, {name})" for name in STATUSES)
        checks.append(
            _steady(
                mart,
                facts,
                "appointment_status",
                "select source_system, status, appointments",
                f"cross join lateral (values {each}) as s (status, appointments)",
            )
        )
    return checks


def _steady(
    mart: Mart, facts: MartFacts, category: str, selected: str, unpivot: str = ""
) -> Check:
    published = f"{facts.published_schema}.{mart.name}"
    points = facts.thresholds.of(mart.name, "max_category_drift_points")
    few = facts.thresholds.of(mart.name, "few_records")
    query = f"""
        select source_system, category, published, candidate,
            round(100 * published / all_published, 2) as published_pct,
            round(100 * candidate / nullif(all_candidate, 0), 2) as candidate_pct
        from (
            select source_system, category, published, candidate,
                sum(published) over (partition by source_system) as all_published,
                sum(candidate) over (partition by source_system) as all_candidate
            from (
                select source_system, category, 1.0 * sum(published) as published,
                    1.0 * sum(candidate) as candidate
                from (
                    select source_system, category, weight as published, 0 as candidate
                    from ({selected} from {published} {unpivot})
                        as before (source_system, category, weight)
                    union all
                    select source_system, category, 0, weight
                    from ({selected} from {{batch}} {unpivot})
                        as tonight (source_system, category, weight)
                ) as sides
                group by source_system, category
            ) as totals
        ) as shares
        where all_published >= {few:g} and all_candidate > 0 and (
            (published = 0) <> (candidate = 0)
            or abs(candidate / all_candidate - published / all_published)
                > {points / 100:.10g}
        )
    """
    return no_rows(
        f"{category}_steady",
        query,
        severity="warning",
        expects=f"{mart.name} has the values of {category} that were published, each "
        f"with its share within {points:g} points.",
        otherwise=f"{mart.name}: values of {category} that are new, gone, or whose "
        f"share moved by more than {points:g} points since the last publication: "
        "{observed}.",
        because="A code that was renamed or is missing splits every chart by it.",
    )
