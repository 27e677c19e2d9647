"""Gate 2: what must hold of the candidate marts before they are published.

Belongs here: which suites the candidate gets, and the checks of one mart on its own.
Ranges and identities have modules of their own; merging and publishing are elsewhere.
"""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING

from expectations.checks import Check, fact_at_most, literal, no_rows, suite_of
from expectations.mart_facts import Mart, MartFacts
from expectations.mart_identities import identity_checks
from expectations.mart_ranges import range_checks

if TYPE_CHECKING:
    from great_expectations import ExpectationSuite

# Facts hold years: a fifth of them gone overnight is a source that was not read, not a
# hospital that shrank. The extract gate holds one table to the same share.
MIN_ROWS_PCT_OF_LAST = 80

# It grows and shrinks with the faults in the data: fewer of them is good news.
NO_HISTORY = frozenset({"fct_quality_issues"})

# Twice the facts of yesterday happens once, when a source system or its history is
# connected. That is news, not a fault: it is reported and let pass.
MAX_ROWS_PCT_OF_LAST = 200

# One row in a hundred broken is what the extract gate lets through as well; more means
# that a column changed its format, and marts lack rows that the hospital has.
MAX_QUARANTINED_PCT = 1.0

# Flagged admissions stand in the marts with their fault. One in twenty shifts an
# average visibly.
MAX_FLAGGED_PCT = 5


def mart_suites(facts: MartFacts) -> list[tuple[str, str, ExpectationSuite]]:
    """All suites of the candidate, as (schema, table, suite), ready to be run."""
    suites = [
        (facts.schema, name, suite_of("mart", name, checks))
        for name, checks in mart_checks(facts).items()
    ]
    if facts.quarantined:
        schema, table = facts.quarantine.split(".")
        checks = [_quarantined(facts, system) for system in sorted(facts.quarantined)]
        suites.append((schema, table, suite_of("mart", table, checks)))
    return suites


def mart_checks(facts: MartFacts) -> dict[str, list[Check]]:
    """The checks of every mart by its name, as data: decided without asking.

    A mart that only an identity names is here too, so that its absence is found.
    """
    checks: dict[str, list[Check]] = defaultdict(list)
    for mart in facts.marts:
        checks[mart.name] += [_grain(mart), *range_checks(mart), *_flagged(mart)]
        checks[mart.name] += _totals(mart, facts.published_rows.get(mart.name, 0))
    for name, identities in identity_checks(facts).items():
        checks[name] += identities
    return dict(checks)


def _grain(mart: Mart) -> Check:
    grain = ", ".join(mart.grain)
    return no_rows(
        "grain_unique",
        # Grouping takes two nulls for the same, as the merge into marts does.
        f"select {grain}, count(*) as occurrences from {{batch}} "
        f"group by {grain} having count(*) > 1",
        expects=f"{mart.name} has one row per {grain}.",
        otherwise=f"{mart.name}: combinations of {grain} that occur more than once: "
        "{observed}.",
        because="A second row of one grain doubles every sum, and cannot be merged.",
    )


def _flagged(mart: Mart) -> list[Check]:
    if "has_quality_issue" not in mart.columns:
        return []
    return [
        Check(
            name="quality_issues_few",
            severity="warning",
            expects=f"At most {MAX_FLAGGED_PCT} % of {mart.name} have a quality issue.",
            otherwise=f"{mart.name}: rows flagged with a quality issue: {{observed}}, "
            f"more than {MAX_FLAGGED_PCT} %.",
            because="Flagged records carry a known fault; with many, figures mislead.",
            kind="ExpectColumnValuesToBeInSet",
            arguments={
                "column": "has_quality_issue",
                "value_set": [False],
                "mostly": 1 - MAX_FLAGGED_PCT / 100,
            },
            rows_sql="select * from {batch} where has_quality_issue",
        )
    ]


def _totals(mart: Mart, last: int) -> list[Check]:
    if not last or not mart.name.startswith("fct_") or mart.name in NO_HISTORY:
        return []
    floor = math.ceil(last * MIN_ROWS_PCT_OF_LAST / 100)
    ceiling = last * MAX_ROWS_PCT_OF_LAST // 100
    return [
        Check(
            name="rows_not_collapsed",
            severity="critical",
            expects=f"{mart.name} has at least {floor} rows, {MIN_ROWS_PCT_OF_LAST} % "
            "of the last publication.",
            otherwise=f"{mart.name} would have {{observed}} rows; the last publication "
            f"had {last}, and at least {MIN_ROWS_PCT_OF_LAST} % of them ({floor}) are "
            "expected.",
            because="Facts hold years: a fifth gone overnight is a source not read.",
            kind="ExpectTableRowCountToBeBetween",
            arguments={"min_value": floor},
        ),
        Check(
            name="rows_not_doubled",
            severity="warning",
            expects=f"{mart.name} has at most {ceiling} rows, twice the last "
            "publication.",
            otherwise=f"{mart.name} would have {{observed}} rows; the last publication "
            f"had {last}.",
            because="A newly connected source does this once; nothing else should.",
            kind="ExpectTableRowCountToBeBetween",
            arguments={"max_value": ceiling},
        ),
    ]


def _quarantined(facts: MartFacts, system: str) -> Check:
    rows, current = facts.quarantined[system]
    share = round(100 * rows / current, 4) if current else 0.0
    return fact_at_most(
        f"quarantined_few_{system}",
        severity="warning",
        observed=share,
        at_most=MAX_QUARANTINED_PCT,
        expects=f"At most {MAX_QUARANTINED_PCT:g} % of the rows of {system} are in "
        "quarantine.",
        otherwise=f"{system}: {rows} of {current} rows ({{observed}} %) are in "
        "quarantine and missing from the marts.",
        because="More than the usual broken rows: a column changed its format.",
        rows_sql=f"select * from {{batch}} where source_system = {literal(system)}",
    )
