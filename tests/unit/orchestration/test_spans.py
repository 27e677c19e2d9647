"""Days and numbers in few words."""

from datetime import date

from orchestration.spans import spans_of_days, spans_of_numbers


def test_an_unbroken_row_is_told_by_its_ends():
    assert spans_of_numbers([13, 12, 14, 31, 40, 41]) == "12-14, 31, 40-41"
    days = [date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 3)]
    assert spans_of_days(days) == "2026-02-28 to 2026-03-01, 2026-03-03"


def test_nothing_is_told_of_nothing():
    assert spans_of_numbers([]) == spans_of_days([]) == ""
