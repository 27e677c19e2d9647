"""What the first questions count: nothing after as_of."""

from datetime import date, datetime

import pytest

from serving.api.kpis import Slice

AS_OF = datetime(2026, 2, 28, 23, 55)


@pytest.mark.parametrize(
    ("date_to", "last"),
    [
        (None, date(2026, 2, 28)),
        (date(2026, 2, 10), date(2026, 2, 10)),
        (date(2026, 3, 1), date(2026, 2, 28)),
    ],
)
def test_what_bears_a_day_after_as_of_is_not_counted(date_to, last):
    assert Slice(date_to=date_to).parameters(AS_OF)["date_to"] == last


def test_without_an_as_of_every_day_counts():
    days = Slice().parameters(None)
    assert (days["date_from"], days["date_to"]) == (
        date(1900, 1, 1),
        date(9999, 12, 31),
    )
