"""Gate 1 against the past: how many rows a batch should have, and for which moment.

Belongs here: the checks that need what was accepted before, or when the batch came.
What a batch must satisfy on its own stands in extract_gate.
"""

from __future__ import annotations

import math
from statistics import median

from expectations.checks import Check, fact_at_most, no_rows, quoted
from expectations.extract_facts import ExtractFacts
from expectations.words import counted

# What is usual for a delta shows after a week of working days.
BATCHES_TO_BE_USUAL = 5
# Of rows that vanished: enough to see what they have in common, whatever the table.
MOST_KEPT = 1_000


def history_checks(facts: ExtractFacts) -> list[Check]:
    """The checks of a batch against those before it; none for the very first."""
    checks = _not_in_future(facts) + _moment(facts)
    if not facts.history:
        return checks
    if facts.held_sql:
        checks.append(_still_read(facts, facts.held_sql))
    if facts.mode == "snapshot":
        if max(facts.history):
            checks += [_not_collapsed(facts), _not_shrunk(facts)]
    elif len(facts.history) >= BATCHES_TO_BE_USUAL:
        usual = median(facts.history)
        if usual >= facts.limit("few_rows"):
            checks.append(_as_usual(facts, usual))
    return checks


def _not_collapsed(facts: ExtractFacts) -> Check:
    most = max(facts.history)
    least_pct = facts.limit("min_rows_pct_of_last")
    floor = math.ceil(most * least_pct / 100)
    before = (
        f"the last accepted batch had {most:,}"
        if most == facts.history[0]
        else f"the largest batch of the last weeks had {most:,}"
    )
    return Check(
        name="rows_not_collapsed",
        severity="critical",
        expects=f"{facts.subject} has {counted(floor, 'row')} or more, {least_pct:g} % "
        "of the most in the last weeks.",
        otherwise=(
            f"{facts.subject} has {{observed}} rows; {before}, and at least "
            f"{least_pct:g} % of them ({floor:,}) are expected."
        ),
        because="A snapshot that loses a fifth of its rows broke off.",
        kind="ExpectTableRowCountToBeBetween",
        arguments={"min_value": floor},
        rows_sql=_vanished(facts),
    )


def _not_shrunk(facts: ExtractFacts) -> Check:
    last = facts.history[0]
    most_lost = facts.limit("max_rows_lost_pct")
    floor = math.ceil(last * (100 - most_lost) / 100)
    return Check(
        name="rows_not_shrunk",
        severity="warning",
        expects=f"{facts.subject} has no more than {most_lost:g} % fewer rows than its "
        f"last batch ({last:,}).",
        otherwise=(
            f"{facts.subject} has {{observed}} rows, {last - facts.rows_landed:,} less "
            f"than the last accepted batch; {most_lost:g} % may vanish unremarked."
        ),
        because="Records are voided one by one; many at once were cut off.",
        kind="ExpectTableRowCountToBeBetween",
        arguments={"min_value": floor},
        rows_sql=_vanished(facts),
    )


def _still_read(facts: ExtractFacts, held_sql: str) -> Check:
    return no_rows(
        "known_rows_read",
        held_sql,
        severity="warning",
        expects=f"What was set aside of {facts.subject} is of no row that was there.",
        otherwise=f"{facts.subject}: rows that are told of only in records set aside: "
        "{observed}; they count as they were until they can be read again.",
        because="That a row cannot be read does not say that it is gone.",
    )


def _as_usual(facts: ExtractFacts, usual: float) -> Check:
    least, most = (
        facts.limit(name) for name in ("min_rows_pct_of_usual", "max_rows_pct_of_usual")
    )
    return Check(
        name="rows_as_usual",
        severity="warning",
        expects=f"{facts.subject} has from {least:g} to {most:g} % of its usual "
        f"{usual:,.0f} rows.",
        otherwise=(
            f"{facts.subject} has {{observed}} rows; {usual:,.0f} are usual, and from "
            f"{least:g} to {most:g} % of them pass unremarked."
        ),
        because="Far more or fewer changes than usual: a part, or everything, was "
        "exported.",
        kind="ExpectTableRowCountToBeBetween",
        arguments={
            "min_value": math.ceil(usual * least / 100),
            "max_value": math.floor(usual * most / 100),
        },
    )


def _not_in_future(facts: ExtractFacts) -> list[Check]:
    if facts.as_of is None or facts.came_on is None:
        return []
    at_most = facts.limit("max_days_in_future")
    day = facts.as_of.date()
    days = max((day - facts.came_on).days, 0)
    return [
        fact_at_most(
            "moment_not_in_future",
            observed=days,
            at_most=at_most,
            expects=f"Extracts speak for no day later than {at_most:g} days after the "
            "one on which they come.",
            # The same words for every table of the night, so that they are said once.
            otherwise=(
                f"{facts.source_system}: the extracts of {day} came on {facts.came_on} "
                f"by the hospital's clock (WARDLINE_TIME_ZONE), {counted(days, 'day')} "
                f"before the day they speak for; {at_most:g} may lie between. Give "
                "them their right date and reject these batches. To see them: "
                "wardline batches --waiting"
            ),
            because="Nobody can export a day that has not come: open stays would be "
            "counted in it, and the true nights before it would change nothing.",
        )
    ]


def _moment(facts: ExtractFacts) -> list[Check]:
    accepted, active = facts.accepted_until, facts.active_until
    before = [it for it in (accepted and accepted.date(), active) if it is not None]
    if facts.as_of is None or not before:
        return []
    at_most = facts.limit("max_days_ahead")
    day, known = facts.as_of.date(), max(before)
    return [
        fact_at_most(
            "moment_not_ahead",
            observed=max((day - known).days, 0),
            at_most=at_most,
            expects=f"Extracts speak for a day within {at_most:g} days of what is "
            "known from before it.",
            # The same words for every table of the night, so that they are said once.
            otherwise=(
                f"{facts.source_system}: the extracts of {day} speak for a day "
                f"{{observed}} days after the last that anything is known of, "
                f"{known}; {at_most:g} may lie between. Give them their right date and "
                "reject these batches, or accept them if the date is right. To see "
                "them: wardline batches --waiting"
            ),
            because="Were a wrong future date accepted, every true night after it "
            "would be taken for an old one that comes late.",
        )
    ]


def _vanished(facts: ExtractFacts) -> str | None:
    if not facts.key or not facts.present_sql:
        return None
    key = ", ".join(quoted(column) for column in facts.key)
    return (
        f"select {key} from ({facts.present_sql}) as present"
        f" except select {key} from {{batch}} limit {MOST_KEPT}"
    )
