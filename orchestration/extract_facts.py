"""The facts that the extract gate asks for: of a landed table, and from before it.

Only finding out; what is expected of them stands in expectations/.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from psycopg import Connection

from expectations import ExtractFacts, Thresholds
from orchestration.extracts.as_of import active_until
from orchestration.extracts.aside import held
from orchestration.extracts.contract import ExtractContract
from orchestration.extracts.errors import printable
from orchestration.extracts.history import accepted_until, came_on, history
from orchestration.extracts.landing_table import LANDING_SCHEMA, Landed
from orchestration.extracts.raw import present


def extract_facts(
    connection: Connection[Any],
    landed: Sequence[Landed],
    as_of: datetime | None,
    thresholds: Thresholds,
    *,
    now: datetime | None = None,
    is_kept: bool = True,
) -> list[ExtractFacts]:
    """What the extract gate asks of one system's landed tables.

    Args:
        connection: of the loader.
        landed: the tables.
        as_of: the moment they speak for.
        thresholds: what the hospital lets pass.
        now: by the hospital's clock, in its time zone; None: it is not asked.
        is_kept: False where nothing is recorded, as `wardline check` does.
    """
    facts = []
    for it in landed:
        contract = it.contract
        table = ExtractFacts(
            source_system=contract.source_system,
            table=contract.table,
            landing_schema=LANDING_SCHEMA,
            landing_table=it.table,
            key=contract.key,
            required_columns=contract.must_have,
            rows_landed=it.rows_landed,
            rows_malformed=it.rows_malformed,
            mode=contract.mode,
            as_of=as_of,
            came_on=came_on(connection, it, now) if now else None,
            extra_columns=tuple(map(printable, it.extras.values())),
            is_ended=it.is_ended,
            null_markers=contract.null_markers,
            malformed_shown_by=_malformed_shown_by(contract, is_kept),
            keeps_rows=is_kept,
            contract=contract.thresholds,
            thresholds=thresholds,
        )
        weeks = table.limit("history_weeks")
        if as_of and (past := history(connection, contract, as_of, weeks)):
            only_aside = held(it, as_of)
            table = replace(
                table,
                history=past,
                present_sql=present(contract, as_of).as_string(connection),
                held_sql=only_aside.as_string(connection) if only_aside else None,
            )
        facts.append(table)
    if as_of is None or not facts:
        return facts
    accepted = accepted_until(connection, facts[0].source_system, as_of)
    limit = min(it.limit("max_days_ahead") for it in facts)
    active = None
    if accepted is None or (as_of.date() - accepted.date()).days > limit:
        # Only then, because looking through a night's dates takes its time.
        active = active_until(
            connection,
            landed,
            as_of,
            stray_days=limit,
            stray_pct=min(it.limit("max_stray_dates_pct") for it in facts),
        )
    return [replace(it, accepted_until=accepted, active_until=active) for it in facts]


def _malformed_shown_by(contract: ExtractContract, is_kept: bool) -> str:
    if is_kept:
        return (
            f"wardline quarantine --source {contract.source_system} "
            f"--table {contract.table}"
        )
    return (
        'wardline query --internal "select line_number, reason, row_text from '
        f"landing.malformed_rows where source_system = '{contract.source_system}' "
        f"and table_name = '{contract.table}'\""
    )
