"""Hostile and careless packed files: gzip, and Excel workbooks."""

import gzip
import io
import os
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import openpyxl

from orchestration.extracts.contract import Column
from tests.acceptance.hostile.specification import (
    GOOD,
    HEADER,
    Case,
    loaded,
    refused,
    set_aside,
)

SOUND = (HEADER + GOOD).encode()
NAMES, END = ("visit_id", "ward", "note"), ("9", "W9", "end")
NO_WORKBOOK = "found a file that cannot be read as one"
TEXTS = "xl/sharedStrings.xml"
OFFICE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
TEXTS_TYPE = f"{OFFICE}.sharedStrings+xml"
MAIN = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
Sheet = Sequence[Sequence[Any]]


def rows_of(*rows: Sequence[Any]) -> Sheet:
    return [NAMES, *rows, END]


def book(*sheets: Sheet, change: Callable[[Any], None] | None = None) -> bytes:
    """A workbook of these sheets, its cells as they are given."""
    made = openpyxl.Workbook()
    made.remove(made.active)
    for number, rows in enumerate(sheets, 1):
        sheet = made.create_sheet(f"Sheet{number}")
        for row in rows:
            sheet.append(row)
    if change:
        change(made)
    made.save(saved := io.BytesIO())
    return saved.getvalue()


def rewritten(content: bytes, part: str, *changes: tuple[str, str]) -> bytes:
    """A workbook with texts of one of its parts changed."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for info in old.infolist():
            text = old.read(info)
            if info.filename.endswith(part):
                for before, after in changes:
                    assert before.encode() in text, before
                    text = text.replace(before.encode(), after.encode())
            new.writestr(info.filename, text)
    return target.getvalue()


def in_sheet(before: str, after: str, *rows: Sequence[Any]) -> bytes:
    return rewritten(book(rows_of(*rows)), "sheet1.xml", (before, after))


def hide_first(made: Any) -> None:
    made.worksheets[0].sheet_state = "hidden"


def with_dates_of_1904(made: Any) -> None:
    made.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904


def merge_ward(made: Any) -> None:
    made.active.merge_cells("B2:B3")


def chart_only(made: Any) -> None:
    made.create_chartsheet()
    made.remove(made.worksheets[0])


def bomb(path: Path) -> None:
    """128 MiB of nothing in a sheet, in a file of an eighth of one."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            for _ in range(128):
                part.write(b" " * 1_048_576)


def bomb_of_texts(path: Path) -> None:
    """Six million empty shared texts, in a file of a few hundred kilobytes."""
    content = rewritten(
        book(rows_of()),
        "[Content_Types].xml",
        (
            "</Types>",
            f'<Override PartName="/{TEXTS}" ContentType="{TEXTS_TYPE}"/></Types>',
        ),
    )
    path.write_bytes(content)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        texts = b"<si/>" * 6_000_000
        archive.writestr(TEXTS, b'<sst xmlns="%b">%b</sst>' % (MAIN, texts))
        # So that it is not the sizes that give it away.
        archive.writestr("xl/media/picture.png", os.urandom(200_000))


def gzip_bomb(path: Path) -> None:
    """128 MiB of one letter, in a file of an eighth of one."""
    with gzip.open(path, "wb") as file:
        file.write(SOUND)
        for _ in range(128):
            file.write(b"x" * 1_048_576)


def gzip_bomb_of_rows(path: Path) -> None:
    """Twenty million rows, in a file of a sixth of a MiB."""
    with gzip.open(path, "wb") as file:
        file.write(SOUND)
        for _ in range(200):
            file.write(b"1,W,x\n" * 100_000)


