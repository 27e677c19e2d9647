"""What one check is: an expectation, its severity, its reason and its plain words.

Belongs here: the shape that every gate's checks share, and how a check becomes a Great
Expectations expectation. Which checks a gate makes is the gate's own business.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from great_expectations import ExpectationSuite
    from great_expectations.expectations import Expectation

Severity = Literal["critical", "warning"]

# Stands in a query for the table under test, as Great Expectations names it.
BATCH = "{batch}"
# By their numbers in Unicode: nobody could tell one from another in here.
BLANKS = (32, 9, 10, 13, 160, 8203, 65279)


@dataclass(frozen=True)
class Check:
    """One expectation on one table.

    `expects` says what must hold. `otherwise` says what is wrong when it does not; it
    may use `{observed}` (a count, or the share that a threshold is about) and
    `{missing}` (names of required columns). `because` is the threshold's reason.
    `rows_sql` shows the rows in question, with `{batch}` for the table; `shown_by` is
    the `wardline` command that does, where no single query of the table can. What it
    finds is kept in the warehouse, unless `is_bulk` says that it may be a large part of
    a table that is there to be asked anyway.
    """

    name: str
    severity: Severity
    expects: str
    otherwise: str
    because: str
    kind: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    rows_sql: str | None = None
    shown_by: str | None = None
    is_bulk: bool = False

    def expectation(self, *, keeps_rows: bool = True) -> Expectation:
        """This check as a Great Expectations expectation.

        Without `keeps_rows` nobody keeps what it finds, so that its sentence must name
        the query itself.
        """
        from great_expectations import expectations as built_in

        from expectations import kinds

        kind = getattr(kinds, self.kind, None) or getattr(built_in, self.kind)
        expectation: Expectation = kind(
            **self.arguments,
            severity=self.severity,
            description=self.expects,
            notes=self.because,
            meta={
                "check": self.name,
                "otherwise": self.otherwise,
                "rows_sql": self.rows_sql,
                "shown_by": self.shown_by,
                "is_kept": keeps_rows and not self.is_bulk,
            },
        )
        return expectation


def no_rows(
    name: str,
    query: str,
    *,
    expects: str,
    otherwise: str,
    because: str,
    severity: Severity = "critical",
    is_bulk: bool = False,
    shown: str | None = None,
) -> Check:
    """A check that holds when `query` finds nothing.

    `query` also shows the rows; or `shown` does, which says the same of more.
    """
    return Check(
        name=name,
        severity=severity,
        expects=expects,
        otherwise=otherwise,
        because=because,
        kind="ExpectQueryToFindNoRows",
        arguments={"unexpected_rows_query": _escaped(query)},
        rows_sql=shown or query,
        is_bulk=is_bulk,
    )


def fact_at_most(
    name: str,
    *,
    observed: float,
    at_most: float,
    expects: str,
    otherwise: str,
    because: str,
    severity: Severity = "critical",
    shown_by: str | None = None,
) -> Check:
    """A check of a number that was counted before the gate and handed to it."""
    return Check(
        name=name,
        severity=severity,
        expects=expects,
        otherwise=otherwise,
        because=because,
        kind="ExpectFactToBeAtMost",
        arguments={"observed": observed, "at_most": at_most},
        shown_by=shown_by,
    )


@dataclass(frozen=True)
class Suite:
    """The checks of one subject, as data; Great Expectations' own where it is run.

    Without `keeps_rows` nobody keeps what its checks find.
    """

    gate: str
    subject: str
    checks: Sequence[Check]
    keeps_rows: bool = True

    @property
    def name(self) -> str:
        """Of its page in the Data Docs."""
        return f"{self.gate}.{self.subject}"

    def built(self) -> ExpectationSuite:
        """This suite as Great Expectations takes it."""
        from great_expectations import ExpectationSuite

        return ExpectationSuite(
            name=self.name,
            expectations=[
                it.expectation(keeps_rows=self.keeps_rows) for it in self.checks
            ],
            meta={"gate": self.gate, "subject": self.subject},
        )


def quoted(identifier: str) -> str:
    """A column name as SQL takes it, in quotes only where it needs them."""
    from sqlalchemy.dialects.postgresql.base import RESERVED_WORDS

    if re.fullmatch("[a-z_][a-z0-9_]*", identifier) and (
        identifier not in RESERVED_WORDS
    ):
        return identifier
    return '"' + identifier.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def cleaned(column: str, null_markers: Iterable[str] = ()) -> str:
    """A text column as staging reads it: trimmed, and null where it says nothing.

    The same blanks as dbt's macro `cleaned`: tabs, line ends, no-break spaces and
    marks of no width too.
    """
    blanks = " || ".join(f"chr({code})" for code in BLANKS)
    value = f"nullif(btrim({quoted(column)}, {blanks}), '')"
    for marker in null_markers:
        value = f"nullif({value}, {literal(marker)})"
    return value


def _escaped(query: str) -> str:
    # Great Expectations formats the query (braces), then SQLAlchemy reads it as a text
    # clause (a colon begins a parameter). Only {batch} is meant to be replaced.
    braces = query.replace("{", "{{").replace("}", "}}").replace("{{batch}}", BATCH)
    return braces.replace(":", r"\:")
