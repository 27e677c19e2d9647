"""What Spark's workers do by themselves: they read from the warehouse, and write to it.

They have this package and psycopg, and nothing of the driver but what they are given.
"""

import io
import pickle
from collections.abc import Callable, Iterable, Iterator
from datetime import time
from functools import partial
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from orchestration.extract_sets import land_or_refuse
from orchestration.merging import CANDIDATE
from orchestration.withheld import values_withheld

if TYPE_CHECKING:
    import pyarrow as pa

# A record has to fit into a block.
_BLOCK_BYTES = 16 << 20


def reader(
    conninfo: str, kinds: list[str], names: list[str]
) -> Callable[[Iterator["pa.RecordBatch"]], Iterator["pa.RecordBatch"]]:
    """What a worker of Spark does with the questions that it is given."""

    def read(questions: Iterator["pa.RecordBatch"]) -> Iterator["pa.RecordBatch"]:
        with values_withheld():
            for batch in questions:
                for question in batch.column(0).to_pylist():
                    yield from answers(conninfo, question, kinds, names)

    return read


def answers(
    conninfo: str, question: str, kinds: list[str], names: list[str]
) -> Iterator["pa.RecordBatch"]:
    """Rows of a select as Arrow's batches, columns by PostgreSQL's types."""
    import pyarrow as pa
    from pyarrow import csv

    arrow = {
        "text": pa.string(),
        "bytea": pa.string(),
        "bigint": pa.int64(),
        "integer": pa.int32(),
        "boolean": pa.bool_(),
        "timestamp without time zone": pa.timestamp("us"),
        "timestamp with time zone": pa.timestamp("us"),
    }
    types = [arrow[kind] for kind in kinds]
    with psycopg.connect(conninfo) as connection:
        copy = f"copy ({question}) to stdout (format csv)".encode()
        with connection.cursor().copy(copy) as rows:
            stream = io.BufferedReader(_Stream(rows), _BLOCK_BYTES)
            first = stream.peek(1)
            if not first:
                return
            reader = csv.open_csv(
                stream,
                csv.ReadOptions(column_names=names, block_size=_BLOCK_BYTES),
                csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
                csv.ConvertOptions(
                    column_types=dict(zip(names, types, strict=True)),
                    # PostgreSQL quotes a text that is empty, and a null is nothing.
                    null_values=[""],
                    strings_can_be_null=True,
                    quoted_strings_can_be_null=False,
                    true_values=["t"],
                    false_values=["f"],
                ),
            )
            utc = [
                pa.timestamp("us", tz="UTC") if kind.endswith("with time zone") else it
                for kind, it in zip(kinds, types, strict=True)
            ]
            for batch in reader:
                columns = [
                    column.cast(kind)
                    for column, kind in zip(batch.columns, utc, strict=True)
                ]
                yield pa.RecordBatch.from_arrays(columns, names)


class _Stream(io.RawIOBase):
    """What PostgreSQL sends, as a file."""

    def __init__(self, rows: psycopg.Copy) -> None:
        self._rows, self._rest = rows, memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._rest:
            self._rest = memoryview(self._rows.read())
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size


def lander(
    conninfo: str,
) -> Callable[[Iterator["pa.RecordBatch"]], Iterator["pa.RecordBatch"]]:
    """What a worker of Spark does with files that it is to put into landing.

    It is given (contract, path, the system's contracts), and answers (table, what was
    landed or why the file was refused), both pickled.
    """

    def read(tasks: Iterator["pa.RecordBatch"]) -> Iterator["pa.RecordBatch"]:
        import pyarrow as pa

        with values_withheld(), psycopg.connect(conninfo, autocommit=True) as warehouse:
            for batch in tasks:
                for task in batch.column(0).to_pylist():
                    contract, path, siblings = pickle.loads(task)  # noqa: S301 (driver's)
                    answer = land_or_refuse(warehouse, contract, path, siblings)
                    answers = pa.array([pickle.dumps((contract.table, answer))])
                    yield pa.RecordBatch.from_arrays([answers], ["answer"])

    return read


def writer(
    conninfo: str, arrival: str, run: str, types: list[str]
) -> Callable[[Iterator["pa.RecordBatch"]], Iterator["pa.RecordBatch"]]:
    """What a worker of Spark does with its part of a table."""

    def write(batches: Iterator["pa.RecordBatch"]) -> Iterator["pa.RecordBatch"]:
        import pyarrow as pa
        from pyspark import TaskContext

        context = TaskContext.get()
        part = context.partitionId() if context else 0
        with values_withheld():
            rows = write_part(conninfo, arrival, run, part, types, batches)
        yield pa.RecordBatch.from_arrays(
            [pa.array([part], pa.int32()), pa.array([rows], pa.int64())],
            ["part", "rows"],
        )

    return write


def write_part(
    conninfo: str,
    arrival: str,
    run: str,
    part: int,
    types: list[str],
    batches: Iterable["pa.RecordBatch"],
) -> int:
    """Write a part of a table, unless another try of it has done so.

    Args:
        conninfo: as wardline_transformer.
        arrival: the table to write to, in the schema candidate.
        run: the table that keeps which parts are there.
        part: its number, the same in each try.
        types: PostgreSQL's, column by column.
        batches: its rows.

    Returns:
        How many rows it has.
    """
    with psycopg.connect(conninfo) as connection:
        # Waits for another try that has not ended, and is refused if that did it.
        noted = connection.execute(
            sql.SQL(
                "insert into {} values (%s, %s) on conflict do nothing returning 1"
            ).format(sql.Identifier(CANDIDATE, run)),
            [arrival, part],
        ).fetchone()
        if noted is None:
            return sum(it.num_rows for it in batches)
        written = 0
        copy = sql.SQL("copy {} from stdin (format binary)").format(
            sql.Identifier(CANDIDATE, arrival)
        )
        kinds = [it.partition("(")[0] for it in types]
        with connection.cursor().copy(copy) as rows:
            rows.set_types(kinds)
            for batch in batches:
                columns = map(_values, batch.columns, kinds)
                for row in zip(*columns, strict=True):
                    rows.write_row(row)
                written += batch.num_rows
    return written


def _values(column: "pa.Array", kind: str) -> list[Any]:
    """A column's values as psycopg writes them for a type of PostgreSQL."""
    values: list[Any] = column.to_pylist()
    if read := _TEXTS.get(kind):
        return [None if it is None else read(it) for it in values]
    return values


def _time(text: str) -> time:
    """As contracts let a source write it: 9:05 as well as 09:05:00."""
    return time.fromisoformat(text if text[2:3] == ":" else f"0{text}")


# What is only a text on Spark, by PostgreSQL's types; JSON is sent as it is written.
_TEXTS: dict[str, Callable[[str], Any]] = {
    "time": _time,
    "jsonb": partial(Jsonb, dumps=str),
}
