"""A Parquet file's values as the texts that a CSV file would have held.

Everything about landing but this is the same as for delimited files. How a file is
opened stands in parquet_table.py.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from orchestration.extracts.careful import guarded
from orchestration.extracts.contract import Column
from orchestration.extracts.errors import ExtractRefusedError
from orchestration.extracts.excel import strftime_pattern
from orchestration.extracts.lines import LineOffsets
from orchestration.extracts.malformed import LONGEST_TEXT, Malformed, MalformedRows
from orchestration.extracts.opening import MOST_TIMES_UNPACKED
from orchestration.extracts.parquet_table import Table, is_text
from orchestration.extracts.plain import LONGEST_RECORD

if TYPE_CHECKING:
    import pyarrow as pa


def csv_blocks(
    table: Table,
    columns: Sequence[Column | None],
    malformed: MalformedRows,
    lines: LineOffsets,
) -> Iterator[bytes]:
    """Write a table's sound records, each after its number, as CSV in UTF-8 for COPY.

    Args:
        table: as opened_table gives it.
        columns: the contract's column of each place; None for an extra one.
        malformed: where records go that hold what is no value.
        lines: where it is noted that a record's line is its number.

    Raises:
        ExtractRefusedError: the file breaks off, or most records are misfits.
    """
    lines.note(1, 1)
    first, size = 1, 0
    for batch in table.batches:
        block = _written(batch, columns, malformed, first)
        size += len(block)
        if size > table.most_bytes:
            raise ExtractRefusedError(
                f"{table.file_name}: expected an extract, found a Parquet file "
                f"that unpacks to more than {MOST_TIMES_UNPACKED} times its size."
            )
        yield block
        first += batch.num_rows
        malformed.refuse_if_most(first - 1, table.subject, table.file_name)


def _lengths(batch: "pa.RecordBatch") -> list[int]:
    """The bytes of each record's texts together."""
    import pyarrow as pa
    from pyarrow import compute

    lengths = pa.array([0] * batch.num_rows, pa.int64())
    for values in batch.columns:
        if is_text(values.type):
            plain = values.cast(pa.large_string())
            each = compute.binary_length(plain).fill_null(0)
            lengths = compute.add(lengths, each)
    return list(lengths.to_pylist())


def _written(
    batch: "pa.RecordBatch",
    columns: Sequence[Column | None],
    malformed: MalformedRows,
    first: int,
) -> bytes:
    """One piece as CSV, but for its misfits."""
    import pyarrow as pa
    from pyarrow import csv

    numbers = pa.array(range(first, first + batch.num_rows))
    lengths = _lengths(batch)
    if max(lengths, default=0) > LONGEST_RECORD:
        for row, length in enumerate(lengths):
            if length > LONGEST_RECORD:
                reason = f"longer than {LONGEST_RECORD:,} bytes"
                malformed.add(Malformed(first + row, first + row, reason, ""))
        sound = pa.array([it <= LONGEST_RECORD for it in lengths], pa.bool_())
        batch, numbers = batch.filter(sound), numbers.filter(sound)
    texts = [
        texts_of(values, column)
        for values, column in zip(batch.columns, columns, strict=True)
    ]
    whole = pa.RecordBatch.from_arrays(
        [numbers, *texts], [str(it) for it in range(len(texts) + 1)]
    )
    sink = pa.BufferOutputStream()
    csv.write_csv(
        _without_nul(whole, malformed),
        sink,
        csv.WriteOptions(include_header=False, quoting_style="all_valid"),
    )
    return guarded(sink.getvalue().to_pybytes())


def _without_nul(batch: "pa.RecordBatch", malformed: MalformedRows) -> "pa.RecordBatch":
    """The records whose texts PostgreSQL can hold; the others are set aside."""
    import pyarrow as pa
    from pyarrow import compute

    bad = pa.array([False] * batch.num_rows, pa.bool_())
    for values in batch.columns[1:]:
        found = compute.match_substring(values, "\0").fill_null(False)
        bad = compute.or_(bad, found)
    for row in batch.filter(bad).to_pylist():
        number, *texts = row.values()
        text = ",".join(it or "" for it in texts)[:LONGEST_TEXT]
        text = text.replace("\0", "\\x00")
        malformed.add(Malformed(number, number, "a NUL byte", text))
    return batch.filter(compute.invert(bad))


def texts_of(values: "pa.Array", column: Column | None = None) -> "pa.Array":
    """Values as the texts that stand for them in a CSV file, as those of a sheet.

    Dates, times and numbers are written as the column's `format` wants them, else dates
    as ISO 8601 (without a midnight, unless the column is a timestamp) and numbers with
    a point, without an exponent.
    """
    import pyarrow as pa
    from pyarrow import types

    kind = values.type
    if types.is_dictionary(kind):
        return texts_of(values.dictionary_decode(), column)
    if types.is_floating(kind) or types.is_decimal(kind):
        return pa.array([_number(it, column) for it in values.to_pylist()], pa.string())
    if types.is_date(kind) or types.is_timestamp(kind):
        return _moments(values, column)
    if types.is_time(kind):
        return _times(values, column)
    return values.cast(pa.string())


def _moments(values: "pa.Array", column: Column | None) -> "pa.Array":
    import pyarrow as pa
    from pyarrow import compute

    moments = values.cast(pa.timestamp("us"), safe=False)
    if pattern := _pattern(column):
        return compute.strftime(moments.cast(pa.timestamp("s"), safe=False), pattern)
    has_midnight = column is not None and column.data_type == "timestamp"
    return _without(r"\.0+$" if has_midnight else r"( 00:00:00)?\.0+$", moments)


def _times(values: "pa.Array", column: Column | None) -> "pa.Array":
    import pyarrow as pa

    if pattern := _pattern(column):
        known = values.to_pylist()
        texts = [None if it is None else it.strftime(pattern) for it in known]
        return pa.array(texts, pa.string())
    return _without(r"\.0+$", values)


def _pattern(column: Column | None) -> str | None:
    """How a column wants its dates and times; None if as ISO 8601."""
    if column is None or not column.format or column.data_type == "numeric":
        return None
    return strftime_pattern(column.format)


def _without(ending: str, values: "pa.Array") -> "pa.Array":
    import pyarrow as pa
    from pyarrow import compute

    return compute.replace_substring_regex(values.cast(pa.string()), ending, "")


def _number(value: float | Decimal | None, column: Column | None) -> str | None:
    if value is None:
        return None
    exact = value if isinstance(value, Decimal) else Decimal(repr(value))
    text = format(exact, "f")
    if isinstance(value, float):
        text = text.removesuffix(".0")
    if column is not None and column.data_type == "numeric" and column.format:
        return text.replace(".", column.format[-3])
    return text
