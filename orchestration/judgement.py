"""The two gates as they are run: the facts they need, and the asking.

What is expected stands in expectations/; blocking what comes after is Dagster's.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from psycopg import Connection, sql

from expectations import (
    ExtractFacts,
    Mart,
    MartFacts,
    Verdict,
    extract_suite,
    mart_suites,
    run_suites,
)
from orchestration import bookkeeping
from orchestration.dbt import staging_model
from orchestration.extracts.files import ExtractSet
from orchestration.extracts.landing import LANDING_SCHEMA, Landed
from orchestration.extracts.ledger import last_rows
from orchestration.progress import say
from orchestration.publication import PUBLISHED
from orchestration.warehouse import Role, Warehouse

EXTRACT_GATE, MART_GATE = "extract", "mart"
SourceSystems = Mapping[str, Mapping[str, str]]
"""Per system, the source table of each entity, as dbt's `vars.source_systems`."""


def judge_extracts(
    connection: Connection[Any],
    warehouse: Warehouse,
    landed: Mapping[str, Landed],
    refused: Mapping[str, str],
    *,
    extracts: ExtractSet,
    as_of: datetime | None,
    data_docs: Path | None = None,
) -> dict[str, list[Verdict]]:
    """Judge one source system's landed tables before they may reach raw.

    Args:
        connection: of the loader.
        warehouse: with the tables landed.
        landed: what lies in landing, by table.
        refused: why a table could not even be landed, by table.
        extracts: the set they came in.
        as_of: the moment it speaks for.
        data_docs: the folder of the static site; None: none is written.

    Returns:
        The verdicts by table; a refusal is one of its own.
    """
    system = extracts.source_system
    if landed:
        say(f"Judging the extracts of {system}")
    suites = [
        (
            LANDING_SCHEMA,
            it.contract.landing_table,
            extract_suite(_facts(connection, it, as_of)),
        )
        for it in landed.values()
    ]
    site = data_docs and data_docs / EXTRACT_GATE / system / extracts.folder.name
    judged = run_suites(warehouse.url(Role.LOADER), suites, site)
    verdicts = {
        table: [it for it in judged if it.subject == f"{system}.{table}"]
        for table in landed
    }
    for table, reason in refused.items():
        verdicts.setdefault(table, []).append(_refusal(f"{system}.{table}", reason))
    return verdicts


def as_warnings(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """Verdicts on an extract that a younger one has replaced: they stop nothing."""
    return [
        replace(verdict, severity="warning") if verdict.stops else verdict
        for verdict in verdicts
    ]


def judge_candidate(
    warehouse: Warehouse,
    marts: Sequence[Mart],
    systems: SourceSystems,
    *,
    run_id: str,
    data_docs: Path,
) -> list[Verdict]:
    """Judge tonight's candidate, keep the verdicts, write the Data Docs.

    Args:
        warehouse: with the candidate built.
        marts: all of the candidate.
        systems: the project's source systems.
        run_id: the run that asks.
        data_docs: the folder of the static site.
    """
    say("Judging the candidate marts")
    with warehouse.connect(Role.TRANSFORMER) as connection:
        facts = MartFacts(
            marts=tuple(marts),
            as_of=_as_of(connection),
            published_rows=_published_rows(connection, marts),
            quarantined=_quarantined(connection, systems),
            staged_bills={
                system: "staging." + staging_model(system, tables["bills"])
                for system, tables in systems.items()
                if "bills" in tables
            },
        )
    verdicts = run_suites(
        warehouse.url(Role.TRANSFORMER), mart_suites(facts), data_docs / MART_GATE
    )
    with warehouse.connect(Role.TRANSFORMER) as connection:
        bookkeeping.record_verdicts(connection, run_id, verdicts)
    return verdicts


def _as_of(connection: Connection[Any]) -> dict[str, datetime]:
    return dict(
        connection.execute(
            "select source_system, as_of from intermediate.source_systems"
        ).fetchall()
    )


def _published_rows(
    connection: Connection[Any], marts: Sequence[Mart]
) -> dict[str, int]:
    published = connection.execute(
        "select tablename from pg_tables where schemaname = %s", [PUBLISHED]
    ).fetchall()
    known = {mart.name for mart in marts} & {name for (name,) in published}
    return _count(connection, [(PUBLISHED, name, name) for name in sorted(known)])


def _quarantined(
    connection: Connection[Any], systems: SourceSystems
) -> dict[str, tuple[int, int]]:
    current = _count(
        connection,
        [
            ("staging", staging_model(system, table), system)
            for system, tables in systems.items()
            for table in tables.values()
        ],
    )
    held = bookkeeping.quarantined(connection)
    return {
        system: (
            sum(n for name, n in held.items() if name.split(".")[0] == system),
            rows,
        )
        for system, rows in current.items()
        if rows
    }


def _count(
    connection: Connection[Any], tables: Sequence[tuple[str, str, str]]
) -> dict[str, int]:
    """Rows by label, of (schema, table, label), asked in one question."""
    if not tables:
        return {}
    each = sql.SQL(" union all ").join(
        sql.SQL("select {} as label, count(*) as rows from {}").format(
            label, sql.Identifier(schema, table)
        )
        for schema, table, label in tables
    )
    return dict(
        connection.execute(
            sql.SQL("select label, sum(rows)::bigint from ({}) t group by 1").format(
                each
            )
        ).fetchall()
    )


def _facts(
    connection: Connection[Any], landed: Landed, as_of: datetime | None
) -> ExtractFacts:
    contract = landed.contract
    return ExtractFacts(
        source_system=contract.source_system,
        table=contract.table,
        landing_schema=LANDING_SCHEMA,
        landing_table=contract.landing_table,
        key=contract.key,
        required_columns=contract.must_have,
        rows_landed=landed.rows_landed,
        rows_malformed=landed.rows_malformed,
        last_rows=last_rows(connection, contract, as_of) if as_of else None,
        mode=contract.mode,
        extra_columns=tuple(landed.extras.values()),
        null_markers=contract.null_markers,
        max_malformed_pct=contract.max_malformed_pct,
        min_rows_pct_of_last=contract.min_rows_pct_of_last,
        malformed_sql=(
            "select * from quarantine.malformed_rows"
            f" where source_system = '{contract.source_system}'"
            f" and table_name = '{contract.table}' order by batch_id desc, line_number"
        ),
    )


def _refusal(subject: str, reason: str) -> Verdict:
    return Verdict(
        gate=EXTRACT_GATE,
        subject=subject,
        expectation="extract_readable",
        severity="critical",
        success=False,
        observed=None,
        sentence=reason,
    )
