"""The axis below a chart: names of categories, or time.

Belongs here: which ticks it has, and how they read. What stands above is charts.py's.
"""

from collections.abc import Sequence
from typing import Any

from serving.dashboard.panels import Row

FEW_WEEKS, FEW_MONTHS = 6, 13
DAYS_OF_A_WEEK, MILLISECONDS = 7, 24 * 60 * 60 * 1000
LONGEST_IN_ONE_LINE = 8  # characters; on a phone six names stand side by side


def names_axis(names: Sequence[str]) -> dict[str, Any]:
    """Names below their bars, long ones in two lines."""
    is_long = max(map(len, names), default=0) > LONGEST_IN_ONE_LINE
    shown = ["<br>".join(it.rsplit(" ", 1)) for it in names] if is_long else names
    return {
        **{"type": "category", "tickangle": 0},
        **{"tickmode": "array", "tickvals": names, "ticktext": shown},
    }


def time_axis(rows: Sequence[Row], x: str) -> dict[str, Any]:
    """Ticks where the weeks or months begin; days are left to Plotly."""
    days = [row[x] for row in rows]
    if len(days) > 1 and all(it.day == 1 for it in days):
        step = 1 + len(days) // FEW_MONTHS
        return {"dtick": f"M{step}", "tickformat": "%b\n%Y"}
    if len(days) > 1 and (days[1] - days[0]).days == DAYS_OF_A_WEEK:
        weeks = 1 + len(days) // FEW_WEEKS
        step = weeks * DAYS_OF_A_WEEK * MILLISECONDS
        return {"tick0": days[0], "dtick": step, "tickangle": 0}
    return {}
