"""A Parquet file opened with care: its records, batch by batch, in bounded memory.

Whatever makes a file unsafe to read, or its values none that a CSV file could hold, is
refused here. Which texts stand for them is said in parquet.py.
"""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from typing import IO, TYPE_CHECKING, Any, BinaryIO, NamedTuple

from orchestration.extracts.contract import ExtractContract
from orchestration.extracts.errors import ExtractRefusedError, printable
from orchestration.extracts.opening import MOST_TIMES_UNPACKED, UNPACKED_UNASKED
from orchestration.extracts.plain import LONGEST_RECORD

if TYPE_CHECKING:
    import pyarrow as pa

_IN_MEMORY, _ROWS, _BATCH_BYTES, _MOST_OF_A_GROUP = 1 << 23, 8_192, 1 << 22, 1 << 29


class Table(NamedTuple):
    """The table that an extract is read from."""

    file_name: str
    subject: str
    names: tuple[str, ...]
    batches: Iterator["pa.RecordBatch"]
    """Its records."""
    most_bytes: int
    """As CSV; what unpacks to more is a bomb."""


@contextmanager
def opened_table(
    content: BinaryIO, contract: ExtractContract, file_name: str
) -> Iterator[Table]:
    """Open a Parquet file whose values all have a text that stands for them.

    Raises:
        ExtractRefusedError: it is none, or holds lists, bytes or moments of a time
            zone, or the extra `parquet` is not installed. Also while records are read.
    """
    if find_spec("pyarrow") is None:
        raise ExtractRefusedError(
            f"{file_name}: Parquet is read by a package that is not installed: "
            "`pip install 'wardline[parquet]'`, or send CSV."
        )
    import pyarrow as pa
    from pyarrow import parquet

    def refused(found: str) -> ExtractRefusedError:
        return ExtractRefusedError(
            f"{file_name}: expected a Parquet file of {contract.subject}, "
            f"found {found}."
        )

    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as copy:
        shutil.copyfileobj(content, copy)
        size = copy.tell()
        copy.seek(0)
        try:
            file = parquet.ParquetFile(copy, page_checksum_verification=True)
            fault = _fault_of(file)
        except (pa.ArrowException, OSError, ValueError):
            raise refused("a file that cannot be read as one") from None
        if fault:
            raise refused(fault)

        def batches() -> Iterator["pa.RecordBatch"]:
            try:
                for group in range(file.num_row_groups):
                    rows = _rows_at_once(copy, file, group)
                    for batch in file.iter_batches(rows, [group], use_threads=False):
                        batch.validate(full=True)
                        yield _decoded(batch)
            except (pa.ArrowException, OSError, ValueError):
                raise refused("a file that cannot be read to its end") from None

        names = tuple(file.schema_arrow.names)
        most = max(UNPACKED_UNASKED, MOST_TIMES_UNPACKED * size)
        yield Table(file_name, contract.subject, names, batches(), most)


def _fault_of(file: Any) -> str | None:
    """What keeps a file from being read; None if nothing does."""
    from pyarrow import types

    names = file.schema_arrow.names
    if twice := [it for it in names if names.count(it) > 1]:
        return f"two columns of the name {printable(twice[0])!r}"
    groups = [file.metadata.row_group(it) for it in range(file.num_row_groups)]
    if max((it.total_byte_size for it in groups), default=0) > _MOST_OF_A_GROUP:
        return "row groups of more than 512 MiB; write smaller ones"
    for field in file.schema_arrow:
        kind = _of_values(field.type)
        if types.is_timestamp(kind) and kind.tz is not None:
            return (
                f"moments of a time zone in {printable(field.name)}; write what the "
                "hospital's clock shows"
            )
        if not (is_text(kind) or any(is_it(kind) for is_it in _plain_kinds())):
            return f"{printable(str(kind))} in {printable(field.name)}"
    return None


def is_text(kind: "pa.DataType") -> bool:
    """Whether values of a type are texts, by themselves or by a dictionary."""
    from pyarrow import types

    values = _of_values(kind)
    return bool(types.is_string(values) or types.is_large_string(values))


def _of_values(kind: "pa.DataType") -> "pa.DataType":
    from pyarrow import types

    return kind.value_type if types.is_dictionary(kind) else kind


def _rows_at_once(copy: IO[bytes], file: Any, group: int) -> int:
    """How many records are small enough together, however long their texts are.

    A text that stands in many records may be in the file once: in its column's
    dictionary, which is looked at before.
    """
    from pyarrow import compute, parquet

    known = file.metadata.row_group(group)
    texts = [it.name for it in file.schema_arrow if is_text(it.type)]
    longest: int = known.total_byte_size // max(known.num_rows, 1)
    by_dictionary = parquet.ParquetFile(copy, read_dictionary=texts)
    for batch in by_dictionary.iter_batches(1, [group], texts, use_threads=False):
        lengths = [compute.binary_length(it.dictionary) for it in batch.columns]
        longest = max(longest, sum(compute.max(it).as_py() or 0 for it in lengths))
        break
    # One that is too long to be taken need not slow the others down.
    return min(_ROWS, _BATCH_BYTES // min(max(longest, 1), LONGEST_RECORD))


def _decoded(batch: "pa.RecordBatch") -> "pa.RecordBatch":
    """A batch without dictionaries, as a writer of categories leaves them."""
    import pyarrow as pa

    plain = [
        it.dictionary_decode() if pa.types.is_dictionary(it.type) else it
        for it in batch.columns
    ]
    return pa.RecordBatch.from_arrays(plain, batch.schema.names)


def _plain_kinds() -> Sequence[Any]:
    from pyarrow import types

    return (
        *(types.is_null, types.is_boolean, types.is_integer, types.is_floating),
        *(types.is_decimal, types.is_date, types.is_timestamp, types.is_time),
    )