GZIP = [
    Case("a gzip file", gzip.compress(SOUND), loaded(1), ending=".csv.gz"),
    Case(
        "two gzip files in one",
        gzip.compress(SOUND) + gzip.compress(b"1,W1,x\n"),
        loaded(2, ("1", "W1", "x")),
        ending=".csv.gz",
    ),
    Case(
        "a gzip file cut off",
        gzip.compress(SOUND * 99)[:-9],
        refused("expected a whole gzip file"),
        ending=".csv.gz",
    ),
    Case(
        "a gzip file with something behind it",
        gzip.compress(SOUND) + b"PK and more",
        refused("expected a whole gzip file"),
        ending=".csv.gz",
    ),
    Case(
        "a gzip file with a wrong byte",
        gzip.compress(SOUND * 99)[:40] + b"\0" + gzip.compress(SOUND * 99)[41:],
        refused("expected a whole gzip file"),
        ending=".csv.gz",
    ),
    Case(
        "a text named like a gzip file",
        SOUND,
        refused("expected a whole gzip file"),
        ending=".csv.gz",
    ),
    Case(
        "a gzip file named like a text",
        gzip.compress(SOUND),
        refused("found a gzip file, which should be named .csv.gz"),
    ),
    Case(
        "a gzip bomb of one line",
        gzip_bomb,
        refused("unpacks to more than 200 times its size"),
        ending=".csv.gz",
    ),
    Case(
        "a gzip bomb of rows",
        gzip_bomb_of_rows,
        refused("unpacks to more than 200 times its size"),
        ending=".csv.gz",
    ),
]

BROKEN_WORKBOOKS = [
    Case(
        "a workbook named like a text",
        book(rows_of()),
        refused("found a zip file or an Excel workbook, which should be named .xlsx"),
    ),
    Case("a text named like a workbook", SOUND, refused(NO_WORKBOOK), ending=".xlsx"),
    Case("an empty workbook file", b"", refused(NO_WORKBOOK), ending=".xlsx"),
    Case(
        "a workbook cut off",
        book(rows_of())[:-99],
        refused(NO_WORKBOOK),
        ending=".xlsx",
    ),
    Case(
        "a workbook whose sheet breaks off",
        rewritten(book(rows_of()), "sheet1.xml", ("</row></sheetData>", "")),
        refused("found a file that cannot be read"),
        ending=".xlsx",
    ),
    Case(
        "a workbook with a password, or from before Excel 2007",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4_096),
        refused("found one with a password or from before Excel 2007"),
        ending=".xlsx",
    ),
    Case(
        "another zip file",
        rewritten(book(rows_of()), "[Content_Types].xml", ("spreadsheetml", "word")),
        refused(NO_WORKBOOK),
        ending=".xlsx",
    ),
    Case(
        "a workbook that unpacks to a thousand times its size",
        bomb,
        refused("found one that unpacks to far more than a table needs"),
        ending=".xlsx",
    ),
    Case(
        "a workbook of six million texts",
        bomb_of_texts,
        refused("found one with more in it than a table needs"),
        ending=".xlsx",
    ),
    Case(
        "a workbook whose text unfolds (a billion laughs)",
        in_sheet(
            "<worksheet",
            '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><worksheet',
        ),
        refused("found one that Excel did not write"),
        ending=".xlsx",
    ),
    Case(
        "a workbook that says it is larger than it is",
        in_sheet('<dimension ref="A1:C2" />', '<dimension ref="A1:XFD1048576" />'),
        loaded(1, END),
        ending=".xlsx",
    ),
    Case(
        "a workbook with a row in the last place of all",
        in_sheet('<row r="2"', '<row r="1048576"'),
        loaded(1),
        ending=".xlsx",
    ),
]

