"""Raw and the books that models read, copied from the warehouse into Spark's catalogue.

Raw only grows, so a night copies its own batches. Spark's workers read by themselves,
each a range of a table, as CSV of PostgreSQL's COPY into Arrow.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

from psycopg import Connection, sql
from pyspark.errors import AnalysisException
from pyspark.sql.functions import expr

from orchestration.errors import WardlineError
from orchestration.progress import say
from orchestration.spark.errors import LEFTOVER
from orchestration.spark.reach import Reach, spread
from orchestration.spark.schemas import Catalogue
from orchestration.spark.source_table import TYPES, SourceTable
from orchestration.spark.workers import reader

# Of the pages of 8 kB that PostgreSQL keeps a table in: 128 MB for a worker at a time.
_PAGES = 16_384
# Nights add files; a table of more is copied anew, as one of few; of a large one, that
# of which twice as many are there as a copy makes.
_MOST_FILES = 400
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
"""The pseudonyms' key, as a view of the session alone: in memory, on no disk."""


class Batch(NamedTuple):
    """What a batch is known by: a warehouse that was restored gives numbers again."""

    rows: int
    hashes: int
    """The sum of its rows' hashes."""
    numbers: int
    """The sum of its rows' numbers in their file."""
    as_of: datetime


def copy_raw(copy: "Copy", *, anew: bool = False) -> int:
    """Bring Spark's raw tables up to the warehouse's.

    Args:
        copy: from where to where.
        anew: True to copy what is there already, too.

    Returns:
        How many rows were copied of raw.
    """
    copy.show_key()
    copied = 0
    for schema, them in groupby(copy.tables(), lambda it: it.schema):
        tables = list(them)
        copy.catalogue.claim(schema)
        try:
            copied += sum(copy.bring_up(it, anew=anew) for it in tables)
        except AnalysisException as fault:
            if fault.getCondition() != LEFTOVER:
                raise
            copy.catalogue.renew(schema)
            copied += sum(copy.bring_up(it, anew=anew) for it in tables)
    return copied


@dataclass(frozen=True)
class Copy:
    """From the warehouse, by its transformer, to Spark's catalogue."""

    connection: Connection[Any]
    catalogue: Catalogue
    reach: Reach
    """Of Spark's workers, as the same."""

    def show_key(self) -> None:
        """Let the session, and it alone, see the pseudonyms' key."""
        rows = self.connection.execute(
            "select outer_pad, inner_pad from ops.pseudonym_key"
        ).fetchall()
        frame = self.catalogue.session.createDataFrame(
            rows, "outer_pad binary, inner_pad binary"
        )
        frame.createOrReplaceTempView(KEY_VIEW)

    def tables(self) -> list[SourceTable]:
        """What is to be copied, by schema."""
        return [
            SourceTable(
                schema,
                name,
                {
                    it: kind
                    for it, kind in zip(names, types, strict=True)
                    if kind in TYPES
                },
                pages,
            )
            for schema, name, names, types, pages in self.connection.execute(_TABLES)
        ]

    def bring_up(self, table: SourceTable, *, anew: bool) -> int:
        """Copy the batches that Spark lacks, or the whole table if it has others.

        Returns:
            How many rows of raw were copied.

        Raises:
            WardlineError: Spark then has other ones.
        """
        can_grow = self._make(table)
        if not table.is_raw:
            self._write(table, self._ranges(table), anew=True)
            return 0
        here = self._batches_here(table)
        there = self._batches_there(table) if can_grow and not anew else None
        if there == here:
            return 0
        if there and there.items() <= here.items():
            lacking = sorted(here.keys() - there.keys())
            condition = sql.SQL("_batch_id = any({})").format(lacking)
            self._write(table, [table.select(condition).as_string(self.connection)])
            # What a killed refresh left in the folder may have come with it.
            if self._batches_there(table) == here:
                return sum(here[it].rows for it in lacking)
        self._write(table, self._ranges(table), anew=True)
        if self._batches_there(table) != here:
            raise WardlineError(
                f"{table.full_name} has other rows on Spark than in the warehouse, "
                "though it was copied just now. Refresh again with --full."
            )
        return sum(it.rows for it in here.values())

    def _make(self, table: SourceTable) -> bool:
        """Have Spark know the table; returns whether more can be put to its rows."""
        session = self.catalogue.session
        if self.catalogue.has_table(table.schema, table.name):
            frame = session.table(table.full_name)
            if frame.columns == list(table.columns):
                most = max(_MOST_FILES, 2 * len(self._ranges(table)))
                return len(frame.inputFiles()) <= most
            session.sql(f"drop table {table.full_name}")
        # Before its rows, so that what a killed refresh wrote of them is of a table.
        session.sql(f"create table {table.full_name} ({table.definition})")
        return False

    def _batches_here(self, table: SourceTable) -> dict[int, Batch]:
        return _batches(
            self.connection.execute(
                sql.SQL(
                    "select _batch_id, count(*), sum(_row_hash), sum(_row_number),"
                    " max(_as_of) from {} group by 1"
                ).format(sql.Identifier(table.schema, table.name))
            )
        )

    def _batches_there(self, table: SourceTable) -> dict[int, Batch]:
        return _batches(
            self.catalogue.session.table(table.full_name)
            .groupBy("_batch_id")
            .agg(
                expr("count(*)"),
                expr("sum(cast(_row_hash as decimal(20, 0)))"),
                expr("sum(_row_number)"),
                expr("max(_as_of)"),
            )
            .collect()
        )

    def _ranges(self, table: SourceTable) -> list[str]:
        """The questions for a whole table, each for some of its pages."""
        return [
            table.select(
                sql.SQL("ctid >= {} and ctid < {}").format(
                    f"({first},0)", f"({first + _PAGES},0)"
                )
            ).as_string(self.connection)
            for first in range(0, max(table.pages, 1), _PAGES)
        ]

    def _write(
        self, table: SourceTable, questions: list[str], *, anew: bool = False
    ) -> None:
        say(f"Copying {table.full_name} to Spark")
        asked = spread(self.catalogue.session, self.reach, questions)
        kinds, names = list(table.columns.values()), list(table.columns)
        frame = asked.mapInArrow(reader(self.reach.conninfo, kinds, names), table.shape)
        values = [
            f"unhex(`{name}`) as `{name}`" if kind == "bytea" else f"`{name}`"
            for name, kind in table.columns.items()
        ]
        frame.selectExpr(*values).write.insertInto(table.full_name, overwrite=anew)


def _batches(rows: Iterable[Sequence[Any]]) -> dict[int, Batch]:
    return {
        batch: Batch(count, int(hashes), int(numbers), as_of)
        for batch, count, hashes, numbers, as_of in rows
    }
