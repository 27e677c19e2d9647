"""Of outcomes no choice of months and places tells what is withheld of another."""

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import combinations_with_replacement
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from serving.dashboard.pages import patients
from serving.dashboard.panels import WITHHELD, Panel
from serving.dashboard.view import View
from tests.unit.serving.answers import Answers

MONTHS = tuple(date(2026, month, 1) for month in (1, 2, 3, 4))
BRANCH = {"a": "north", "b": "north", "c": "south"}
RANGES = tuple(combinations_with_replacement(MONTHS, 2))
Counts = Mapping[tuple[date, str], int]
"""Deaths by month and department."""


class Hospital:
    """The page of patients and outcomes, as it is asked for a period and a place."""

    def __init__(self, counts: Counts) -> None:
        self._cells = [
            {
                **{"period": month, "month_start": month, "source_system": "his"},
                **{"branch_key": BRANCH[place], "department_key": place},
                **{"department_name": place, "discharges": 500, "deaths": count},
                **{"index_discharges": 400, "readmissions_30d": 40},
                **{"emergency_readmissions_nhs": 30, "level": "department"},
                **dict.fromkeys(("mortality_pct", "readmission_30d_pct"), 1),
                "emergency_readmission_nhs_pct": 1,
            }
            for (month, place), count in counts.items()
        ]
        self._read = Answers(outcomes_cells=self._cells, patients_outcomes=self._asked)

    def panel(
        self, key: str, first: date = MONTHS[0], last: date = MONTHS[-1], **place: str
    ) -> Panel:
        view = View("/patients", first, last, **place)
        return next(it for it in patients.panels(self._read, view) if it.key == key)

    def _asked(self, view: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """As queries/patients_outcomes.sql answers."""
        kept = [
            row
            for row in self._cells
            if view["date_from"] <= row["month_start"] <= view["date_to"]
            and view["branch_key"] in (None, row["branch_key"])
            and view["department_key"] in (None, row["department_key"])
        ]
        yield from kept
        for month in MONTHS:
            rows = [row for row in kept if row["month_start"] == month]
            if rows:
                summed = {
                    it: sum(row[it] for row in rows)
                    for it in rows[0]
                    if isinstance(rows[0][it], int)
                }
                yield rows[0] | summed | {"level": "month"}


def test_a_second_period_does_not_tell_of_a_withheld_month():
    """30, 20 and 6 deaths: all three, or the first two, would tell of the third."""
    deaths = dict(zip(MONTHS, (30, 20, 6), strict=False))
    hospital = Hospital({(month, "a"): count for month, count in deaths.items()})
    for last in MONTHS[1:3]:
        months = hospital.panel("mortality-month", MONTHS[0], last).rows
        assert [row["deaths"] for row in months][:2] == [30, 20]
        (department,) = hospital.panel("mortality-department", MONTHS[0], last).rows
        assert (department["deaths"], department["mortality_months"]) == (50, 2)
        assert department["discharges"] == 1000
        assert department["mortality_pct"] == 5


counts = st.fixed_dictionaries(
    {(month, place): st.integers(0, 40) for month in MONTHS for place in BRANCH}
)


@given(counts)
@settings(max_examples=20, deadline=None)
def test_no_two_periods_differ_by_a_small_number(counts: Counts):
    hospital = Hospital(counts)
    totals: dict[str, dict[tuple[date, date], int]] = {it: {} for it in BRANCH}
    for period in RANGES:
        for row in hospital.panel("mortality-department", *period).rows:
            if row["deaths"] != WITHHELD:
                totals[row["department_key"]][period] = row["deaths"]
    for department, of in totals.items():
        months = hospital.panel("mortality-month", department_key=department).rows
        shown = {row["month_start"]: row["deaths"] for row in months}
        for (first, last), total in of.items():
            parts = [it for month, it in shown.items() if first <= month <= last]
            assert total == sum(it for it in parts if it != WITHHELD)
            for (begin, end), more in of.items():
                if begin <= first and last <= end:
                    assert not 0 < more - total < 11


@given(counts)
@settings(max_examples=20, deadline=None)
def test_the_months_of_a_place_are_the_same_in_every_period(counts: Counts):
    hospital = Hospital(counts)
    for place in ({}, {"branch_key": "north"}, {"department_key": "a"}):
        whole = {
            row["month_start"]: row["deaths"]
            for row in hospital.panel("mortality-month", **place).rows
        }
        for period in RANGES:
            for row in hospital.panel("mortality-month", *period, **place).rows:
                assert row["deaths"] == whole[row["month_start"]]
