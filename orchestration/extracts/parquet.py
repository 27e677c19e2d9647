"""A Parquet file's records as a CSV file would have held them.

Everything about landing but this is the same as for delimited files. How a file is
opened stands in parquet_table.py, what its values become in parquet_values.py.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from orchestration.extracts.careful import guarded
from orchestration.extracts.contract import Column
from orchestration.extracts.errors import ExtractRefusedError
from orchestration.extracts.lines import LineOffsets
from orchestration.extracts.malformed import LONGEST_TEXT, Malformed, MalformedRows
from orchestration.extracts.opening import MOST_TIMES_UNPACKED
from orchestration.extracts.parquet_table import Table, is_text
from orchestration.extracts.parquet_values import faults_of, texts_of
from orchestration.extracts.plain import LONGEST_RECORD

if TYPE_CHECKING:
    import pyarrow as pa

_PIECE_BYTES = 1 << 22
"""Of texts, written out at a time."""


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
        for piece in _pieces(batch):
            block = _written(piece, columns, malformed, first)
            size += len(block)
            if size > table.most_bytes:
                raise ExtractRefusedError(
                    f"{table.file_name}: expected an extract, found a Parquet file "
                    f"that unpacks to more than {MOST_TIMES_UNPACKED} times its size."
                )
            yield block
            first += piece.num_rows
        malformed.refuse_if_most(first - 1, table.subject, table.file_name)


def _pieces(batch: "pa.RecordBatch") -> Iterator["pa.RecordBatch"]:
    """Slices of a batch whose texts stay small once they are written out."""
    start, size = 0, 0
    for row, length in enumerate(_lengths(batch)):
        if size and size + length > _PIECE_BYTES:
            yield batch.slice(start, row - start)
            start, size = row, 0
        size += length
    yield batch.slice(start)


def _lengths(batch: "pa.RecordBatch") -> list[int]:
    """The bytes of each record's texts together."""
    import pyarrow as pa
    from pyarrow import compute

    lengths = pa.array([0] * batch.num_rows, pa.int64())
    for values in batch.columns:
        if is_text(values.type):
            each = compute.binary_length(values).cast(pa.int64()).fill_null(0)
            lengths = compute.add(lengths, each)
    return list(lengths.to_pylist())


def _written(
    batch: "pa.RecordBatch",
    columns: Sequence[Column | None],
    malformed: MalformedRows,
    first: int,
) -> bytes:
    """One piece as CSV, but for its misfits, which are set aside."""
    import pyarrow as pa
    from pyarrow import csv

    numbers = pa.array(range(first, first + batch.num_rows))
    if faults := _faults(batch):
        for row, reason in sorted(faults.items()):
            text = _shown(batch.slice(row, 1))
            malformed.add(Malformed(first + row, first + row, reason, text))
        sound = [row for row in range(batch.num_rows) if row not in faults]
        batch, numbers = (
            it.take(pa.array(sound, pa.int64())) for it in (batch, numbers)
        )
    texts = [
        texts_of(values, column)
        for values, column in zip(batch.columns, columns, strict=True)
    ]
    whole = pa.RecordBatch.from_arrays(
        [numbers, *texts], [str(it) for it in range(len(texts) + 1)]
    )
    sink = pa.BufferOutputStream()
    options = csv.WriteOptions(include_header=False, quoting_style="all_valid")
    csv.write_csv(whole, sink, options)
    return guarded(sink.getvalue().to_pybytes())


def _faults(batch: "pa.RecordBatch") -> dict[int, str]:
    """Why records cannot be taken, by their place."""
    from pyarrow import compute

    faults = {
        row: f"longer than {LONGEST_RECORD:,} bytes"
        for row, length in enumerate(_lengths(batch))
        if length > LONGEST_RECORD
    }
    for name, values in zip(batch.schema.names, batch.columns, strict=True):
        for reason, is_so in faults_of(values, name):
            for row in compute.indices_nonzero(is_so.fill_null(False)).to_pylist():
                faults.setdefault(row, reason)
    return faults


def _shown(record: "pa.RecordBatch") -> str:
    """The beginning of a record that is set aside."""
    import pyarrow as pa

    texts = [
        "" if values.null_count else values.cast(pa.string())[0].as_py()[:LONGEST_TEXT]
        for values in record.columns
    ]
    return ",".join(texts)[:LONGEST_TEXT].replace("\0", "\\x00")
