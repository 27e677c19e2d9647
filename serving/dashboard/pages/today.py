"""Today: the figures of the front page, each against an earlier time."""

from collections.abc import Sequence
from datetime import date

from serving.dashboard import charts
from serving.dashboard.panels import (
    Choice,
    Field,
    Page,
    Panel,
    Reader,
    Row,
    Tile,
    empty_of_branches,
)
from serving.dashboard.periods import SPAN, compared, words
from serving.dashboard.pooled import Value, last, ratio, total
from serving.dashboard.view import View

MART = "hospital_overview_daily"
_COUNT, _PERCENT = Field("value", ""), Field("value", "", 1, " %")
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
        *("no_show", "No-show rate"),
        ratio("no_show", "completed", "no_show", factor=100),
        *(_PERCENT, "no_show"),
    ),
    ("billed", "Billed", total("billed_amount"), _COUNT, "billed_amount"),
    (
        "collected",
        "Of which collected",
        total("collected_amount"),
        _COUNT,
        "collected_amount",
    ),
)
_NOTES = {
    "no_show": "of completed and no-show",
    "collected": "payments follow their bills",
}


def choices(_: View) -> Sequence[Choice]:
    """How much time the figures speak of."""
    return [SPAN]


def tiles(read: Reader, view: View) -> list[Tile]:
    """Each figure, of the time before it, and day by day over the period.

    None at all for those who see departments: all of them count whole branches.
    """
    if not read.sees_branches:
        return []
    now, earlier = compared(view, SPAN.of(view))
    since = min(view.date_from, earlier.date_from, now.date_from)
    rows = read("today", **view.parameters() | {"date_from": since})
    before = _within(rows, earlier)
    if len(before) < earlier.days:
        before = []  # half a period compares with nothing
    trend = _within(rows, view)
    return [
        Tile(
            key=key,
            label=label,
            value=value(_within(rows, now)),
            field=Field("value", "", 0, f" {read.currency}")
            if measure.endswith("_amount")
            else field,
            before=value(before),
            before_words=_short(earlier, now),
            trend=[value([row]) for row in trend],
            measures=((MART, measure),),
            note=_NOTES.get(key, "") if value(trend) is not None else "",
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
            title="Patients in house and beds available at midnight, by day",
            fields=(
                Field("date_day", "Day"),
                Field("admissions", "Admissions"),
                Field("discharges", "Discharges"),
                Field("census_midnight", "In house"),
                Field("available_beds", "Beds available"),
                Field("appointments", "Appointments"),
                Field("no_show", "No-shows"),
                Field("billed_amount", f"Billed, {read.currency}", 2),
                Field("collected_amount", f"Collected, {read.currency}", 2),
            ),
            rows=rows,
            figure=charts.lines(
                rows,
                "date_day",
                [("census_midnight", "in house"), ("available_beds", "available")],
                unit="patients and beds",
                dashed=["available_beds"],
            ),
            measures=((MART, "census_midnight"), (MART, "available_beds")),
            is_wide=True,
            summary=_summary(rows),
            empty=empty_of_branches(read),
        )
    ]


def _short(earlier: View, now: View) -> str:
    """A period in words, without a year that is that of the figures anyway."""
    said = words(earlier.date_from, earlier.date_to)
    if earlier.date_from.year == now.date_to.year:
        return said.removesuffix(f" {now.date_to.year}")
    return said


def _within(rows: Sequence[Row], view: View) -> list[Row]:
    return [it for it in rows if view.date_from <= it["date_day"] <= view.date_to]


def _summary(rows: Sequence[Row]) -> str:
    if not rows:
        return ""
    first, final = rows[0], rows[-1]
    return (
        f"Line chart: {first['census_midnight']:,} patients in house at the end of"
        f" {_said(first['date_day'])}, {final['census_midnight']:,} at the end of"
        f" {_said(final['date_day'])}."
    )


def _said(day: date) -> str:
    return words(day, day)


PAGE = Page(
    *("/", "Today", panels, tiles),
    choices=choices,
    filters=("dates", "branch"),
)
