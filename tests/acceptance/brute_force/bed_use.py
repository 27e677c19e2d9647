"""How beds were used in a month or a year, pooled from nights and discharges.

Belongs here: bed-days over a period. The single night: occupancy.py.
"""

from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Any

from tests.acceptance.brute_force.naming import month_of, percent, ratio

Lines = list[dict[str, Any]]
PLACE = (
    "source_system",
    "branch_key",
    "branch_name",
    "department_key",
    "department_name",
)


def bed_use_monthly(flow: Lines, beds: Lines) -> Lines:
    """One row per month of nights up to as_of, branch and department."""
    return _bed_use(flow, beds, "month_start", month_of)


def bed_use_yearly(flow: Lines, beds: Lines) -> Lines:
    """One row per calendar year of nights up to as_of, branch and department."""
    return _bed_use(flow, beds, "year", lambda day: day.year)


def _bed_use(
    flow: Lines, beds: Lines, period: str, of_day: Callable[[date], Any]
) -> Lines:
    occupied: Counter[Any] = Counter()
    available: Counter[Any] = Counter()
    discharges: Counter[Any] = Counter()
    nights: dict[Any, set[date]] = {}
    for row in beds:
        key = (of_day(row["date_day"]), tuple(row[name] for name in PLACE))
        nights.setdefault(key, set()).add(row["date_day"])
        occupied[key] += row["occupied_beds_midnight"]
        available[key] += row["available_beds"]
    for row in flow:
        key = (of_day(row["date_day"]), tuple(row[name] for name in PLACE))
        discharges[key] += row["discharges"]
    return [
        {period: key[0]}
        | dict(zip(PLACE, key[1], strict=True))
        | _rates(len(days), occupied[key], available[key], discharges[key])
        for key, days in nights.items()
    ]


def _rates(
    nights: int, occupied: int, available: int, discharges: int
) -> dict[str, Any]:
    """The golden row of StatsWales is made of these."""
    return {
        "nights": nights,
        "occupied_bed_days": occupied,
        "available_bed_days": available,
        "discharges": discharges,
        "occupancy_pct": percent(occupied, available),
        "average_daily_census": ratio(occupied, nights),
        "average_available_beds": ratio(available, nights),
        "average_stay_days": ratio(occupied, discharges),
        "bed_turnover_rate": ratio(discharges, available, times=nights),
        "turnover_interval_days": ratio(available - occupied, discharges),
    }
