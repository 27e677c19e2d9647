"""What an engine left in a home, to compare with what the other one leaves."""

import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

from dagster import AssetKey

from orchestration.defs.event_log import EventLog
from orchestration.warehouse import open_warehouse
from tests.conftest import Home

# Each task costs more than what these few rows do.
CONF = {"spark.sql.shuffle.partitions": "1"}
ON_SPARK = {
    "WARDLINE_ENGINE": "spark",
    "WARDLINE_SPARK_MASTER": "local[1]",
    "WARDLINE_SPARK_CONF": json.dumps(CONF),
}


@dataclass(frozen=True)
class Kept:
    """What people read beside the marts, and how all of it is shaped."""

    quarantined: Counter[tuple[Any, ...]]
    accounts: Counter[tuple[Any, ...]]
    columns: list[tuple[Any, ...]]


def kept(home: Home) -> Kept:
    """What the last refresh left; the marts are compared by `rows_changed`."""
    return Kept(
        Counter(home.rows("select * from quarantine.quarantined_rows", None)),
        Counter(home.rows("select * from quarantine.accounting", None)),
        home.rows(
            "select table_schema, table_name, column_name, data_type, is_nullable,"
            " numeric_precision, numeric_scale from information_schema.columns"
            " where table_schema in ('candidate', 'quarantine') order by 1, 2, 3",
            None,
        ),
    )


def rows_changed(home: Home) -> int:
    """The published rows that were other ones before the last refresh."""
    ((changed,),) = home.rows(
        "select rows_changed from ops.publications"
        " order by publication_id desc limit 1",
        None,
    )
    return changed


def tables(home: Home) -> list[str]:
    """The tables that dbt builds, as `schema.table`."""
    found = home.rows(
        "select format('%I.%I', schemaname, tablename) from pg_tables"
        " where schemaname in ('candidate', 'intermediate', 'staging')"
        " or (schemaname = 'quarantine'"
        " and tablename in ('accounting', 'quarantined_rows'))",
        None,
    )
    return [table for (table,) in found]


def counts(home: Home) -> dict[str, int]:
    """The rows of each table that dbt builds."""
    return {
        it: home.rows(f"select count(*) from {it}", None)[0][0] for it in tables(home)
    }


def shown_counts(home: Home) -> dict[str, int]:
    """The rows that Dagster shows of each table that dbt builds."""
    storage = EventLog(str(home.path / "dagster" / "history" / "runs"))
    records = storage.get_asset_records(
        [AssetKey(it.split(".")) for it in tables(home)]
    )
    shown = {}
    for it in records:
        latest = it.asset_entry.last_materialization.asset_materialization
        table = ".".join(latest.asset_key.path)
        if count := latest.metadata.get("dagster/row_count"):
            shown[table] = count.value
    return shown


def empty(home: Home) -> None:
    """Leave nothing of what PostgreSQL built, that nobody takes it for Spark's."""
    with open_warehouse(home.settings).connect() as connection:
        for table in tables(home):
            connection.execute(f"truncate {table}".encode())
