"""Counts of 1 to 10 people are withheld, and whatever would give them away."""

from collections.abc import Mapping
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from serving.dashboard.panels import WITHHELD
from serving.dashboard.small_cells import (
    ALL,
    Withholding,
    over_periods,
    place_of,
    place_seen,
)
from serving.dashboard.view import View

NORTH, SOUTH, WEST = ("a", "b", "c"), ("d", "e"), ("f", "g")
BRANCH = {
    place: branch
    for branch, places in (("north", NORTH), ("south", SOUTH), ("west", WEST))
    for place in places
}
BRANCHES = tuple(dict.fromkeys(BRANCH.values()))
PLACES = (ALL, *(("branch", it) for it in BRANCHES), *BRANCH)
MONTHS = (date(2026, 1, 1), date(2026, 2, 1))
RATES = {"deaths": ("rate",)}
Counts = Mapping[str, int]
"""Deaths by department."""


def cells(counts: Counts, period: date | None = None) -> list[dict[str, object]]:
    return [
        {
            **{"period": period, "source_system": "his"},
            **{"branch_key": BRANCH[place], "department_key": place},
            **{"deaths": count, "discharges": 500},
        }
        for place, count in counts.items()
    ]


def within(place: object) -> set[str]:
    """The departments that a place is made of."""
    return {it for it, of in BRANCH.items() if place in (ALL, it, ("branch", of))}


def seen(counts: Counts) -> dict[object, object]:
    """What every view together shows of one period."""
    withholding = Withholding(cells(counts), RATES)
    return {
        place: withholding.apply(
            {"deaths": sum(counts.get(it, 0) for it in within(place)), "rate": 1.0},
            None,
            place,
        )["deaths"]
        for place in PLACES
    }


def of_departments(*counts: int) -> list[object]:
    """What is seen of the departments of one branch."""
    shown = seen(dict(zip(NORTH, counts, strict=False)))
    return [shown[place] for place in NORTH[: len(counts)]]


@pytest.mark.parametrize("count", [1, 10])
def test_one_to_ten_are_withheld(count):
    assert of_departments(count) == [WITHHELD]


@pytest.mark.parametrize("count", [0, 11])
def test_none_and_more_than_ten_are_shown(count):
    assert of_departments(count) == [count]


def test_a_single_withheld_cell_takes_the_next_smallest_with_it():
    assert of_departments(3, 40, 25) == [WITHHELD, 40, WITHHELD]


def test_two_withheld_cells_of_ten_people_in_all_take_a_third():
    assert of_departments(1, 2, 50) == [WITHHELD, WITHHELD, WITHHELD]


def test_two_withheld_cells_of_more_than_ten_people_are_enough():
    assert of_departments(9, 8, 50) == [WITHHELD, WITHHELD, 50]


def test_a_filter_shows_nothing_that_is_withheld_beside_the_others():
    """One department alone, or the other branch, less what all of them are in all."""
    shown = seen({"a": 20, "b": 5, "c": 15, "d": 30})
    assert (shown[ALL], shown["a"]) == (70, 20)
    assert shown["b"] == shown["c"] == WITHHELD
    only_branch = seen({"a": 5, "d": 30})
    assert WITHHELD in (only_branch[ALL], only_branch["branch", "south"])
    assert only_branch["branch", "north"] == WITHHELD


def test_the_rates_of_a_withheld_count_are_withheld():
    found = Withholding(cells({"a": 2}), RATES)
    row = {"deaths": 2, "rate": 1.0}
    assert found.apply(row, None, "a") == {"deaths": WITHHELD, "rate": WITHHELD}
    assert row == {"deaths": 2, "rate": 1.0}


