"""Counts of 1 to 10 people are withheld, and whatever would give them away."""

from collections.abc import Mapping, Sequence
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.dashboard.panels import WITHHELD
from serving.dashboard.small_cells import ALL, Withholding, place_of, place_seen
from serving.dashboard.view import View

NORTH, SOUTH = ("a", "b", "c"), ("d", "e")
BRANCH = dict.fromkeys(NORTH, "north") | dict.fromkeys(SOUTH, "south")
MONTHS = tuple(date(2026, month, 1) for month in (1, 2, 3))
PLACES = (ALL, ("branch", "north"), ("branch", "south"), *BRANCH)
RATES = {"deaths": ("rate",)}
Counts = Mapping[tuple[date | None, str], int]


def cells(counts: Counts) -> list[dict[str, object]]:
    return [
        {
            **{"period": period, "branch_key": BRANCH[place], "department_key": place},
            **{"deaths": count, "discharges": 500},
        }
        for (period, place), count in counts.items()
    ]


def total(counts: Counts, period: object, place: object) -> int:
    """What a page shows of a period and a place before anything is withheld."""
    return sum(
        count
        for (month, department), count in counts.items()
        if period in (ALL, month)
        and place in (ALL, department, ("branch", BRANCH[department]))
    )


def seen(counts: Counts, period: object = ALL) -> dict[object, object]:
    """What every view together shows of one period, or of all."""
    withholding = Withholding(cells(counts), RATES)
    return {
        place: withholding.apply(
            {"deaths": total(counts, period, place), "rate": 1.0}, period, place
        )["deaths"]
        for place in PLACES
    }


def of_departments(*counts: int) -> list[object]:
    """What is seen of the departments of one branch."""
    of = {(None, place): it for place, it in zip(NORTH, counts, strict=False)}
    shown = seen(of)
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
    counts = {(None, "a"): 20, (None, "b"): 5, (None, "c"): 15, (None, "d"): 30}
    shown = seen(counts)
    assert (shown[ALL], shown["a"]) == (70, 20)
    assert shown["b"] == shown["c"] == WITHHELD
    only_branch = seen({(None, "a"): 5, (None, "d"): 30})
    assert WITHHELD in (only_branch[ALL], only_branch["branch", "south"])
    assert only_branch["branch", "north"] == WITHHELD


def test_the_rates_of_a_withheld_count_are_withheld():
    found = Withholding(cells({(None, "a"): 2}), RATES)
    row = {"deaths": 2, "rate": 1.0}
    assert found.apply(row, ALL, "a") == {"deaths": WITHHELD, "rate": WITHHELD}
    assert row == {"deaths": 2, "rate": 1.0}


def test_live_discharges_are_withheld_where_they_would_tell_of_deaths():
    row = {
        **{"period": None, "branch_key": "north", "department_key": "a"},
        **{"discharges": 100, "deaths": 4, "index_discharges": 96},
    }
    rates = {"deaths": (), "index_discharges": ("readmission_30d_pct",)}
    shown = Withholding([row], rates).apply(
        row | {"readmission_30d_pct": 12.5}, ALL, "a"
    )
    assert shown["discharges"] == 100
    assert shown["index_discharges"] == shown["readmission_30d_pct"] == WITHHELD
    many = row | {"deaths": 30, "index_discharges": 70, "readmission_30d_pct": 12.5}
    assert Withholding([many], rates).apply(many, ALL, "a") == many


def test_what_no_cell_knows_is_withheld_by_itself():
    found = Withholding([], RATES)
    assert found.apply({"deaths": 3, "rate": 1.0}, ALL, "z")["deaths"] == WITHHELD


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


def test_each_branch_has_its_own_patients_without_a_department():
    row = {"department_key": None, "branch_key": "north"}
    assert place_of(row) != place_of(row | {"branch_key": "south"})


@given(
    st.fixed_dictionaries(
        {(month, place): st.integers(0, 40) for month in MONTHS for place in BRANCH}
    )
)
def test_no_total_less_its_shown_parts_is_a_small_number(counts: Counts):
    """Over every filter of every month, and over the months of every filter."""
    tables = {period: seen(counts, period) for period in (ALL, *MONTHS)}
    for period, shown in tables.items():
        holds(shown[ALL], [shown["branch", it] for it in ("north", "south")])
        for branch, places in (("north", NORTH), ("south", SOUTH)):
            holds(shown["branch", branch], [shown[it] for it in places])
        for place, value in shown.items():
            assert value in (WITHHELD, total(counts, period, place))
            assert value == WITHHELD or not 0 < value < 11
    for place in PLACES:
        holds(tables[ALL][place], [tables[month][place] for month in MONTHS])


def holds(whole: object, parts: Sequence[object]) -> None:
    """A total and its parts do not tell of what is withheld among them."""
    hidden = parts.count(WITHHELD)
    if whole == WITHHELD:
        assert hidden
    elif hidden:
        shown = sum(it for it in parts if isinstance(it, int))
        assert hidden > 1
        assert isinstance(whole, int)
        assert whole - shown > 10
