"""A sheet's cells as the texts that a CSV file would have held.

Everything about landing but this is the same as for delimited files. How a workbook is
opened stands in workbook.py.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from orchestration.extracts.careful import AGAIN, guarded
from orchestration.extracts.contract import Column
from orchestration.extracts.errors import printable
from orchestration.extracts.lines import LineOffsets
from orchestration.extracts.malformed import LONGEST_TEXT, Malformed, MalformedRows
from orchestration.extracts.opening import BLOCK_BYTES
from orchestration.extracts.workbook import Sheet, holds

# The parts of a contract's format as Python's strftime calls them.
_PARTS = {
    "YYYY": "%Y", "MM": "%m", "DD": "%d", "HH": "%H", "MI": "%M", "SS": "%S"
}  # fmt: skip
_PART = re.compile("|".join(sorted(_PARTS, key=len, reverse=True)), re.IGNORECASE)
_PARTS_FOLDED = {name.upper(): part for name, part in _PARTS.items()}
_ERRORS = (
    "#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A"
)  # fmt: skip
TOO_LARGE = 10**15  # Excel keeps 15 digits of a number


def csv_blocks(
    sheet: Sheet,
    columns: Sequence[Column | None],
    malformed: MalformedRows,
    lines: LineOffsets,
) -> Iterator[bytes]:
    """Write a sheet's sound rows, each after its number, as CSV in UTF-8 for COPY.

    Args:
        sheet: as opened_sheet gives it.
        columns: the contract's column of each place; None for an extra one.
        malformed: where rows go that hold what is no value.
        lines: where the rows' places in the sheet are noted.

    Raises:
        ExtractRefusedError: the workbook breaks off, or most rows are misfits.
    """
    block = io.StringIO()
    writer = csv.writer(block, quoting=csv.QUOTE_ALL, lineterminator="\n")
    for number, (place, cells) in enumerate(sheet.rows, 1):
        values = [cell.value for cell in cells[: len(columns)]]
        values += [None] * (len(columns) - len(values))
        texts = [text_of(it, at) for it, at in zip(values, columns, strict=True)]
        if reason := _fault(sheet.names, cells, texts):
            text = ",".join(texts)[:LONGEST_TEXT]
            malformed.add(Malformed(number, place, reason, text))
        else:
            lines.note(number, place)
            writer.writerow([number, *texts])
        if block.tell() > BLOCK_BYTES:
            malformed.refuse_if_most(number, sheet.subject, sheet.file_name)
            yield guarded(block.getvalue().encode())
            block.seek(0)
            block.truncate()
    yield guarded(block.getvalue().encode())


def _fault(names: Sequence[str], cells: Sequence[Any], texts: list[str]) -> str | None:
    """Why a row cannot be taken; None if it can."""
    if any(holds(cell.value) for cell in cells[len(names) :]):
        return f"{len(cells)} fields instead of {len(names)}"
    for name, cell in zip(names, cells, strict=False):
        if cell.data_type == "e":
            error = cell.value if cell.value in _ERRORS else "an error"
            return f"{error} instead of a value in {printable(name)}"
        is_number = isinstance(cell.value, int | float)
        if is_number and abs(cell.value) >= TOO_LARGE:
            return f"a number in {printable(name)} of more digits than Excel keeps"
    return AGAIN if texts == list(names) else None


def text_of(value: Any, column: Column | None = None) -> str:  # noqa: PLR0911
    """A cell as the text that stands for it in a CSV file.

    Dates, times and numbers are written as the column's `format` wants them, else dates
    as ISO 8601 (without a midnight that is only Excel's, unless the column is a
    timestamp) and numbers with a point; a whole number has no decimals.
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date | time):
        return _date_text(value, column)
    if isinstance(value, timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}"
    if isinstance(value, float):
        text = format(Decimal(repr(value)), "f").removesuffix(".0")
        if column is not None and column.data_type == "numeric" and column.format:
            return text.replace(".", column.format[-3])
        return text
    return str(value)


def _date_text(value: date | time, column: Column | None) -> str:
    if column is not None and column.format and column.data_type != "numeric":
        return value.strftime(strftime_pattern(column.format))
    if isinstance(value, time):
        return value.isoformat("seconds")
    if not isinstance(value, datetime):
        return value.isoformat()
    has_time = value.time() != time(0) or (column and column.data_type == "timestamp")
    return value.isoformat(" ", "seconds") if has_time else value.date().isoformat()


def strftime_pattern(format_: str) -> str:
    """A contract's format of dates, as strftime takes it: `%d-%m-%Y`."""
    pattern = format_.replace("%", "%%")
    return _PART.sub(lambda it: _PARTS_FOLDED[it.group().upper()], pattern)
