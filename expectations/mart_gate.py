"""Gate 2: what must hold of the candidate marts before they are published.

Belongs here: which suites the candidate gets, and the checks of one mart on its own.
Ranges, identities, totals, categories and quarantine have modules of their own, and the
thresholds stand in thresholds.yml; merging and publishing are elsewhere.
"""

from __future__ import annotations

from collections import defaultdict

from expectations.checks import Check, Suite, no_rows
from expectations.mart_categories import category_checks
from expectations.mart_facts import Mart, MartFacts
from expectations.mart_identities import identity_checks
from expectations.mart_ranges import range_checks
from expectations.mart_totals import total_checks
from expectations.quarantine import quarantine_checks


def mart_suites(facts: MartFacts) -> list[tuple[str, str, Suite]]:
    """All suites of the candidate, as (schema, table, suite), ready to be run."""
    suites = [
        (facts.schema, name, Suite("mart", name, checks))
        for name, checks in mart_checks(facts).items()
    ]
    if facts.accounts:
        schema, table = facts.quarantine.split(".")
        suites.append((schema, table, Suite("mart", table, quarantine_checks(facts))))
    return suites


def mart_checks(facts: MartFacts) -> dict[str, list[Check]]:
    """The checks of every mart by its name, as data: decided without asking.

    A mart that only an identity names is here too, so that its absence is found.
    """
    checks: dict[str, list[Check]] = defaultdict(list)
    for mart in facts.marts:
        checks[mart.name] += [_grain(mart, facts), *range_checks(mart)]
        checks[mart.name] += _flagged(mart, facts)
        checks[mart.name] += total_checks(mart, facts) + category_checks(mart, facts)
    for name, identities in identity_checks(facts).items():
        checks[name] += identities
    return dict(checks)


def _grain(mart: Mart, facts: MartFacts) -> Check:
    grain = ", ".join(mart.grain)
    every_row = f"select {grain}, count(*) as occurrences from {{batch}}"
    # Grouping takes two nulls for the same, as the merge into marts does.
    repeated = f"group by {grain} having count(*) > 1"
    asked = every_row
    # Two rows that are in marts, and stay as they are, have been looked at before.
    if changed := facts.changed_rows.get(mart.name):
        named = ", ".join(changed.columns)
        asked += f" where ({named}) in (select {named} from {changed.table})"
    return no_rows(
        "grain_unique",
        f"{asked} {repeated}",
        shown=f"{every_row} {repeated}",
        expects=f"{mart.name} has one row per {grain}.",
        otherwise=f"{mart.name}: combinations of {grain} that occur more than once: "
        "{observed}.",
        because="A second row of one grain doubles every sum, and cannot be merged.",
    )


def _flagged(mart: Mart, facts: MartFacts) -> list[Check]:
    if "has_quality_issue" not in mart.columns:
        return []
    most = facts.thresholds.of(mart.name, "max_flagged_pct")
    return [
        Check(
            name="quality_issues_few",
            severity="warning",
            expects=f"At most {most:g} % of {mart.name} have a quality issue.",
            otherwise=f"{mart.name}: rows flagged with a quality issue: {{observed}}, "
            f"more than {most:g} %.",
            because="Flagged records carry a known fault; with many, figures mislead.",
            kind="ExpectColumnValuesToBeInSet",
            arguments={
                "column": "has_quality_issue",
                "value_set": [False],
                "mostly": 1 - min(most, 100) / 100,
            },
            rows_sql="select * from {batch} where has_quality_issue",
            is_bulk=True,
        )
    ]