SHEETS = [
    Case("an empty sheet", book([]), refused("found none that is filled"), ".xlsx"),
    Case(
        "a chart and no sheet",
        book([], change=chart_only),
        refused(NO_WORKBOOK),
        ending=".xlsx",
    ),
    Case(
        "a hidden sheet before the one that shows",
        book([NAMES, ("1", "W1", "old")], rows_of(), change=hide_first),
        loaded(1, END),
        ending=".xlsx",
    ),
    Case(
        "two filled sheets",
        book(rows_of(), [NAMES, ("1", "W1", "more")]),
        refused("found 2 filled sheets and none named"),
        ending=".xlsx",
    ),
    Case(
        "a filled sheet and two empty ones",
        book([], rows_of(), [[None, " "]]),
        loaded(1, END),
        ending=".xlsx",
    ),
    Case(
        "a title above the header",
        book([["Visits of March"], *rows_of()]),
        refused("1 field that no contract knows; is its header missing?"),
        ending=".xlsx",
    ),
    Case(
        "merged cells",
        book(rows_of(("1", "W1", "x")), change=merge_ward),
        refused("found merged cells, of which only the first has a value"),
        ending=".xlsx",
    ),
    Case(
        "more cells than columns",
        book(rows_of(("1", "W1", "x", None, "y"))),
        set_aside(1, "5 fields instead of 3"),
        ending=".xlsx",
    ),
    Case(
        "macros",
        rewritten(
            book(rows_of()),
            "[Content_Types].xml",
            (
                f"{OFFICE}.sheet.main+xml",
                "application/vnd.ms-excel.sheet.macroEnabled.main+xml",
            ),
        ),
        loaded(1, END),
        ending=".xlsx",
    ),
]

CELLS = [
    Case(
        "error cells",
        book(rows_of(("1", "#REF!", "x"), ("2", "W2", "#N/A"))),
        set_aside(2, "#N/A instead of a value in note"),
        ending=".xlsx",
    ),
    Case(
        "a formula with its result",
        in_sheet("<v>1234</v>", "<f>1000+234</f><v>1234</v>", ("1", "W1", 1234)),
        loaded(2, ("1", "W1", "1234")),
        ending=".xlsx",
    ),
    Case(
        "a formula that was never calculated",
        book(rows_of(("1", "W1", "=1+1"))),
        refused("found formulas that were never calculated"),
        ending=".xlsx",
    ),
    Case(
        "a text that looks like a formula",
        in_sheet("W1", "=1+1", ("1", "W1", "x")),
        loaded(2, ("1", "=1+1", "x")),
        ending=".xlsx",
    ),
    Case(
        "dates and times of Excel",
        book(rows_of((1, date(2026, 3, 31), datetime(2026, 3, 31, 22, 40)))),
        loaded(2, ("1", "2026-03-31", "2026-03-31 22:40:00")),
        ending=".xlsx",
    ),
    Case(
        "dates of Excel in a column of another format",
        book(rows_of((1, date(2026, 3, 31), time(7, 5)))),
        loaded(2, ("1", "31.03.2026", "07:05")),
        ending=".xlsx",
        contract={
            "columns": (
                Column("visit_id"),
                Column("ward", "date", format="DD.MM.YYYY"),
                Column("note", "time", format="HH:MI"),
            )
        },
    ),
    Case(
        "dates counted from 1904, as on a Macintosh",
        book(rows_of((1, date(2026, 3, 31), "x")), change=with_dates_of_1904),
        loaded(2, ("1", "2026-03-31", "x")),
        ending=".xlsx",
    ),
    Case(
        "a date before all dates",
        in_sheet("<v>46112</v>", "<v>-99999999</v>", (1, datetime(2026, 3, 31), "x")),
        set_aside(1, "#VALUE! instead of a value in ward"),
        ending=".xlsx",
    ),
    Case(
        "a number in a column of decimal commas",
        book(rows_of((1, 1.234, 1234.5))),
        loaded(2, ("1", "1,234", "1234,5")),
        ending=".xlsx",
        contract={
            "columns": (
                Column("visit_id"),
                Column("ward", "numeric", format="1.234,56"),
                Column("note", "numeric", format="1.234,56"),
            )
        },
    ),
    Case(
        "a number of 17 digits, of which Excel kept 15",
        book(rows_of((1, 12345678901234567, "x"))),
        set_aside(1, "a number in ward of more digits than Excel keeps"),
        ending=".xlsx",
    ),
    Case(
        "numbers as Excel keeps them: 7, 0.1 + 0.2, true",
        book(rows_of((7.0, 0.1 + 0.2, True))),
        loaded(2, ("7", "0.3", "true")),
        ending=".xlsx",
    ),
    Case(
        "keys as texts with leading zeros",
        book(rows_of(("007", "W1", "x"))),
        loaded(2, ("007", "W1", "x")),
        ending=".xlsx",
    ),
]
