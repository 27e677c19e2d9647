"""Today: the figures of the front page, each against the period before."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from serving.dashboard import charts
from serving.dashboard.panels import Field, Page, Panel, Reader, Row, Tile
from serving.dashboard.view import View

MART = "hospital_overview_daily"
Value = Callable[[Sequence[Row]], Any]


def total(column: str) -> Value:
    """The sum over a period; None if no day has it."""

    def value(rows: Sequence[Row]) -> Any:
        found = [row[column] for row in rows if row[column] is not None]
        return sum(found) if found else None

    return value


def last(column: str) -> Value:
    """The value on the last day of a period."""
    return lambda rows: rows[-1][column] if rows else None


def ratio(numerator: str, *denominator: str, factor: int = 1) -> Value:
    """A rate, pooled over a period: sums first, then one division."""

    def value(rows: Sequence[Row]) -> Any:
        above = total(numerator)(rows)
        below = sum(total(it)(rows) or 0 for it in denominator)
        return (
            factor * Decimal(above) / Decimal(below)
            if above is not None and below
            else None
        )

    return value


_COUNT, _AMOUNT = Field("value", ""), Field("value", "")
_PERCENT = Field("value", "", 1, " %")
_NIGHTS = Field("value", "", 2, " nights")
# key, label, value, how it reads, the measure that defines it
_FIGURES: Sequence[tuple[str, str, Value, Field, str]] = (
    ("admissions", "Admissions", total("admissions"), _COUNT, "admissions"),
    ("discharges", "Discharges", total("discharges"), _COUNT, "discharges"),
    (
        *("census", "Patients in house", last("census_midnight")),
        *(_COUNT, "census_midnight"),
    ),
    ("beds", "Beds available", last("available_beds"), _COUNT, "available_beds"),
    (
        *("occupancy", "Occupancy"),
        ratio("census_of_available", "available_beds", factor=100),
        *(_PERCENT, "occupancy_pct"),
    ),
    (
        *("stay", "Average length of stay"),
        ratio("bed_days_discharged", "measured_discharges"),
        *(_NIGHTS, "average_length_of_stay_nights"),
    ),
    ("appointments", "Appointments", total("appointments"), _COUNT, "appointments"),
    (
        *("no_show", "No-show rate of attended"),
        ratio("no_show", "completed", "no_show", factor=100),
        *(_PERCENT, "no_show"),
    ),
    ("billed", "Billed", total("billed_amount"), _AMOUNT, "billed_amount"),
    ("collected", "Collected", total("collected_amount"), _AMOUNT, "collected_amount"),
)


def tiles(read: Reader, view: View) -> list[Tile]:
    """Each figure of the period, of the one before, and day by day."""
    rows = read("today", **view.parameters())
    before = read("today", **view.before().parameters())
    if len(before) < view.days:
        before = []  # half a period compares with nothing
    return [
        Tile(
            key=key,
            label=label,
            value=value(rows),
            field=field,
            before=value(before),
            trend=[value([row]) for row in rows],
            measures=((MART, measure),),
            is_change_in_points=field is _PERCENT,
        )
        for key, label, value, field, measure in _FIGURES
    ]


def panels(read: Reader, view: View) -> list[Panel]:
    """The same figures day by day, with the table behind them."""
    rows = read("today", **view.parameters())
    return [
        Panel(
            key="days",
            title="Patients in house and beds available, at midnight",
            fields=(
                Field("date_day", "Day"),
                Field("admissions", "Admissions"),
                Field("discharges", "Discharges"),
                Field("census_midnight", "In house"),
                Field("available_beds", "Beds available"),
                Field("appointments", "Appointments"),
                Field("no_show", "No-shows"),
                Field("billed_amount", "Billed", 2),
                Field("collected_amount", "Collected", 2),
            ),
            rows=rows,
            figure=charts.lines(
                rows,
                "date_day",
                [("census_midnight", "in house"), ("available_beds", "available")],
                unit="beds",
                dashed=["available_beds"],
            ),
            measures=((MART, "census_midnight"), (MART, "available_beds")),
            is_wide=True,
            summary=f"Patients in house by night over {view.days} days.",
        )
    ]


PAGE = Page("/", "Today", panels, tiles, filters=("dates", "branch"))
