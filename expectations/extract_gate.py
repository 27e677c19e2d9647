"""Gate 1: what must hold of one landing table before its batch may reach raw.

Belongs here: which checks a batch gets of its own, from its columns and records. How
many rows and which moment are to be expected stands in extract_history; the thresholds
in thresholds.yml. Loading, counting and rejecting are the loader's.
"""

from __future__ import annotations

from expectations.checks import (
    Check,
    Suite,
    cleaned,
    fact_at_most,
    no_rows,
    quoted,
)
from expectations.extract_facts import ExtractFacts
from expectations.extract_history import history_checks
from expectations.lookalikes import key_unmistakable
from expectations.words import counted

# What no steward can accept: raw could not hold such a batch, or no model read it.
STRUCTURAL = frozenset(
    {
        "extract_readable",
        "key_present",
        "key_unique",
        "required_columns_present",
        "rows_as_counted",
        "source_reachable",
        "table_exists",
    }
)


def extract_suite(facts: ExtractFacts) -> Suite:
    """The suite for the landing table of one batch."""
    return Suite("extract", facts.subject, extract_checks(facts), facts.keeps_rows)


def extract_checks(facts: ExtractFacts) -> list[Check]:
    """The checks of one batch, as data: decided without asking the database."""
    checks = [
        _required_columns(facts),
        _rows_as_counted(facts),
        _malformed(facts),
        _not_empty(facts),
        _known_columns(facts),
        _ended(facts),
    ]
    if facts.key:
        checks += [_key_present(facts), _key_unique(facts), key_unmistakable(facts)]
    return checks + history_checks(facts)


def _required_columns(facts: ExtractFacts) -> Check:
    return Check(
        name="required_columns_present",
        severity="critical",
        expects=f"{facts.subject} has every required column of its contract.",
        otherwise=f"{facts.subject} lacks required columns: {{missing}}.",
        because="A model that reads a missing column fails, or reads nothing.",
        kind="ExpectTableColumnsToMatchSet",
        arguments={"column_set": list(facts.required_columns), "exact_match": False},
    )


def _rows_as_counted(facts: ExtractFacts) -> Check:
    rows = counted(facts.rows_landed, "row")
    return Check(
        name="rows_as_counted",
        severity="critical",
        expects=f"The landing table holds the {rows} read.",
        otherwise=(
            f"{facts.subject}: the file gave {rows}, but {{observed}} stand in the "
            "landing table."
        ),
        because="Nothing received may get lost between the file and the table.",
        kind="ExpectTableRowCountToEqual",
        arguments={"value": facts.rows_landed},
    )


def _malformed(facts: ExtractFacts) -> Check:
    at_most = facts.limit("max_malformed_pct")
    received = counted(facts.rows_landed + facts.rows_malformed, "record")
    return fact_at_most(
        "malformed_within_limit",
        observed=round(facts.malformed_pct, 4),
        at_most=at_most,
        expects=f"At most {at_most:g} % of the records of {facts.subject} are "
        "malformed.",
        otherwise=(
            f"{facts.subject}: malformed are {facts.rows_malformed:,} of {received} "
            f"({{observed}} %); at most {at_most:g} % may be."
        ),
        because="More than a few unreadable records mean a damaged or a wrong file.",
        shown_by=facts.malformed_shown_by,
    )


def _not_empty(facts: ExtractFacts) -> Check:
    return Check(
        name="has_rows",
        severity="warning",
        expects=f"{facts.subject} has at least one row.",
        otherwise=f"{facts.subject} has a header and no rows.",
        because="A table may be empty on its first night; it is worth a look.",
        kind="ExpectTableRowCountToBeBetween",
        arguments={"min_value": 1},
    )


def _known_columns(facts: ExtractFacts) -> Check:
    # A header may hold anything, a patient too if it is missing; so no name is told.
    return fact_at_most(
        "only_known_columns",
        severity="warning",
        observed=len(facts.extra_columns),
        at_most=0,
        expects=f"{facts.subject} has no column that its contract does not know.",
        otherwise=f"{facts.subject}: columns that its contract lacks: {{observed}}.",
        because="They are kept in raw; no model uses them before the contract does.",
    )


def _ended(facts: ExtractFacts) -> Check:
    return fact_at_most(
        "last_line_ended",
        severity="warning",
        observed=0 if facts.is_ended else 1,
        at_most=0,
        expects=f"The last line of {facts.subject} has its line end.",
        otherwise=(
            f"{facts.subject}: the last line of the file has no line end, so the file "
            "may be cut off in its last value."
        ),
        because="A value that lost its end is still a value: 1234.56 becomes 12.",
    )


def _key_present(facts: ExtractFacts) -> Check:
    missing = " or ".join(f"{_value(facts, c)} is null" for c in facts.key)
    key = ", ".join(facts.key)
    return no_rows(
        "key_present",
        f"select * from {{batch}} where {missing}",
        expects=f"Every row of {facts.subject} has its key ({key}).",
        otherwise=f"{facts.subject}: rows without a value in their key ({key}): "
        "{observed}.",
        because="A row without its key can be neither updated nor joined.",
    )


def _key_unique(facts: ExtractFacts) -> Check:
    values = ", ".join(f"{_value(facts, c)} as {quoted(c)}" for c in facts.key)
    positions = ", ".join(str(n + 1) for n in range(len(facts.key)))
    present = " and ".join(f"{_value(facts, c)} is not null" for c in facts.key)
    key = ", ".join(facts.key)
    return no_rows(
        "key_unique",
        f"select {values}, count(*) as occurrences from {{batch}} where {present} "
        f"group by {positions} having count(*) > 1",
        expects=f"No key of {facts.subject} ({key}) occurs twice.",
        otherwise=f"{facts.subject}: keys ({key}) that occur more than once: "
        "{observed}.",
        because="Two rows of one key cannot both be the truth, and no rule picks one.",
    )


def _value(facts: ExtractFacts, column: str) -> str:
    return cleaned(column, facts.null_markers)
