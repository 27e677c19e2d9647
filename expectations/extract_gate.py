"""Gate 1: what must hold of one landing table before its batch may reach raw.

Belongs here: which checks a batch gets, their thresholds and the reasons. Loading,
counting and rejecting are the loader's; this module asks and judges nothing itself.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from expectations.checks import Check, fact_at_most, literal, no_rows, quoted, suite_of

if TYPE_CHECKING:
    from great_expectations import ExpectationSuite

# A file of which one record in a hundred cannot be read was damaged or written by
# something else; a handful of broken records is every HIS's daily life.
MAX_MALFORMED_PCT = 1.0

# A full snapshot grows, or shrinks a little when records are archived. A fifth of the
# rows gone since the last night has always been an export that broke off.
MIN_ROWS_PCT_OF_LAST = 80.0


@dataclass(frozen=True)
class ExtractFacts:
    """What the loader knows of a batch when it lies in its landing table.

    `key` is empty for a table without key. `last_rows` is the number of rows of the
    last accepted batch, None if there was none. `null_markers` are the source's texts
    for "no value", besides the empty one. Thresholds are percentages, 0 to 100.
    """

    source_system: str
    table: str
    landing_schema: str
    landing_table: str
    key: tuple[str, ...]
    required_columns: tuple[str, ...]
    rows_landed: int
    rows_malformed: int
    last_rows: int | None = None
    mode: Literal["snapshot", "delta"] = "snapshot"
    extra_columns: tuple[str, ...] = ()
    null_markers: tuple[str, ...] = ()
    max_malformed_pct: float = MAX_MALFORMED_PCT
    min_rows_pct_of_last: float = MIN_ROWS_PCT_OF_LAST
    malformed_sql: str | None = None

    @property
    def subject(self) -> str:
        """What a verdict calls this batch: `source_system.table`."""
        return f"{self.source_system}.{self.table}"

    @property
    def malformed_pct(self) -> float:
        """Malformed records in percent of all records of the file."""
        received = self.rows_landed + self.rows_malformed
        return 100 * self.rows_malformed / received if received else 0.0


def extract_suite(facts: ExtractFacts) -> ExpectationSuite:
    """The suite for the landing table of one batch."""
    return suite_of("extract", facts.subject, extract_checks(facts))


def extract_checks(facts: ExtractFacts) -> list[Check]:
    """The checks of one batch, as data: decided without asking the database."""
    checks = [
        _required_columns(facts),
        _rows_as_counted(facts),
        _malformed(facts),
        _not_empty(facts),
        _known_columns(facts),
    ]
    checks += [_key_present(facts), _key_unique(facts)] if facts.key else []
    if facts.mode == "snapshot" and facts.last_rows:
        checks.append(_not_collapsed(facts, facts.last_rows))
    return checks


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
    return Check(
        name="rows_as_counted",
        severity="critical",
        expects=f"The landing table holds the {facts.rows_landed} rows that were read.",
        otherwise=(
            f"{facts.subject}: {facts.rows_landed} rows were read from the file, but "
            "{observed} stand in the landing table."
        ),
        because="Nothing received may get lost between the file and the table.",
        kind="ExpectTableRowCountToEqual",
        arguments={"value": facts.rows_landed},
    )


def _malformed(facts: ExtractFacts) -> Check:
    limit = f"{facts.max_malformed_pct:g} %"
    received = facts.rows_landed + facts.rows_malformed
    return fact_at_most(
        "malformed_within_limit",
        observed=round(facts.malformed_pct, 4),
        at_most=facts.max_malformed_pct,
        expects=f"At most {limit} of the records of {facts.subject} are malformed.",
        otherwise=(
            f"{facts.subject}: {facts.rows_malformed} of {received} records are "
            f"malformed ({{observed}} %); at most {limit} may be."
        ),
        because="More than a few unreadable records mean a damaged or a wrong file.",
        rows_sql=facts.malformed_sql,
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
    names = ", ".join(facts.extra_columns)
    return fact_at_most(
        "only_known_columns",
        severity="warning",
        observed=len(facts.extra_columns),
        at_most=0,
        expects=f"{facts.subject} has no column that its contract does not know.",
        otherwise=f"{facts.subject} has columns that its contract lacks: {names}.",
        because="They are kept in raw; no model uses them before the contract does.",
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


def _not_collapsed(facts: ExtractFacts, last_rows: int) -> Check:
    floor = math.ceil(last_rows * facts.min_rows_pct_of_last / 100)
    share = f"{facts.min_rows_pct_of_last:g} %"
    return Check(
        name="rows_not_collapsed",
        severity="critical",
        expects=f"{facts.subject} has {floor} rows or more, {share} of the last batch.",
        otherwise=(
            f"{facts.subject} has {{observed}} rows; the last accepted batch had "
            f"{last_rows}, and at least {share} of them ({floor}) are expected."
        ),
        because="A snapshot that loses a fifth of its rows overnight broke off.",
        kind="ExpectTableRowCountToBeBetween",
        arguments={"min_value": floor},
    )


def _value(facts: ExtractFacts, column: str) -> str:
    # Staging trims and reads these texts as no value, so the gate does as well.
    value = f"nullif(btrim({quoted(column)}), '')"
    for marker in facts.null_markers:
        value = f"nullif({value}, {literal(marker)})"
    return value
