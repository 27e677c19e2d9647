"""An Excel workbook opened with care: its one sheet, row by row, in bounded memory.

Whatever makes a workbook unsafe to open, or its contents uncertain, is refused here.
Which texts its cells stand for is said in excel.py.
"""

import re
import shutil
import tempfile
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any, BinaryIO

from orchestration.extracts.contract import ExtractContract
from orchestration.extracts.errors import ExtractRefusedError
from orchestration.extracts.opening import MOST_TIMES_UNPACKED

MOST_ROWS = 1_048_576  # of a sheet, says Excel
_IN_MEMORY, _CHUNK, _OVERLAP = 1 << 23, 1 << 20, 1 << 14
_UNPACKED_UNASKED, _MOST_UNPACKED = 1 << 24, 1 << 31
# The library keeps what it parsed until a row ends: some 70 bytes for each "<".
_MOST_MARKS = 4_500_000
_PROTECTED = b"\xd0\xcf\x11\xe0"
# A formula without the result that Excel would have put behind it; an empty text is
# one, and says so in its type.
_UNCALCULATED = re.compile(
    rb"<(?:\w+:)?c\b(?![^>]*\bt=.str.)[^>]*>\s*"
    rb"<(?:\w+:)?f\b[^>]*(?:/>|>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\b")
_ROW = re.compile(rb"<(?:\w+:)?row\b")


@dataclass(frozen=True)
class Sheet:
    """The sheet that an extract is read from."""

    file_name: str
    subject: str
    names: tuple[str, ...]
    """The column names: the first row that is not empty."""
    rows: Iterator[tuple[int, tuple[Any, ...]]]
    """Below it, each row that is not empty: its number in the sheet, and its cells."""


@contextmanager
def opened_sheet(
    content: BinaryIO, contract: ExtractContract, file_name: str
) -> Iterator[Sheet]:
    """Open the only filled sheet that one can see, or the one named like the table.

    Raises:
        ExtractRefusedError: it is no workbook, or not clear which sheet is meant, or
            holds what cannot be relied on: merged cells, formulas never calculated.
            Also while the rows are read.
    """
    from openpyxl import load_workbook  # slow to import, and few hospitals send these

    def refused(found: str) -> ExtractRefusedError:
        return ExtractRefusedError(
            f"{file_name}: expected an Excel workbook with one sheet of "
            f"{contract.subject}, found {found}."
        )

    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as copy, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        shutil.copyfileobj(content, copy)
        copy.seek(0)
        if copy.read(len(_PROTECTED)) == _PROTECTED:
            raise refused("one with a password or from before Excel 2007")
        try:
            fault = _fault_of(copy)
            if not fault:
                book = load_workbook(copy, read_only=True, data_only=True)
                sheets = [it for it in book.worksheets if it.sheet_state == "visible"]
                named = [it for it in sheets if _folded(it.title) == contract.table]
                filled = [it for it in named or sheets if any(_rows(it))]
        except Exception:  # whatever a broken workbook makes a parser do
            raise refused("a file that cannot be read as one") from None
        if fault:
            raise refused(fault)
        if len(filled) != 1:
            raise refused(
                f"{len(filled)} filled sheets and none named {contract.table}"
                if filled
                else "none that is filled"
            )
        rows = _watched(_rows(filled[0]), refused)
        _, first = next(rows)
        values = [cell.value for cell in first]
        while values[-1] is None:
            values.pop()
        names = tuple("" if it is None else str(it) for it in values)
        yield Sheet(file_name, contract.subject, names, rows)


def holds(value: object) -> bool:
    """Whether a cell holds anything."""
    return value is not None and bool(str(value).strip())


def _rows(sheet: Any) -> Iterator[tuple[int, tuple[Any, ...]]]:
    # What a sheet says of its own size need not be true.
    sheet.reset_dimensions()
    for place, cells in enumerate(sheet.iter_rows(max_row=MOST_ROWS + 1), 1):
        if any(holds(cell.value) for cell in cells):
            yield place, cells


def _watched(rows: Iterator[Any], refused: Any) -> Iterator[Any]:
    """The rows, where what the parser raises becomes a sentence."""
    while True:
        try:
            row = next(rows, None)
        except Exception:  # as above
            raise refused("a file that cannot be read to its end") from None
        if row is None:
            return
        if row[0] > MOST_ROWS:
            raise refused("more rows than Excel has")
        yield row


def _fault_of(copy: IO[bytes]) -> str | None:
    """What keeps a workbook from being opened; None if nothing does."""
    with zipfile.ZipFile(copy) as archive:
        parts = archive.infolist()
        packed = copy.seek(0, 2)
        unpacked = sum(part.file_size for part in parts)
        allowed = max(_UNPACKED_UNASKED, MOST_TIMES_UNPACKED * packed)
        if unpacked > min(allowed, _MOST_UNPACKED):
            return "one that unpacks to far more than a table needs; send it as CSV"
        for part in parts:
            if part.filename.lower().endswith((".xml", ".rels")):
                with archive.open(part) as text:
                    if fault := _part_fault(text, "worksheets/" in part.filename):
                        return fault
    return None


def _part_fault(part: IO[bytes], is_sheet: bool) -> str | None:
    marks, size, before = 0, 0, b""
    while chunk := part.read(_CHUNK):
        marks += chunk.count(b"<")
        size += len(chunk)
        if is_sheet and _ROW.search(chunk):
            marks = size = 0
        if marks > _MOST_MARKS or size > _MOST_MARKS * 16:
            return "one with more in it than a table needs; send it as CSV"
        text = before + chunk
        if b"\0" in text or b"<!" in text:
            return "one that Excel did not write"
        if is_sheet and _MERGED.search(text):
            return "merged cells, of which only the first has a value"
        if is_sheet and b"f" in text and _UNCALCULATED.search(text):
            return "formulas that were never calculated; save it in Excel once"
        before = text[-_OVERLAP:]
    return None


def _folded(title: str) -> str:
    return title.strip().casefold()
