"""What Spark built, on its way into the warehouse: candidate, quarantine, gates' needs.

Spark's workers write by themselves, each a part of a table, by binary COPY. A part may
be tried twice when a worker is lost; what was written of it is kept once. The tables
take their places together, so that nobody finds half of a night.
"""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from psycopg import Connection, sql

from orchestration.dbt import staging_model
from orchestration.progress import say
from orchestration.publication import CANDIDATE
from orchestration.spark.reach import Reach
from orchestration.spark.workers import writer

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

TABLE_ROWS = "table_rows"
"""In what Spark's process tells at its end: the rows of each table, by its name."""
# Tables on their way are named for it, then for the run.
_ARRIVING = "arriving_"
# Of small tables, which Spark's workers would otherwise wait for one by one.
_AT_ONCE = 4
# Where a model has no contract, by Spark's types.
_TYPES = {
    "string": "text",
    "int": "integer",
    "timestamp_ntz": "timestamp",
    "timestamp": "timestamp with time zone",
}


@dataclass(frozen=True)
class Built:
    """A table that dbt builds on Spark."""

    schema: str
    name: str
    types: Mapping[str, str]
    """PostgreSQL's types by column, as far as a contract names them."""
    required: frozenset[str] = frozenset()
    """Columns that have a value in every row."""

    @property
    def full_name(self) -> str:
        """As Spark's catalogue and PostgreSQL call it."""
        return f"{self.schema}.{self.name}"


def built(manifest: Mapping[str, Any]) -> list[Built]:
    """The tables that dbt builds: its models', and those in which a test keeps rows.

    Args:
        manifest: dbt's.
    """
    return [
        Built(
            node["schema"],
            node["alias"],
            {
                name: column["data_type"]
                for name, column in node["columns"].items()
                if column.get("data_type")
            },
            frozenset(
                name
                for name, column in node["columns"].items()
                if any(it["type"] == "not_null" for it in column["constraints"])
            ),
        )
        for node in manifest["nodes"].values()
        if _is_table(node)
    ]


def carried(
    tables: Iterable[Built], systems: Mapping[str, Mapping[str, str]]
) -> list[Built]:
    """Of the tables those that gates, publication and people ask the warehouse for.

    That is the candidate, the quarantine with the accounting, the systems' `as_of`, and
    the staged bills, of which the gate's totals are taken. Views are the warehouse's
    own already.

    Args:
        tables: all that dbt builds.
        systems: the project's source systems.
    """
    judged = {"source_systems"} | {
        staging_model(system, provided["bills"])
        for system, provided in systems.items()
        if "bills" in provided
    }
    return [
        it
        for it in tables
        if it.schema in (CANDIDATE, "quarantine") or it.name in judged
    ]


def count(session: "SparkSession", tables: Iterable[Built]) -> dict[str, int]:
    """The rows of Spark's tables, by `schema.table`."""
    each = " union all ".join(
        f"select '{it.full_name}' as name, count(*) as of_it from {it.full_name}"
        for it in tables
    )
    return dict(session.sql(each).collect()) if each else {}


def _is_table(node: Mapping[str, Any]) -> bool:
    """Whether dbt keeps rows of it: a model's, or those that a test counted."""
    config = node["config"]
    if node["resource_type"] == "test":
        return bool(config["store_failures_as"] == "table")
    return node["resource_type"] == "model" and config["materialized"] in (
        "table",
        "incremental",
    )


def carry(
    connection: Connection[Any],
    session: "SparkSession",
    reach: Reach,
    tables: Iterable[Built],
) -> dict[str, int]:
    """Put Spark's tables in the place of the warehouse's, all of them at once.

    Args:
        connection: as wardline_transformer, with no transaction open.
        session: of Spark.
        reach: of Spark's workers, as the same.
        tables: what to carry.

    Returns:
        Their rows, by `schema.table`.
    """
    run = f"{_ARRIVING}{uuid4().hex[:8]}"
    arrivals = [(it, f"{run}_{number}") for number, it in enumerate(tables)]
    with connection.transaction():
        remove_leftovers(connection)
        connection.execute(
            sql.SQL(
                "create unlogged table {} (arrival text, part integer,"
                " primary key (arrival, part))"
            ).format(sql.Identifier(CANDIDATE, run))
        )
        for table, arrival in arrivals:
            connection.execute(_creation(session, table, arrival))
    at_once = min(_AT_ONCE, reach.connections)
    share = replace(reach, connections=reach.connections // at_once)
    with ThreadPoolExecutor(at_once) as pool:
        moves = {
            table.full_name: pool.submit(_move, session, share, table, arrival, run)
            for table, arrival in arrivals
        }
        rows = {name: move.result() for name, move in moves.items()}
    with connection.transaction():
        for table, arrival in arrivals:
            _put_in_place(connection, table, arrival)
        connection.execute(
            sql.SQL("drop table {}").format(sql.Identifier(CANDIDATE, run))
        )
    return rows


def remove_leftovers(connection: Connection[Any]) -> None:
    """Drop what a killed refresh was bringing; its workers then have nowhere to."""
    for (name,) in connection.execute(
        "select tablename from pg_tables where schemaname = %s"
        " and starts_with(tablename, %s)",
        [CANDIDATE, _ARRIVING],
    ).fetchall():
        connection.execute(
            sql.SQL("drop table {}").format(sql.Identifier(CANDIDATE, name))
        )


def _creation(session: "SparkSession", table: Built, arrival: str) -> sql.Composed:
    columns = [
        sql.SQL("{} {} {}").format(
            sql.Identifier(name),
            # Types are the project's own words, and Spark's.
            sql.SQL(kind),
            sql.SQL("not null" if name in table.required else ""),
        )
        for name, kind in _columns(session, table).items()
    ]
    return sql.SQL("create table {} ({})").format(
        sql.Identifier(CANDIDATE, arrival), sql.SQL(", ").join(columns)
    )


def _columns(session: "SparkSession", table: Built) -> dict[str, str]:
    """PostgreSQL's types of a table's columns, in Spark's order."""
    return {
        name: table.types.get(name) or _TYPES.get(kind, kind)
        for name, kind in session.table(table.full_name).dtypes
    }


def _move(
    session: "SparkSession", reach: Reach, table: Built, arrival: str, run: str
) -> int:
    """Let Spark's workers write a table; returns its rows."""
    say(f"Bringing {table.full_name} from Spark")
    types = list(_columns(session, table).values())
    # Not shuffled: another try of a part has to find the same rows in it.
    parts = session.table(table.full_name).coalesce(reach.connections)
    written = parts.mapInArrow(
        writer(reach.conninfo, arrival, run, types), "part integer, rows bigint"
    )
    return sum(rows for _, rows in written.collect())


def _put_in_place(connection: Connection[Any], table: Built, arrival: str) -> None:
    place = sql.Identifier(table.schema, table.name)
    arrived = sql.Identifier(CANDIDATE, arrival)
    # What dbt builds goes with the table, as when dbt makes it anew.
    connection.execute(sql.SQL("drop table if exists {} cascade").format(place))
    connection.execute(
        sql.SQL("alter table {} rename to {}").format(
            arrived, sql.Identifier(table.name)
        )
    )
    if table.schema != CANDIDATE:
        connection.execute(
            sql.SQL("alter table {} set schema {}").format(
                sql.Identifier(CANDIDATE, table.name), sql.Identifier(table.schema)
            )
        )
    connection.execute(sql.SQL("analyze {}").format(place))
