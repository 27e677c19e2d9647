"""Gate 2 on what the marts are made from: rows set aside, and rows unaccounted for.

Belongs here: the checks of source tables once they are staged. Records that did not
even fit their file are the extract gate's.
"""

from __future__ import annotations

from expectations.checks import Check, fact_at_most
from expectations.mart_facts import Accounted, MartFacts
from expectations.words import counted


def quarantine_checks(facts: MartFacts) -> list[Check]:
    """One accounting check for each system; shares for each table with broken rows."""
    checks = []
    for system in sorted({table.partition(".")[0] for table in facts.accounts}):
        of_system = {
            table: account
            for table, account in sorted(facts.accounts.items())
            if table.partition(".")[0] == system
        }
        checks.append(_accounted_for(system, of_system))
        for table, account in of_system.items():
            if account.quarantined_rows:
                checks += _shares(facts, table, account)
    return checks


def _accounted_for(system: str, accounts: dict[str, Accounted]) -> Check:
    wrong = [table for table, account in accounts.items() if account.missing]
    return fact_at_most(
        f"rows_accounted_for_{system}",
        observed=sum(abs(account.missing) for account in accounts.values()),
        at_most=0,
        expects=f"Every current row of {system} is staged or in quarantine.",
        otherwise=f"{system}: rows of {', '.join(wrong)} that are neither staged "
        "nor in quarantine, or are both: {observed}.",
        because="Nothing received may get lost on the way to the marts.",
        shown_by='wardline query --internal "select * from quarantine.accounting '
        'where raw_keys <> staged_rows + quarantined_rows"',
    )


def _shares(facts: MartFacts, table: str, account: Accounted) -> list[Check]:
    system, _, name = table.partition(".")
    share = round(100 * account.quarantined_rows / account.raw_keys, 4)
    told = (
        f"{table}: {account.quarantined_rows:,} of "
        f"{counted(account.raw_keys, 'row')} ({{observed}} %) in quarantine and "
        "missing from the marts"
    )
    shown_by = f"wardline quarantine --source {system} --table {name}"
    usual, most = (
        facts.thresholds.of(table, threshold)
        for threshold in ("max_quarantined_pct", "max_quarantined_pct_to_publish")
    )
    checks = [
        fact_at_most(
            f"quarantined_few_{table}",
            severity="warning",
            observed=share,
            at_most=usual,
            expects=f"At most {usual:g} % of the rows of {table} are in quarantine.",
            otherwise=f"{told}; {usual:g} % pass unremarked.",
            because="More than the usual broken rows: a column changed its format.",
            shown_by=shown_by,
        )
    ]
    if account.quarantined_rows > facts.thresholds.of(table, "few_rows"):
        checks.append(
            fact_at_most(
                f"quarantined_bearable_{table}",
                observed=share,
                at_most=most,
                expects=f"At most {most:g} % of the rows of {table} are in quarantine.",
                otherwise=f"{told}; at most {most:g} % may be.",
                because="With so much of a table set aside, no figure made from it can "
                "be believed.",
                shown_by=shown_by,
            )
        )
    return checks
