"""Counts of 1 to 10 people withheld, since who knows one of them learns the rest (CMS).

Pure. A cell is withheld in the dashboard and in its CSV alike, with every rate made of
it. So is what would give it away: whatever view a reader filters, each number is a sum
of the same cells (periods by places), and all of them are judged together.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any

from serving.dashboard.panels import WITHHELD, Row
from serving.dashboard.view import View

SMALLEST_SHOWN = 11
NOTE = (
    "Numbers of 1 to 10 patients are withheld, and others with them where they would"
    " give those away."
)
ALL = "all"
LEFT, LEFT_ALIVE, DIED = "discharges", "index_discharges", "deaths"
Cell = tuple[Hashable, Hashable]
"""A period and a place, each of which may be `ALL`."""


def place_of(row: Row) -> Hashable:
    """The department of a row; of a branch those without one are a place, too."""
    return row["department_key"] or ("no department", row["branch_key"])


def place_seen(view: View) -> Hashable:
    """The place that a view's totals are of."""
    branch = ("branch", view.branch_key) if view.branch_key else ALL
    return view.department_key or branch


class Withholding:
    """Which numbers of a page are withheld.

    Args:
        cells: a row for each period and department with anybody in it, of all places
            that the reader sees; `period`, `branch_key`, `department_key`, and counts.
        rates: each count's column to the columns of the rates that it is part of;
            deaths before live discharges.
    """

    def __init__(
        self, cells: Sequence[Row], rates: Mapping[str, Sequence[str]]
    ) -> None:
        self._rates = rates
        self._hidden: dict[str, set[Cell]] = {}
        lines = [*_lines(cells)]
        summed = {count: _summed(cells, count) for count in {LEFT, *rates}}
        for count in rates:
            small = _small(summed[count])
            if count == LEFT_ALIVE:
                small |= _telling_of_deaths(summed, self._hidden[DIED])
            self._hidden[count] = _with_those_that_betray(summed[count], lines, small)

    def apply(self, row: Row, period: Hashable, place: Hashable) -> dict[str, Any]:
        """A row of a period and a place, less what is withheld of it."""
        shown = dict(row)
        for count, made_of_it in self._rates.items():
            is_small = 0 < (row[count] or 0) < SMALLEST_SHOWN
            if is_small or (period, place) in self._hidden[count]:
                shown |= dict.fromkeys((count, *made_of_it), WITHHELD)
        return shown


def _lines(cells: Sequence[Row]) -> Iterator[tuple[Cell, list[Cell]]]:
    """Each total with its parts: branches, their departments, and the periods of all.

    Sums over all periods come first, so that pages with and without periods agree.
    """
    departments: dict[Hashable, dict[Hashable, None]] = defaultdict(dict)
    for row in cells:
        departments["branch", row["branch_key"]][place_of(row)] = None
    periods = [*dict.fromkeys(row["period"] for row in cells if row["period"])]
    for period in (ALL, *periods):
        yield (period, ALL), [(period, branch) for branch in departments]
        for branch, parts in departments.items():
            yield (period, branch), [(period, place) for place in parts]
    places = [ALL, *departments, *(it for of in departments.values() for it in of)]
    for place in dict.fromkeys(places) if periods else ():
        yield (ALL, place), [(period, place) for period in periods]


def _summed(cells: Sequence[Row], count: str) -> dict[Cell, int]:
    found: dict[Cell, int] = defaultdict(int)
    for row in cells:
        for period in {ALL, row["period"] or ALL}:
            for place in (ALL, ("branch", row["branch_key"]), place_of(row)):
                found[period, place] += row[count] or 0
    return found


def _small(counts: Mapping[Cell, int]) -> set[Cell]:
    return {cell for cell, count in counts.items() if 0 < count < SMALLEST_SHOWN}


def _telling_of_deaths(
    summed: Mapping[str, Mapping[Cell, int]], deaths_hidden: set[Cell]
) -> set[Cell]:
    """Where live discharges less all discharges would tell of few deaths."""
    return {
        cell
        for cell in deaths_hidden
        if summed[LEFT][cell] - summed[LEFT_ALIVE][cell] < SMALLEST_SHOWN
    }


def _with_those_that_betray(
    counts: Mapping[Cell, int],
    lines: Sequence[tuple[Cell, list[Cell]]],
    small: set[Cell],
) -> set[Cell]:
    """The small cells, and the smallest others without which those can be computed."""
    hidden = set(small)
    before = -1
    while before < len(hidden):
        before = len(hidden)
        for total, parts in lines:
            others = sorted(
                (it for it in parts if counts[it] and it not in hidden),
                key=lambda cell: (counts[cell], str(cell)),
            )
            others += [total] if counts[total] and total not in hidden else []
            while others and _betrays(counts, total, parts, hidden):
                hidden.add(others.pop(0))
    return hidden


def _betrays(
    counts: Mapping[Cell, int], total: Cell, parts: Sequence[Cell], hidden: set[Cell]
) -> bool:
    """Whether a total and its parts tell of a hidden one, or of 10 people in all."""
    withheld = [it for it in parts if it in hidden]
    if total in hidden:
        return not withheld
    if len(withheld) == 1:
        return True
    return bool(withheld) and sum(counts[it] for it in withheld) < SMALLEST_SHOWN
