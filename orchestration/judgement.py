"""The mart gate as it is run: the facts it needs, read from the warehouse, and the run.

What is expected stands in expectations/; blocking what comes after is Dagster's.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from psycopg import Connection, sql

from expectations import Mart, MartFacts, Verdict, mart_suites, run_suites
from orchestration import bookkeeping
from orchestration.dbt import source_systems, staging_model
from orchestration.publication import PUBLISHED
from orchestration.warehouse import Role, Warehouse

MART_GATE = "mart"


def judge_candidate(
    warehouse: Warehouse,
    marts: Sequence[Mart],
    *,
    run_id: str,
    data_docs: Path,
) -> list[Verdict]:
    """Judge tonight's candidate, keep the verdicts, write the Data Docs.

    Args:
        warehouse: with the candidate built.
        marts: all of the candidate.
        run_id: the run that asks.
        data_docs: the folder of the static site.
    """
    with warehouse.connect(Role.TRANSFORMER) as connection:
        facts = MartFacts(
            marts=tuple(marts),
            as_of=_as_of(connection),
            published_rows=_published_rows(connection, marts),
            quarantined=_quarantined(connection),
            staged_bills={
                system: "staging." + staging_model(system, tables["bills"])
                for system, tables in source_systems().items()
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


def _quarantined(connection: Connection[Any]) -> dict[str, tuple[int, int]]:
    current = _count(
        connection,
        [
            ("staging", staging_model(system, table), system)
            for system, tables in source_systems().items()
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
            sql.SQL("select label, sum(rows)::bigint from ({}) t group by 1").format(each)
        ).fetchall()
    )
