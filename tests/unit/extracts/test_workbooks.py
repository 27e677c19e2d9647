"""Excel workbooks give the texts that a CSV file would have held."""

from datetime import date, datetime, time, timedelta

import openpyxl
import pytest

from orchestration.extracts.contract import Column
from orchestration.extracts.errors import ExtractRefusedError
from orchestration.extracts.excel import text_of
from orchestration.extracts.landing import land


def save(clinic, *rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    path = clinic.folder / "visits.xlsx"
    book.save(path)
    return path


def land_sheet(clinic, *rows):
    return land(clinic.connection, clinic.contract, save(clinic, *rows))


@pytest.mark.parametrize(
    ("cell", "column", "text"),
    [
        (7, None, "7"),
        (7.0, None, "7"),
        (1.5, None, "1.5"),
        (0.00001, None, "0.00001"),
        (1e21, None, "1000000000000000000000"),
        (True, None, "true"),
        (None, None, ""),
        ("007", None, "007"),
        (date(2024, 3, 1), None, "2024-03-01"),
        (datetime(2024, 3, 1), None, "2024-03-01"),
        (datetime(2024, 3, 1, 9, 30), None, "2024-03-01 09:30:00"),
        (datetime(2024, 3, 1), Column("c", "timestamp"), "2024-03-01 00:00:00"),
        (datetime(2024, 3, 1), Column("c", "date", format="DD-MM-YYYY"), "01-03-2024"),
        (
            datetime(2024, 3, 1, 9, 5),
            Column("c", "timestamp", format="DD/MM/YYYY HH:MI"),
            "01/03/2024 09:05",
        ),
        (time(9, 5), None, "09:05:00"),
        (timedelta(hours=30, minutes=5), None, "30:05:00"),
    ],
)
def test_a_cell_becomes_the_text_that_stands_for_it(cell, column, text):
    assert text_of(cell, column) == text


def test_a_sheet_is_landed_like_a_csv_file(clinic):
    landed = land_sheet(
        clinic,
        ["Visit_ID", " ward ", "note", "floor"],
        [1, "W1", 'say "ah", or\n\\.\nnot', None],
        [None, None, None, None],
        [2, "", None, 3],
    )
    assert clinic.landed_rows() == [
        (1, "1", "W1", 'say "ah", or\n\\.\nnot'),
        (2, "2", None, None),
    ]
    assert (landed.rows_received, landed.rows_malformed) == (2, 0)
    assert landed.extras == {"_extra_1": "floor"}
    assert len(landed.content_sha256) == 64


def test_columns_without_name_and_content_are_none(clinic):
    landed = land_sheet(
        clinic, ["visit_id", "ward", "note", None], [1, "W1", "x", None]
    )
    assert landed.extras == {}


def test_a_sheet_that_lacks_a_column_is_refused(clinic):
    with pytest.raises(ExtractRefusedError, match="with note; found visit_id, ward"):
        land_sheet(clinic, ["visit_id", "ward"], [1, "W1"])


def test_an_empty_sheet_is_refused(clinic):
    with pytest.raises(ExtractRefusedError, match="found none that is filled"):
        land_sheet(clinic)


@pytest.mark.parametrize("content", [b"", b"visit_id,ward,note\n", b"PK\x03\x04broken"])
def test_a_file_that_is_no_workbook_is_refused(clinic, content):
    with pytest.raises(ExtractRefusedError, match="expected an Excel workbook"):
        clinic.land(content, "visits.xlsx")
