"""The two gates as they are run: the facts they need, and the asking.

What is expected stands in expectations/; blocking what comes after is Dagster's.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from psycopg import Connection, sql

from expectations import (
    Accounted,
    Mart,
    MartFacts,
    Thresholds,
    Verdict,
    extract_suite,
    mart_suites,
    run_suites,
)
from orchestration import accounting, bookkeeping, changes, failing
from orchestration.dbt import staging_model
from orchestration.extract_facts import extract_facts
from orchestration.extract_sets import LandedSet
from orchestration.extracts.landing_table import LANDING_SCHEMA
from orchestration.progress import say
from orchestration.publication import PUBLISHED
from orchestration.warehouse import Role, Warehouse

EXTRACT_GATE, MART_GATE = "extract", "mart"
SourceSystems = Mapping[str, Mapping[str, str]]
"""Per system, the source table of each entity, as dbt's `vars.source_systems`."""


def judge_extracts(
    connection: Connection[Any],
    warehouse: Warehouse,
    night: LandedSet,
    *,
    now: datetime,
    thresholds: Thresholds,
    data_docs: Path | None = None,
) -> dict[str, list[Verdict]]:
    """Judge one source system's landed tables before they may reach raw.

    Args:
        connection: of the loader.
        warehouse: with the tables landed.
        night: what lies in landing, and why what does not was refused.
        now: by the hospital's clock, in its time zone.
        thresholds: what the hospital lets pass.
        data_docs: the folder of the static site; None: none is written, and nothing is
            kept but the verdicts.

    Returns:
        The verdicts by table; a refusal is one of its own.
    """
    system, landed = night.extracts.source_system, night.landed
    if landed:
        say(f"Judging the extracts of {system}")
    facts = extract_facts(
        connection,
        list(landed.values()),
        night.as_of,
        thresholds,
        now=now,
        is_kept=bool(data_docs),
    )
    suites = [(LANDING_SCHEMA, it.landing_table, extract_suite(it)) for it in facts]
    site = data_docs and data_docs / EXTRACT_GATE / system / night.extracts.folder.name
    judged = run_suites(warehouse.url(Role.LOADER), suites, site)
    verdicts = {
        table: [it for it in judged if it.subject == f"{system}.{table}"]
        for table in landed
    }
    for table, it in landed.items():
        verdicts[table] += [_remark(f"{system}.{table}", told) for told in it.remarks]
    for table, reason in night.refused.items():
        kind = "source_reachable" if table in night.unreachable else "extract_readable"
        verdicts.setdefault(table, []).append(
            _refusal(f"{system}.{table}", reason, kind)
        )
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
    thresholds: Thresholds,
    run_id: str,
    data_docs: Path,
) -> list[Verdict]:
    """Judge tonight's candidate, keep the verdicts, write the Data Docs.

    What became of the current rows of every source table is put on record as well.

    Args:
        warehouse: with the candidate built.
        marts: all of the candidate.
        systems: the project's source systems.
        thresholds: what the hospital lets pass.
        run_id: the run that asks.
        data_docs: the folder of the static site.
    """
    say("Judging the candidate marts")
    with warehouse.connect(Role.TRANSFORMER) as connection:
        accounting.record(connection, run_id)
        columns = _published_columns(connection)
        facts = MartFacts(
            marts=tuple(marts),
            as_of=_as_of(connection),
            published_rows=_published_rows(connection, marts, columns),
            published_columns=columns,
            accounts={
                f"{it.source_system}.{it.table_name}": Accounted(
                    it.raw_keys, it.staged_rows, it.quarantined_rows
                )
                for it in accounting.of_run(connection, run_id)
            },
            staged_bills={
                system: "staging." + staging_model(system, tables["bills"])
                for system, tables in systems.items()
                if "bills" in tables
            },
            changed_rows=changes.by_grain(connection, marts),
            thresholds=thresholds,
        )
    verdicts = run_suites(
        warehouse.url(Role.TRANSFORMER), mart_suites(facts), data_docs / MART_GATE
    )
    with warehouse.connect(Role.TRANSFORMER) as connection:
        bookkeeping.record_verdicts(connection, run_id, verdicts)
        failing.keep(connection, run_id, verdicts)
    return verdicts


def _as_of(connection: Connection[Any]) -> dict[str, datetime]:
    return dict(
        connection.execute(
            "select source_system, as_of from intermediate.source_systems"
        ).fetchall()
    )


def _published_columns(connection: Connection[Any]) -> dict[str, frozenset[str]]:
    found = connection.execute(
        "select relname::text, array_agg(attname::text) from pg_class"
        " join pg_attribute on attrelid = pg_class.oid"
        " where relnamespace = to_regnamespace(%s) and relkind = 'r'"
        " and attnum > 0 and not attisdropped group by 1",
        [PUBLISHED],
    )
    return {mart: frozenset(columns) for mart, columns in found}


def _published_rows(
    connection: Connection[Any], marts: Sequence[Mart], published: Container[str]
) -> dict[str, int]:
    facts = [
        mart.name
        for mart in marts
        if mart.name.startswith("fct_") and mart.name in published
    ]
    if not facts:
        return {}
    each = sql.SQL(" union all ").join(
        sql.SQL("select {}, count(*) from {}").format(
            name, sql.Identifier(PUBLISHED, name)
        )
        for name in facts
    )
    return dict(connection.execute(each).fetchall())


def _remark(subject: str, sentence: str) -> Verdict:
    return Verdict(
        gate=EXTRACT_GATE,
        subject=subject,
        expectation="column_types",
        severity="warning",
        success=False,
        observed=None,
        sentence=sentence,
    )


def _refusal(subject: str, reason: str, kind: str) -> Verdict:
    return Verdict(
        gate=EXTRACT_GATE,
        subject=subject,
        expectation=kind,
        severity="critical",
        success=False,
        observed=None,
        sentence=reason,
    )
