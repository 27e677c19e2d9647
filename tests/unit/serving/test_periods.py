"""Periods in words, compared, and cut into weeks and months."""

from datetime import date

import pytest

from serving.dashboard.periods import compared, cut, grain, words
from serving.dashboard.view import read_view

LAST = date(2026, 3, 31)


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("2026-03-31", "2026-03-31", "Tuesday 31 March 2026"),
        ("2026-03-01", "2026-03-31", "1 to 31 March 2026"),
        ("2026-01-29", "2026-03-04", "29 January to 4 March 2026"),
        ("2025-12-30", "2026-01-02", "30 December 2025 to 2 January 2026"),
    ],
)
def test_a_period_is_said_as_a_person_says_it(first, last, said):
    assert words(date.fromisoformat(first), date.fromisoformat(last)) == said


def spans(search: str, span: str) -> list[str]:
    return [
        words(it.date_from, it.date_to)
        for it in compared(read_view("/", search, LAST), span)
    ]


def test_the_last_day_is_compared_with_the_same_weekday_a_week_before():
    assert spans("", "day") == ["Tuesday 31 March 2026", "Tuesday 24 March 2026"]


def test_the_last_week_is_compared_with_the_week_before():
    assert spans("", "week") == ["25 to 31 March 2026", "18 to 24 March 2026"]


def test_a_period_is_compared_with_the_equally_long_one_before():
    assert spans("?from=2026-03-02", "period") == [
        "2 to 31 March 2026",
        "31 January to 1 March 2026",
    ]


@pytest.mark.parametrize(
    ("since", "by"),
    [("2026-03-01", "day"), ("2026-01-01", "week"), ("2024-01-01", "month")],
)
def test_a_longer_period_is_shown_by_longer_parts(since, by):
    view = read_view("/", f"?from={since}", LAST)
    assert grain(view).of(view) == by


def test_a_viewer_may_ask_for_days_of_a_long_period():
    view = read_view("/", "?from=2024-01-01&by=day", LAST)
    assert grain(view).of(view) == "day"


@pytest.mark.parametrize(
    ("search", "by", "is_cut"),
    [
        ("?from=2026-03-30&to=2026-04-05", "week", False),
        ("?from=2026-03-31&to=2026-04-05", "week", True),
        ("?from=2026-03-30&to=2026-04-04", "week", True),
        ("?from=2026-02-01&to=2026-02-28", "month", False),
        ("?from=2026-02-01&to=2026-02-27", "month", True),
        ("?from=2026-02-03&to=2026-02-05", "day", False),
    ],
)
def test_a_week_or_month_that_the_period_cuts_is_said_to_be_cut(search, by, is_cut):
    assert bool(cut(read_view("/", search, LAST), by)) is is_cut
