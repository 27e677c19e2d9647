"""Gate 2 against the last publication: rows of facts, and what each month adds up to.

Belongs here: the checks that compare amounts of things. Which values a category takes
is compared in mart_categories.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from expectations.agreement import horizon
from expectations.checks import Check, literal, no_rows
from expectations.mart_facts import Mart, MartFacts

# It grows and shrinks with the faults in the data: fewer of them is good news.
NO_HISTORY = frozenset({"fct_quality_issues"})


@dataclass(frozen=True)
class Monthly:
    """Which column dates a mart's rows, and what of it adds up to a month's totals."""

    date_column: str
    counts: tuple[str, ...]
    amounts: tuple[str, ...] = ()

    @property
    def measures(self) -> tuple[str, ...]:
        """All that is added up."""
        return self.counts + self.amounts


# The aggregates that the identities tie to the facts: small, and enough of them that
# no table can lose a part of its rows unnoticed.
MONTHLY = {
    "patient_flow_daily": Monthly(
        "date_day", ("admissions", "discharges", "census_midnight")
    ),
    "appointment_activity_daily": Monthly("date_day", ("booked",)),
    "billing_monthly": Monthly("month_start", ("bills",), ("billed_amount",)),
    "treatment_costs_monthly": Monthly(
        "month_start", ("treatments",), ("total_cost_amount",)
    ),
}


def total_checks(mart: Mart, facts: MartFacts) -> list[Check]:
    """The checks of one mart's totals; none for a mart that was never published."""
    checks = _rows(mart, facts)
    monthly = MONTHLY.get(mart.name)
    if monthly:
        needed = {"source_system", monthly.date_column, *monthly.measures}
        if needed <= facts.published_columns.get(mart.name, frozenset()):
            checks += [
                _months_not_shrunk(mart, monthly, facts),
                _months_not_changed(mart, monthly, facts),
            ]
    return checks


def _rows(mart: Mart, facts: MartFacts) -> list[Check]:
    last = facts.published_rows.get(mart.name, 0)
    if not last or not mart.name.startswith("fct_") or mart.name in NO_HISTORY:
        return []
    least, most = (
        facts.thresholds.of(mart.name, name)
        for name in ("min_fact_rows_pct_of_last", "max_fact_rows_pct_of_last")
    )
    floor, ceiling = math.ceil(last * least / 100), math.floor(last * most / 100)
    return [
        Check(
            name="rows_not_collapsed",
            severity="critical",
            expects=f"{mart.name} has at least {floor:,} rows, {least:g} % of the last "
            "publication.",
            otherwise=f"{mart.name} would have {{observed}} rows; the last publication "
            f"had {last:,}, and at least {least:g} % of them ({floor:,}) are expected.",
            because="Facts hold years: a fifth gone overnight is a source not read.",
            kind="ExpectTableRowCountToBeBetween",
            arguments={"min_value": floor},
            rows_sql=_vanished(mart, facts),
        ),
        Check(
            name="rows_not_doubled",
            severity="warning",
            expects=f"{mart.name} has at most {ceiling:,} rows, {most:g} % of the last "
            "publication.",
            otherwise=f"{mart.name} would have {{observed}} rows; the last publication "
            f"had {last:,}.",
            because="A newly connected source does this once; nothing else should.",
            kind="ExpectTableRowCountToBeBetween",
            arguments={"max_value": ceiling},
        ),
    ]


def _vanished(mart: Mart, facts: MartFacts) -> str:
    grain = ", ".join(mart.grain)
    return (
        f"select {grain} from {facts.published_schema}.{mart.name} "
        f"except select {grain} from {{batch}}"
    )


def _months_not_shrunk(mart: Mart, monthly: Monthly, facts: MartFacts) -> Check:
    pct = facts.thresholds.of(mart.name, "max_month_loss_pct")
    records = facts.thresholds.of(mart.name, "max_month_loss_records")
    what = ", ".join(monthly.counts)
    return no_rows(
        "months_not_shrunk",
        _compared(
            mart,
            monthly,
            facts,
            monthly.counts,
            f"published - candidate > {records:g} "
            f"and published - candidate > published * {pct / 100:.10g}",
        ),
        expects=f"No published month of {mart.name} loses more than {pct:g} % and "
        f"{records:g} of its {what}.",
        otherwise=f"{mart.name}: months that would lose more than {pct:g} % of what "
        f"was published as their {what}: {{observed}}.",
        because="What a month has counted it keeps; a truncated export takes it away.",
    )


def _months_not_changed(mart: Mart, monthly: Monthly, facts: MartFacts) -> Check:
    loss, growth, records = (
        facts.thresholds.of(mart.name, name)
        for name in (
            "max_month_loss_pct",
            "max_month_growth_pct",
            "max_month_loss_records",
        )
    )
    grown = (
        f"month_start < cast(date_trunc('month', as_of) as date) "
        f"and candidate - published > {records:g} "
        f"and candidate - published > published * {growth / 100:.10g}"
    )
    amounts = ", ".join(literal(name) for name in monthly.amounts) or "''"
    lost = (
        f"measure in ({amounts}) "
        f"and published - candidate > published * {loss / 100:.10g}"
    )
    return no_rows(
        "months_not_changed",
        _compared(mart, monthly, facts, monthly.measures, f"({grown}) or ({lost})"),
        severity="warning",
        expects=f"No finished month of {mart.name} grows by more than {growth:g} %, no "
        f"published amount falls by more than {loss:g} %.",
        otherwise=f"{mart.name}: totals of a month that would grow by more than "
        f"{growth:g} % after it ended, or amounts that would fall by more than "
        f"{loss:g} %: {{observed}}.",
        because="Late records trickle in; a jump is a second export, or another unit.",
    )


def _compared(
    mart: Mart,
    monthly: Monthly,
    facts: MartFacts,
    measures: tuple[str, ...],
    condition: str,
) -> str:
    """Published months and measures, with both totals, that meet the condition."""

    def totals(relation: str, label: str) -> str:
        sums = ", ".join(f"sum({name}) as {name}" for name in measures)
        each = ", ".join(f"({literal(name)}, {name})" for name in measures)
        month = f"cast(date_trunc('month', cast({monthly.date_column} as timestamp))"
        return (
            f"select source_system, month_start, measure, value as {label} from ("
            f"select source_system, {month} as date) as month_start, {sums} "
            f"from {relation} group by 1, 2) as months "
            f"cross join lateral (values {each}) as measures (measure, value)"
        )

    return f"""
        select source_system, month_start, measure, published,
            coalesce(candidate, 0) as candidate
        from ({totals(f"{facts.published_schema}.{mart.name}", "published")}) as before
        left join ({totals("{batch}", "candidate")}) as tonight
            using (source_system, month_start, measure)
        {horizon(facts.as_of)}
        where month_start <= horizon.as_of and published is not null
            and ({condition.replace("candidate", "coalesce(candidate, 0)")})
    """
