"""Counts of 1 to 10 people withheld, since who knows one of them learns the rest (CMS).

Pure. A cell is withheld in the dashboard and in its CSV alike, with every rate made of
it; and so is a second one where the first could be worked out from the total.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from serving.dashboard.panels import WITHHELD, Row

SMALLEST_SHOWN = 11
NOTE = (
    "Numbers of 1 to 10 patients are withheld, and others with them where they would"
    " give those away."
)


def withheld(
    rows: Sequence[Row], rates: Mapping[str, Sequence[str]]
) -> list[dict[str, Any]]:
    """The rows with small counts, and the rates made of them, withheld.

    Args:
        rows: the parts of one whole, such as all months of a period.
        rates: each count's column to the columns of the rates that it is part of.
    """
    shown = [dict(row) for row in rows]
    for count, made_of_it in rates.items():
        for index in _hidden([row[count] for row in rows]):
            shown[index] |= dict.fromkeys((count, *made_of_it), WITHHELD)
    return shown


def _hidden(counts: Sequence[int | None]) -> set[int]:
    """Which of the counts to withhold: the small ones, and what would betray them."""
    known = {index: count for index, count in enumerate(counts) if count}
    hidden = {index for index, count in known.items() if count < SMALLEST_SHOWN}
    others = sorted(known.keys() - hidden, key=lambda index: (known[index], index))
    # their sum is the total less what is shown: of one cell, or of 10 people, too small
    while (
        hidden
        and others
        and (len(hidden) == 1 or sum(known[index] for index in hidden) < SMALLEST_SHOWN)
    ):
        hidden.add(others.pop(0))
    return hidden