def test_live_discharges_are_withheld_where_they_would_tell_of_deaths():
    """Of the few, and of the many that hide them; not of those that are shown."""
    rows = [
        row | {"discharges": 500, "index_discharges": 500 - row["deaths"]}
        for row in cells({"a": 4, "b": 20, "c": 30})
    ]
    rates = {"deaths": (), "index_discharges": ("readmission_30d_pct",)}
    found = Withholding(rows, rates)
    shown = {
        row["department_key"]: found.apply(
            row | {"readmission_30d_pct": 12.5}, None, row["department_key"]
        )
        for row in rows
    }
    for place in ("a", "b"):
        assert shown[place]["discharges"] == 500
        assert shown[place]["deaths"] == shown[place]["index_discharges"] == WITHHELD
        assert shown[place]["readmission_30d_pct"] == WITHHELD
    assert shown["c"]["index_discharges"] == 470
    assert shown["c"]["readmission_30d_pct"] == 12.5


def test_what_no_cell_knows_is_withheld_by_itself():
    found = Withholding([], RATES)
    assert found.apply({"deaths": 3, "rate": 1.0}, None, "z")["deaths"] == WITHHELD


@pytest.mark.parametrize(
    ("branch", "department", "place"),
    [
        (None, None, ALL),
        ("north", None, ("branch", "north")),
        ("north", "a", "a"),
        (None, "a", "a"),
    ],
)
def test_the_place_of_a_view(branch, department, place):
    assert place_seen(View("/", MONTHS[0], MONTHS[1], branch, department)) == place


def test_each_branch_and_each_source_has_its_own_patients_without_a_department():
    row = {"source_system": "his", "department_key": None, "branch_key": "north"}
    nowhere = row | {"branch_key": None}
    assert place_of(row) != place_of(row | {"branch_key": "south"})
    assert place_of(nowhere) != place_of(nowhere | {"source_system": "lab"})


def test_each_period_is_judged_by_itself():
    first, second = (
        cells(counts, month)
        for counts, month in zip(
            ({"a": 3, "b": 40}, {"a": 30, "b": 40}), MONTHS, strict=True
        )
    )
    found = Withholding([*first, *second], RATES)
    row = {"deaths": 40, "rate": 1.0}
    assert found.apply(row, MONTHS[0], "b")["deaths"] == WITHHELD
    assert found.apply(row, MONTHS[1], "b") == row


def test_a_total_over_periods_leaves_out_those_that_are_withheld():
    rows = [
        {"discharges": 100, "deaths": 30},
        {"discharges": 200, "deaths": WITHHELD},
        {"discharges": 300, "deaths": 12},
    ]
    assert over_periods(rows, ["discharges", "deaths"], "months") == {
        **{"discharges": 400, "deaths": 42, "months": 2}
    }


def test_a_total_of_nothing_but_withheld_periods_is_withheld():
    rows = [{"deaths": WITHHELD}]
    assert over_periods(rows, ["deaths"], "months") == {
        **{"deaths": WITHHELD, "months": 0}
    }


def test_none_and_withheld_is_not_none():
    rows = [{"deaths": 0}, {"deaths": WITHHELD}]
    assert over_periods(rows, ["deaths"], "months")["deaths"] == WITHHELD
    assert over_periods(rows[:1], ["deaths"], "months")["deaths"] == 0


@given(st.fixed_dictionaries({place: st.integers(0, 40) for place in BRANCH}))
# one death each: in a branch of one department, and beside a large one
@example({"a": 3, "b": 0, "c": 0, "d": 4, "e": 40, "f": 0, "g": 0})
@example({"a": 3, "b": 0, "c": 0, "d": 4, "e": 40, "f": 6, "g": 6})
def test_no_total_less_its_shown_parts_is_a_small_number(counts: Counts):
    """Whoever subtracts all he sees learns of the withheld but sums of many."""
    shown = {it: value for it, value in seen(counts).items() if value != WITHHELD}
    for place, value in shown.items():
        assert value == sum(counts[it] for it in within(place))
        assert not 0 < value < 11
        parts = [it for it in shown if within(it) < within(place)]
        largest = [
            it for it in parts if not any(within(it) < within(of) for of in parts)
        ]
        rest = value - sum(shown[it] for it in largest)
        withheld = within(place).difference(*map(within, largest))
        assert place in BRANCH or rest == 0 or (rest > 10 and len(withheld) > 1)
    for place in shown.keys() ^ PLACES:
        assert any(it not in shown for it in within(place) - {place}) or place in BRANCH
