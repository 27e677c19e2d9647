"""Raw and the books that models read, copied from the warehouse into Spark's catalogue.

Raw only grows, so a night copies its own batches. Spark's workers read by themselves,
each a range of a table, as CSV of PostgreSQL's COPY into Arrow.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from psycopg import Connection, sql

from orchestration.errors import WardlineError
from orchestration.progress import say
from orchestration.spark.workers import reader

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

# Of the pages of 8 kB that PostgreSQL keeps a table in: 128 MB for a worker at a time.
_PAGES = 16_384
# Nights add files; a table of more is copied anew, as one of few.
_MOST_FILES = 400
# By PostgreSQL's types: Spark's, and how a value is written for it. Columns of other
# types are read by no model.
_TYPES = {
    "text": ("string", "{}"),
    "bigint": ("bigint", "{}"),
    "integer": ("int", "{}"),
    "boolean": ("boolean", "{}"),
    "bytea": ("binary", "encode({}, 'hex')"),
    "timestamp without time zone": ("timestamp_ntz", "{}"),
    "timestamp with time zone": ("timestamp_ltz", "{} at time zone 'UTC'"),
}
_TABLES = """
select table_schema::text, table_name::text,
    array_agg(column_name::text order by ordinal_position),
    array_agg(data_type::text order by ordinal_position),
    pg_relation_size(format('%I.%I', table_schema, table_name)::regclass)
        / current_setting('block_size')::integer
from information_schema.columns
where table_schema like 'raw\\_%'
    or (table_schema, table_name) in (
        ('ops', 'batches'), ('ops', 'line_offsets'), ('ops', 'publications')
    )
group by table_schema, table_name
order by 1, 2
"""
KEY_VIEW = "pseudonym_key"
"""The pseudonyms' key, as `global_temp.pseudonym_key`: kept in memory, on no disk."""


@dataclass(frozen=True)
class Table:
    """A table to copy, and the columns that Spark has a type for."""

    schema: str
    name: str
    columns: dict[str, str]
    pages: int

    @property
    def full_name(self) -> str:
        """As Spark's catalogue and PostgreSQL call it."""
        return f"{self.schema}.{self.name}"

    @property
    def is_raw(self) -> bool:
        """Whether it is made of batches that stay as they are."""
        return self.schema.startswith("raw_")

    @property
    def shape(self) -> str:
        """Its columns for Spark, as they arrive: what is binary as hexadecimal text."""
        return ", ".join(
            f"`{name}` {'string' if kind == 'bytea' else _TYPES[kind][0]}"
            for name, kind in self.columns.items()
        )

    def select(self, condition: sql.Composable) -> sql.Composed:
        """The rows that meet a condition, in what Arrow reads."""
        return sql.SQL("select {} from {} where {}").format(
            sql.SQL(", ").join(
                sql.SQL(_TYPES[kind][1]).format(sql.Identifier(name))
                for name, kind in self.columns.items()
            ),
            sql.Identifier(self.schema, self.name),
            condition,
        )


class Batch(NamedTuple):
    """What a batch is known by: a warehouse that was restored gives numbers again."""

    rows: int
    hashes: int
    """The sum of its rows' hashes."""
    numbers: int
    """The sum of its rows' numbers in their file."""
    as_of: datetime


def copy_raw(
    connection: Connection[Any],
    session: "SparkSession",
    conninfo: str,
    *,
    anew: bool = False,
) -> int:
    """Bring Spark's raw tables up to the warehouse's.

    Args:
        connection: as wardline_transformer.
        session: of Spark.
        conninfo: by which Spark's workers reach the warehouse as the same.
        anew: True to copy what is there already, too.

    Returns:
        How many rows were copied of raw.
    """
    _show_key(connection, session)
    copied = 0
    for schema, name, names, types, pages in connection.execute(_TABLES).fetchall():
        columns = {
            column: kind
            for column, kind in zip(names, types, strict=True)
            if kind in _TYPES
        }
        table = Table(schema, name, columns, pages)
        session.sql(f"create schema if not exists {schema}")
        if table.is_raw:
            copied += _bring_up(connection, session, conninfo, table, anew=anew)
        else:
            _write(session, conninfo, table, "overwrite", _ranges(connection, table))
    return copied


