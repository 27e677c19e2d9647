"""An Excel workbook's first sheet as the texts that a CSV file would have held.

The only place where pandas reads an extract; a sheet holds at most 1,048,576 rows, so
it may lie in memory. Everything else about landing is the same as for delimited files.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, BinaryIO
from xml.etree.ElementTree import ParseError

from orchestration.extracts.careful import guarded
from orchestration.extracts.contract import Column, ExtractContract
from orchestration.extracts.errors import ExtractRefusedError
from orchestration.extracts.opening import BLOCK_BYTES

# The parts of a contract's format as Python's strftime calls them.
_PARTS = {
    "YYYY": "%Y", "MM": "%m", "DD": "%d", "HH": "%H", "MI": "%M", "SS": "%S"
}  # fmt: skip
_PART = re.compile("|".join(sorted(_PARTS, key=len, reverse=True)), re.IGNORECASE)
_PARTS_FOLDED = {name.upper(): part for name, part in _PARTS.items()}


def read_sheet(
    content: BinaryIO, contract: ExtractContract, file_name: str
) -> tuple[list[str], list[tuple[int, Sequence[object]]]]:
    """Read the first sheet.

    Returns:
        The column names, and the rows that are not empty with their row numbers
        (1 = the first below the header), as values of Excel; None for an empty cell.

    Raises:
        ExtractRefusedError: it is no workbook, or empty.
    """
    import pandas as pd  # costs half a second, and few hospitals send workbooks

    try:
        sheet = pd.read_excel(
            io.BytesIO(content.read()),
            header=None,
            dtype=object,
            engine="openpyxl",
            keep_default_na=False,
            na_values=[""],
        )
    except (ValueError, KeyError, TypeError, IndexError, zipfile.BadZipFile,
            ParseError) as broken:  # fmt: skip
        raise ExtractRefusedError(
            f"{file_name}: expected an Excel workbook with {contract.subject} in its "
            f"first sheet, found a file that cannot be read as one."
        ) from broken
    table = sheet.astype(object).where(sheet.notna(), None)
    filled = [row for row in table.itertuples(index=False, name=None) if _holds(row)]
    if not filled:
        raise ExtractRefusedError(
            f"{file_name}: expected a header with the columns of {contract.subject}, "
            "found an empty first sheet."
        )
    # A column that was formatted but never filled is no column.
    width = max(
        place
        for row in filled
        for place, value in enumerate(row, 1)
        if value is not None
    )
    names = ["" if it is None else str(it) for it in filled[0][:width]]
    return names, [(n, row[:width]) for n, row in enumerate(filled[1:], 1)]


def csv_blocks(
    rows: Sequence[tuple[int, Sequence[object]]], columns: Sequence[Column | None]
) -> Iterator[bytes]:
    """Write rows, each after its number, as CSV in UTF-8 for COPY.

    Args:
        rows: as read_sheet returns them.
        columns: the contract's column of each place; None for an extra one.
    """
    block = io.StringIO()
    writer = csv.writer(block, quoting=csv.QUOTE_ALL, lineterminator="\n")
    for number, values in rows:
        cells = zip(values, columns, strict=True)
        writer.writerow([number, *(text_of(it, column) for it, column in cells)])
        if block.tell() > BLOCK_BYTES:
            yield guarded(block.getvalue().encode())
            block.seek(0)
            block.truncate()
    yield guarded(block.getvalue().encode())


def text_of(value: Any, column: Column | None = None) -> str:  # noqa: PLR0911
    """A cell as the text that stands for it in a CSV file.

    A date is written as the column's `format` wants it, else as ISO 8601 (without a
    midnight that is only Excel's, unless the column is a timestamp); a whole number has
    no decimals.
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime | date):
        return _date_text(value, column)
    if isinstance(value, time):
        return value.isoformat("seconds")
    if isinstance(value, timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}"
    if isinstance(value, float):
        if value.is_integer():
            return str(int(value))
        return format(Decimal(repr(value)), "f")
    return str(value)


def _date_text(value: date, column: Column | None) -> str:
    if column is not None and column.format is not None:
        pattern = column.format.replace("%", "%%")
        as_part = _PART.sub(lambda it: _PARTS_FOLDED[it.group().upper()], pattern)
        return value.strftime(as_part)
    if not isinstance(value, datetime):
        return value.isoformat()
    has_time = value.time() != time(0) or (column and column.data_type == "timestamp")
    return value.isoformat(" ", "seconds") if has_time else value.date().isoformat()


def _holds(row: Sequence[object]) -> bool:
    return any(value is not None and str(value).strip() for value in row)
