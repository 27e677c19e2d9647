"""The moment that undated extracts speak for, from their own activity columns."""

from datetime import date, datetime, timedelta

import pytest

from orchestration.extracts.as_of import (
    active_until,
    derive_as_of,
    latest_without_strays,
)
from orchestration.extracts.contract import Column
from orchestration.extracts.errors import ExtractRefusedError

TIMES = Column("ward", "timestamp")


def active(clinic, *values, column=TIMES):
    """A clinic whose activity column holds these values, and its landed table."""
    columns = (Column("visit_id"), column, Column("note"))
    changed = clinic.by(columns=columns, activity=("ward",))
    rows = "".join(f"{n},{value},x\n" for n, value in enumerate(values))
    return changed, changed.land("visit_id,ward,note\n" + rows)


def derive(clinic, *values, column=TIMES):
    """The moment of a table whose activity column holds these values."""
    changed, landed = active(clinic, *values, column=column)
    return derive_as_of(changed.connection, [changed.contract], [landed])


@pytest.mark.parametrize(
    ("values", "moment"),
    [
        (["2024-03-01"], datetime(2024, 3, 1)),
        (["2024-03-01", "2023-12-31 23:59:59"], datetime(2024, 3, 1)),
        (["2024-03-01 07:00", "2024-03-01T06:59:59"], datetime(2024, 3, 1, 7)),
        ([" 2024-03-01 07:00:05.25 "], datetime(2024, 3, 1, 7, 0, 5)),
        (["\u00a02024-03-01\t"], datetime(2024, 3, 1)),
        (
            ["2024-03-01", "2024-02-31", "tomorrow", "infinity", ""],
            datetime(2024, 3, 1),
        ),
        (["2024-03-01", "2024-03-02 25:00:00"], datetime(2024, 3, 1)),
        (
            ["2024-03-01", "9999-12-31", "2200-01-01", "0001-01-01"],
            datetime(2024, 3, 1),
        ),
    ],
)
def test_the_greatest_moment_counts_and_what_is_none_is_passed_over(
    clinic, values, moment
):
    assert derive(clinic, *values) == moment


@pytest.mark.parametrize(
    ("form", "values", "moment"),
    [
        ("DD-MM-YYYY", ["31-12-2023", "02-01-2024"], datetime(2024, 1, 2)),
        ("DD-MM-YYYY", ["01-02-2024 08:30"], datetime(2024, 2, 1, 8, 30)),
        ("MM/DD/YYYY", ["2/1/2024", "13/01/2024"], datetime(2024, 2, 1)),
        ("DD.MM.YYYY HH:MI", ["01.02.2024 09:05"], datetime(2024, 2, 1, 9, 5)),
        ("YYYYMMDD", ["20240201"], datetime(2024, 2, 1)),
    ],
)
def test_values_are_read_in_the_format_of_their_column(clinic, form, values, moment):
    assert derive(clinic, *values, column=Column("ward", "date", form)) == moment


def test_what_the_contract_takes_for_no_value_is_none(clinic):
    marked = clinic.by(null_markers=("2099-12-31",))
    assert derive(marked, "2024-03-01", "2099-12-31 ") == datetime(2024, 3, 1)


def test_no_moment_anywhere_is_refused_naming_the_columns(clinic):
    with pytest.raises(ExtractRefusedError, match=r"\(visits\.ward\)"):
        derive(clinic, "soon", "")


def test_no_activity_column_at_all_is_refused(clinic):
    landed = clinic.land("visit_id,ward,note\n1,2024-03-01,x\n")
    with pytest.raises(ExtractRefusedError, match="its contracts name none"):
        derive_as_of(clinic.connection, [clinic.contract], [landed])


def year(*strays: date, every: int = 1) -> dict[date, int]:
    """A year with a date on each day, and slips."""
    days = [date(2024, 1, 1) + timedelta(days=n) for n in range(0, 366, every)]
    return dict.fromkeys([*days, *strays], 1)


@pytest.mark.parametrize(
    ("days", "latest"),
    [
        ({}, None),
        ({date(2024, 3, 1): 1}, date(2024, 3, 1)),
        (year(), date(2024, 12, 31)),
        (year(date(2099, 1, 1)), date(2024, 12, 31)),
        (
            year(date(2050, 1, 1), date(2099, 1, 1), date(2099, 1, 2)),
            date(2024, 12, 31),
        ),
        # Too many for slips: years later the hospital goes on.
        (year() | {date(2030, 1, 1): 40}, date(2030, 1, 1)),
        # Of a handful of dates none can be told to be one.
        ({date(2024, 3, 1): 2, date(2030, 1, 1): 1}, date(2030, 1, 1)),
        # Few dates with no gap before them are the last days.
        (year(every=14), date(2024, 12, 30)),
    ],
)
def test_a_few_dates_far_after_all_others_are_no_activity(days, latest):
    assert latest_without_strays(days, 14, 1) == latest


def test_slips_do_not_vouch_for_a_moment_of_the_far_future(clinic):
    days = [it.isoformat() for it in year()]
    changed, landed = active(clinic, *days, "2098-12-31", "2099-01-01")
    as_of = derive_as_of(changed.connection, [changed.contract], [landed])
    assert as_of == datetime(2099, 1, 1)
    known = active_until(
        changed.connection, [landed], as_of, stray_days=14, stray_pct=1
    )
    assert known == date(2024, 12, 31)