def _show_key(connection: Connection[Any], session: "SparkSession") -> None:
    rows = connection.execute(
        "select outer_pad, inner_pad from ops.pseudonym_key"
    ).fetchall()
    frame = session.createDataFrame(rows, "outer_pad binary, inner_pad binary")
    frame.createOrReplaceGlobalTempView(KEY_VIEW)


def _bring_up(
    connection: Connection[Any],
    session: "SparkSession",
    conninfo: str,
    table: Table,
    *,
    anew: bool,
) -> int:
    """Copy the batches that Spark lacks, or the whole table if it has others."""
    here = _batches(
        connection.execute(
            sql.SQL(
                "select _batch_id, count(*), sum(_row_hash), sum(_row_number),"
                " max(_as_of) from {} group by 1"
            ).format(sql.Identifier(table.schema, table.name))
        )
    )
    is_kept = not anew and _can_grow(session, table)
    there = _batches_on_spark(session, table) if is_kept else None
    if there == here:
        return 0
    if there and there.items() <= here.items():
        lacking = sorted(here.keys() - there.keys())
        condition = sql.SQL("_batch_id = any({})").format(lacking)
        questions = [table.select(condition).as_string(connection)]
        _write(session, conninfo, table, "append", questions)
        # What a killed refresh left in the folder may have come with it.
        if _batches_on_spark(session, table) == here:
            return sum(here[it].rows for it in lacking)
    _write(session, conninfo, table, "overwrite", _ranges(connection, table))
    if _batches_on_spark(session, table) != here:
        raise WardlineError(
            f"{table.full_name} has other rows on Spark than in the warehouse, though "
            "it was copied just now. Refresh again with --full."
        )
    return sum(it.rows for it in here.values())


def _can_grow(session: "SparkSession", table: Table) -> bool:
    """Whether Spark has the table, in the same columns and in not too many files."""
    if not session.catalog.tableExists(table.full_name):
        return False
    frame = session.table(table.full_name)
    return (
        frame.columns == list(table.columns) and len(frame.inputFiles()) <= _MOST_FILES
    )


def _batches_on_spark(session: "SparkSession", table: Table) -> dict[int, Batch]:
    from pyspark.sql.functions import expr

    frame = session.table(table.full_name)
    return _batches(
        frame.groupBy("_batch_id")
        .agg(
            expr("count(*)"),
            expr("sum(cast(_row_hash as decimal(20, 0)))"),
            expr("sum(_row_number)"),
            expr("max(_as_of)"),
        )
        .collect()
    )


def _batches(rows: Iterable[Sequence[Any]]) -> dict[int, Batch]:
    return {
        batch: Batch(count, int(hashes), int(numbers), as_of)
        for batch, count, hashes, numbers, as_of in rows
    }


def _ranges(connection: Connection[Any], table: Table) -> list[str]:
    """The questions for a whole table, each for some of its pages."""
    return [
        table.select(
            sql.SQL("ctid >= {} and ctid < {}").format(
                f"({first},0)", f"({first + _PAGES},0)"
            )
        ).as_string(connection)
        for first in range(0, max(table.pages, 1), _PAGES)
    ]


def _write(
    session: "SparkSession",
    conninfo: str,
    table: Table,
    mode: str,
    questions: list[str],
) -> None:
    say(f"Copying {table.full_name} to Spark")
    asked = session.createDataFrame([(it,) for it in questions], "question string")
    frame: DataFrame = asked.repartition(len(questions)).mapInArrow(
        reader(conninfo, list(table.columns.values()), list(table.columns)),
        table.shape,
    )
    values = [
        f"unhex(`{name}`) as `{name}`" if kind == "bytea" else f"`{name}`"
        for name, kind in table.columns.items()
    ]
    frame.selectExpr(*values).write.mode(mode).saveAsTable(table.full_name)
