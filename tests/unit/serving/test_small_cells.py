"""Counts of 1 to 10 people are withheld, and whatever would give them away."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.dashboard.panels import WITHHELD
from serving.dashboard.small_cells import withheld


def shown(*counts: int | None) -> list[object]:
    rows = [{"deaths": it, "rate": 1.0} for it in counts]
    return [row["deaths"] for row in withheld(rows, {"deaths": ("rate",)})]


@pytest.mark.parametrize("count", [1, 10])
def test_one_to_ten_are_withheld(count):
    assert shown(count) == [WITHHELD]


@pytest.mark.parametrize("count", [0, 11, None])
def test_none_and_more_than_ten_are_shown(count):
    assert shown(count) == [count]


def test_a_single_withheld_cell_takes_the_next_smallest_with_it():
    assert shown(3, 40, 25, 0) == [WITHHELD, 40, WITHHELD, 0]


def test_two_withheld_cells_of_ten_people_in_all_take_a_third():
    assert shown(1, 2, 50, 60) == [WITHHELD, WITHHELD, WITHHELD, 60]


def test_two_withheld_cells_of_more_than_ten_people_are_enough():
    assert shown(9, 8, 50) == [WITHHELD, WITHHELD, 50]


def test_the_rates_of_a_withheld_count_are_withheld():
    rows = [{"deaths": 2, "rate": 1.0}, {"deaths": 0, "rate": 0.0}]
    assert [it["rate"] for it in withheld(rows, {"deaths": ("rate",)})] == [
        *(WITHHELD, 0.0),
    ]


def test_the_rows_given_stay_as_they_are():
    rows = [{"deaths": 2, "rate": 1.0}]
    withheld(rows, {"deaths": ("rate",)})
    assert rows == [{"deaths": 2, "rate": 1.0}]


@given(st.lists(st.integers(0, 60), max_size=12))
def test_from_the_total_nobody_works_out_a_small_cell(counts):
    result = shown(*counts)
    hidden = [count for count, it in zip(counts, result, strict=True) if it == WITHHELD]
    assert not any(isinstance(it, int) and 1 <= it <= 10 for it in result)
    if hidden and any(it != WITHHELD and it for it in result):
        assert len(hidden) > 1
        assert sum(hidden) > 10
