"""How values read on a page, and how they stand in its CSV."""

import csv
import io
from datetime import date, datetime
from decimal import Decimal

import pytest

from serving.dashboard.panels import WITHHELD, Field, Panel


def written(*values: object) -> list[str]:
    """The cells of a CSV with one row."""
    names = [f"c{index}" for index in range(len(values))]
    panel = Panel(
        key="k",
        title="t",
        fields=[Field(name, name) for name in names],
        rows=[dict(zip(names, values, strict=True))],
    )
    header, row = csv.reader(io.StringIO(panel.csv(), newline=""))
    assert header == names
    return row


@pytest.mark.parametrize(
    "formula", ["=1+1", "+A1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("x")']
)
def test_no_spreadsheet_runs_a_cell_as_a_formula(formula):
    assert written(formula) == [f"'{formula}"]


def test_negative_numbers_stay_numbers():
    assert written(-5, Decimal("-1.50")) == ["-5", "-1.50"]


def test_values_stand_as_they_are_and_not_as_they_read():
    assert written(1234567, Decimal("0.10"), date(2026, 3, 1), None, True) == [
        *("1234567", "0.10", "2026-03-01", "", "True"),
    ]
    assert written(datetime(2026, 3, 1, 7, 5)) == ["2026-03-01T07:05:00"]


def test_commas_quotes_and_lines_survive():
    words = ["a, b", 'say "x"', "two\nlines", "Zürich"]
    assert written(*words) == words


def test_what_is_withheld_on_the_page_is_withheld_in_the_csv():
    assert written(WITHHELD) == ["withheld"]


def test_lines_end_as_rfc_4180_asks():
    assert Panel("k", "t", [Field("a", "A")], [{"a": 1}]).csv() == "a\r\n1\r\n"


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        (Field("bills", "Bills"), 1234567, "1,234,567"),
        (Field("occupancy_pct", "Occupancy", 1, " %"), Decimal("82.75"), "82.8 %"),
        (Field("occupancy_pct", "Occupancy", 1, " %"), None, "-"),
        (Field("ward_name", "Ward"), None, "not known"),
        (Field("payer", "Payer"), None, "not known"),
        (Field("deaths", "Deaths"), WITHHELD, "withheld"),
        (Field("date_day", "Day"), date(2026, 3, 1), "2026-03-01"),
    ],
)
def test_a_value_reads_as_a_person_reads_it(field, value, text):
    assert field.text(value) == text


def test_numbers_stand_right_and_words_left():
    assert Field("bills", "Bills").is_number
    assert not Field("ward_name", "Ward").is_number
    assert not Field("date_day", "Day").is_number
