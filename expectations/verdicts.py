"""From a Great Expectations result to a verdict in plain words.

Belongs here: the verdict, and the rule that a result leaves with counts only. Nothing
here asks the database.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from expectations.checks import BATCH, Severity, literal

if TYPE_CHECKING:
    from great_expectations.core import (
        ExpectationSuiteValidationResult,
        ExpectationValidationResult,
    )

# Where whoever runs a gate keeps the rows that failed it.
FAILING_KEYS = "quarantine.failing_keys"

# What PostgreSQL says on these faults names tables and columns, never a value. Of all
# other faults ("invalid input syntax ...: the value") only the class may be told.
_FAULTS_WITHOUT_VALUES = frozenset(
    {"InsufficientPrivilege", "UndefinedColumn", "UndefinedFunction", "UndefinedTable"}
)
_FAULT = re.compile(r"\(psycopg\.errors\.(\w+)\) ([^\n]*)")

# Of a result only these may leave the database, and only as numbers.
_COUNTS = frozenset(
    {"element_count", "observed_value", "unexpected_count", "unexpected_percent"}
)


@dataclass(frozen=True)
class Verdict:
    """What a gate found on one expectation.

    `subject` is the batch (`his.admissions`) or the mart. `observed` is a number (of
    rows, or the share in percent that the threshold is about), None where there is none
    to tell. `sentence` says what is wrong, how much, and how to see it; for a verdict
    of success it says what holds. `rows_sql` finds the rows that failed, where they are
    to be kept in quarantine.failing_keys. No field ever holds a value from a row.
    """

    gate: str
    subject: str
    expectation: str
    severity: Severity
    success: bool
    observed: float | None
    sentence: str
    rows_sql: str | None = None

    @property
    def stops(self) -> bool:
        """Whether this verdict alone keeps the data from going on."""
        return not self.success and self.severity == "critical"


def verdict_of(
    result: ExpectationValidationResult, gate: str, subject: str, table: str
) -> Verdict:
    """The verdict on one expectation; `table` is `schema.table`, for its query.

    Also strips `result` itself, in place, of everything but numbers: what is rendered
    from it afterwards cannot hold a value either.
    """
    config = result.expectation_config
    if config is None:  # only a result built by hand lacks it
        raise ValueError("A result without its expectation has no verdict.")
    meta: dict[str, Any] = dict(config.meta or {})
    missing = _missing_columns(result.result, config.kwargs)
    fault = _fault(result.exception_info)
    result.result = _only_counts(result.result)
    result.exception_info = _told(fault)
    observed = _observed(result.result)
    if fault:
        sentence = f"{subject}: {meta['check']} could not be checked. {fault}"
    elif result.success:
        sentence = config.description or meta["check"]
    else:
        sentence = _failure(meta, observed, missing)
        sentence += _shown_by(meta, subject, table)
    severity: Severity = "critical" if config.severity == "critical" else "warning"
    return Verdict(
        gate=gate,
        subject=subject,
        expectation=meta["check"],
        severity=severity,
        success=bool(result.success),
        observed=observed,
        sentence=sentence,
        rows_sql=(
            _query(meta, table)
            if meta["is_kept"] and not (result.success or fault)
            else None
        ),
    )


def verdicts_of(
    results: ExpectationSuiteValidationResult, gate: str, subject: str, table: str
) -> list[Verdict]:
    """The verdicts on one suite, in the suite's order; strips `results` as above."""
    return [verdict_of(one, gate, subject, table) for one in results.results]


def missing_table(gate: str, subject: str, table: str) -> Verdict:
    """The verdict on a suite whose table is not there."""
    return Verdict(
        gate=gate,
        subject=subject,
        expectation="table_exists",
        severity="critical",
        success=False,
        observed=None,
        sentence=f"{subject}: the table {table} does not exist, nothing was checked.",
    )


def _failure(meta: dict[str, Any], observed: float | None, missing: str) -> str:
    shown = "an unknown number" if observed is None else f"{observed:g}"
    if observed is not None and float(observed).is_integer():
        shown = f"{int(observed):,}"
    sentence = str(meta["otherwise"])
    if observed == 1:
        sentence = sentence.replace("{observed} rows", "{observed} row")
    return sentence.replace("{observed}", shown).replace("{missing}", missing)


def _shown_by(meta: dict[str, Any], subject: str, table: str) -> str:
    """The end of a sentence: the command that shows the rows, if there are rows."""
    command, query = meta["shown_by"], _query(meta, table)
    if query and meta["is_kept"]:
        query = (
            f"select as_of, key_values from {FAILING_KEYS} where subject = "
            f"{literal(subject)} and expectation = {literal(meta['check'])}"
        )
    if query:
        command = f"wardline query --internal {_quoted(query)}"
    return f" To see them: {command}" if command else ""


def _query(meta: dict[str, Any], table: str) -> str | None:
    if not meta["rows_sql"]:
        return None
    return " ".join(str(meta["rows_sql"]).replace(BATCH, table).split())


def _quoted(query: str) -> str:
    # Readable where it can be: few queries hold what a shell reads inside quotes.
    return shlex.quote(query) if set(query) & set('"$`\\!') else f'"{query}"'


def _missing_columns(result: dict[str, Any], kwargs: dict[str, Any]) -> str:
    # Only names that the contract gave: a header may hold anything.
    mismatched = result.get("details", {}).get("mismatched", {})
    missing = set(mismatched.get("missing", ()))
    return ", ".join(c for c in kwargs.get("column_set") or () if c in missing)


def _only_counts(result: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value
        for name, value in result.items()
        if name in _COUNTS
        and isinstance(value, int | float)
        and not isinstance(value, bool)
    }


def _observed(counts: dict[str, Any]) -> float | None:
    return counts.get("observed_value", counts.get("unexpected_count"))


def _fault(exception_info: dict[str, Any] | None) -> str | None:
    info = exception_info or {}
    by_metric = [one for one in info.values() if isinstance(one, dict)]
    messages = [
        str(one.get("exception_message"))
        for one in [info, *by_metric]
        if one.get("raised_exception")
    ]
    if not messages:
        return None
    found = _FAULT.search(messages[0])
    if not found:
        return "The check itself failed."
    name, text = found.groups()
    return f"{text}." if name in _FAULTS_WITHOUT_VALUES else f"PostgreSQL: {name}."


def _told(fault: str | None) -> dict[str, Any]:
    return {
        "raised_exception": fault is not None,
        "exception_message": fault,
        "exception_traceback": "Not kept: it may quote a row.",
    }
