"""Counts of 1 to 10 people withheld, since who knows one of them learns the rest (CMS).

Pure. A cell is withheld in the dashboard and in its CSV alike, with every rate made of
it. So is what would give it away: whatever place a reader filters, each number of a
period is a sum of the same cells, and all of these are judged together.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any

from serving.dashboard.panels import WITHHELD, Row
from serving.dashboard.pooled import total
from serving.dashboard.view import View

SMALLEST_SHOWN = 11
NOTE = (
    "Numbers of 1 to 10 patients are withheld, and others with them where they would"
    " give those away."
)
NOTE_OF_MONTHS = (
    "Months in which a number of a department is withheld are not in its figures; the"
    " table says how many are."
)
ALL = "all"
LEFT_ALIVE, DIED = "index_discharges", "deaths"
Parts = Mapping[Hashable, Sequence[Hashable]]
"""Each place that has places within it: all of its branches, a branch its departments.
"""


def place_of(row: Row) -> Hashable:
    """The department of a row; of a branch those without one are a place, too."""
    return row["department_key"] or (
        "no department",
        row["source_system"],
        row["branch_key"],
    )


def place_seen(view: View) -> Hashable:
    """The place that a view's totals are of."""
    branch = ("branch", view.branch_key) if view.branch_key else ALL
    return view.department_key or branch


class Withholding:
    """Which numbers of a page are withheld.

    Args:
        cells: a row for each period and department with anybody in it, of all places
            that the reader sees; `period` (null where there is but one), `branch_key`,
            `department_key`, `source_system` and counts.
        rates: each count's column to the columns of the rates that it is part of;
            deaths before live discharges.
    """

    def __init__(
        self, cells: Sequence[Row], rates: Mapping[str, Sequence[str]]
    ) -> None:
        self._rates = rates
        self._hidden: dict[tuple[str, Hashable], set[Hashable]] = {}
        periods: dict[Hashable, list[Row]] = defaultdict(list)
        for row in cells:
            periods[row["period"]].append(row)
        for period, rows in periods.items():
            parts = _parts(rows)
            for count in rates:
                counts = _summed(rows, count)
                hidden = _small(counts)
                if count == LEFT_ALIVE:
                    # all discharges less these are the deaths, but for transfers
                    hidden |= self._hidden[DIED, period]
                self._hidden[count, period] = _with_those_that_betray(
                    counts, parts, hidden
                )

    def apply(self, row: Row, period: Hashable, place: Hashable) -> dict[str, Any]:
        """A row of a period and a place, less what is withheld of it."""
        shown = dict(row)
        for count, made_of_it in self._rates.items():
            is_small = 0 < (row[count] or 0) < SMALLEST_SHOWN
            if is_small or place in self._hidden.get((count, period), ()):
                shown |= dict.fromkeys((count, *made_of_it), WITHHELD)
        return shown


def over_periods(
    rows: Sequence[Row], counts: Sequence[str], periods: str
) -> dict[str, Any]:
    """Counts of a place over those of its periods in which none of them is withheld.

    So whatever periods are chosen, two of these totals differ by numbers that are shown
    anyway. A total is withheld itself if all its periods are, or if it would read as
    none where there are some.

    Args:
        rows: of the place, one per period, less what is withheld.
        counts: their columns.
        periods: the column for how many periods are in the totals.
    """
    known = [row for row in rows if all(row[it] != WITHHELD for it in counts)]
    totals = {it: total(it)(known) for it in counts}
    if len(known) < len(rows):
        totals = {it: count or WITHHELD for it, count in totals.items()}
    return totals | {periods: len(known)}


def _parts(rows: Sequence[Row]) -> Parts:
    branches: dict[Hashable, dict[Hashable, None]] = defaultdict(dict)
    for row in sorted(rows, key=lambda row: str(place_of(row))):
        branches["branch", row["branch_key"]][place_of(row)] = None
    return {ALL: [*branches], **{it: [*of] for it, of in branches.items()}}


def _summed(rows: Sequence[Row], count: str) -> dict[Hashable, int]:
    found: dict[Hashable, int] = defaultdict(int)
    for row in rows:
        for place in (ALL, ("branch", row["branch_key"]), place_of(row)):
            found[place] += row[count] or 0
    return found


def _small(counts: Mapping[Hashable, int]) -> set[Hashable]:
    return {place for place, count in counts.items() if 0 < count < SMALLEST_SHOWN}


def _with_those_that_betray(
    counts: Mapping[Hashable, int], parts: Parts, withheld: set[Hashable]
) -> set[Hashable]:
    """What is withheld, and the smallest others without which it can be computed."""
    hidden = set(withheld)
    while betrayed := [it for it in parts if _betrays(counts, it, parts, hidden)]:
        whole = betrayed[0]
        shown = (it for it in _within(whole, parts, hidden) if it not in hidden)
        hidden.add(
            min(
                (it for it in shown if counts[it]),
                key=lambda place: (counts[place], str(place)),
                default=whole,
            )
        )
    return hidden


def _betrays(
    counts: Mapping[Hashable, int],
    whole: Hashable,
    parts: Parts,
    hidden: set[Hashable],
) -> bool:
    """Whether a total and its parts tell of a hidden one, or of 10 people in all."""
    withheld = [it for it in _within(whole, parts, hidden) if it in hidden]
    if whole in hidden:
        return not withheld
    if len(withheld) == 1:
        return True
    return bool(withheld) and sum(counts[it] for it in withheld) < SMALLEST_SHOWN


def _within(whole: Hashable, parts: Parts, hidden: set[Hashable]) -> Iterator[Hashable]:
    """What a total is the sum of; instead of a hidden branch, its departments."""
    for part in parts[whole]:
        if part in hidden and part in parts:
            yield from parts[part]
        else:
            yield part
