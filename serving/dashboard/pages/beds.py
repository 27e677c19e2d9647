"""Beds and flow: how full the house is, by day, hour, ward and bed type."""

from collections.abc import Sequence

from serving.dashboard import charts
from serving.dashboard.panels import Choice, Field, Page, Panel, Reader, Row
from serving.dashboard.periods import WEEKDAYS, cut, grain
from serving.dashboard.view import View

DAILY, HOURLY = "bed_occupancy_daily", "bed_occupancy_hourly"
FLOW = "patient_flow_daily"
_OCCUPANCY = (
    Field("bed_days", "Bed-days"),
    Field("available_bed_days", "Available bed-days"),
    Field("occupancy_pct", "Occupancy", 1, " %"),
)


def panels(read: Reader, view: View) -> list[Panel]:
    """The questions of the page."""
    hours = read("beds_by_hour", **view.parameters())
    days = [row for row in hours if row["date_day"] is not None]
    return [
        _flow(read, view, grain(view)),
        _census(read("beds_census", **view.parameters())),
        _peak(days),
        _occupancy("wards", "ward", read("beds_by_ward", **view.parameters())),
        _occupancy("bed-types", "bed type", read("beds_by_type", **view.parameters())),
        _hours([row for row in hours if row["date_day"] is None]),
    ]


def _flow(read: Reader, view: View, by: Choice) -> Panel:
    rows = read("beds_flow", **view.parameters(), grain=by.of(view))
    return Panel(
        key="flow",
        title=f"Admissions and discharges by {by.of(view)}, stays",
        fields=(
            Field("period_start", f"{by.of(view)} beginning".capitalize()),
            Field("admissions", "Admissions"),
            Field("discharges", "Discharges"),
            Field("transfers_in", "Transfers in"),
            Field("transfers_out", "Transfers out"),
            Field("net_flow", "Net flow"),
            Field("discharges_before_noon", "Discharges before noon"),
        ),
        rows=rows,
        figure=charts.lines(
            rows,
            "period_start",
            [("admissions", "admissions"), ("discharges", "discharges")],
            unit=f"stays by {by.of(view)}",
        ),
        measures=tuple((FLOW, it) for it in ("admissions", "discharges", "net_flow")),
        note=cut(view, by.of(view)),
        choices=(by,),
        is_wide=True,
        summary=f"Line chart: {_sum(rows, 'admissions')} admissions and"
        f" {_sum(rows, 'discharges')} discharges in the period.",
    )


def _census(rows: Sequence[Row]) -> Panel:
    return Panel(
        key="census",
        title="Patients in beds at midnight and beds available, by night",
        fields=(
            Field("date_day", "Night"),
            Field("occupied_beds_midnight", "In beds"),
            Field("available_beds", "Available"),
            Field("occupancy_pct", "Occupancy", 1, " %"),
        ),
        rows=rows,
        figure=charts.lines(
            rows,
            "date_day",
            [("occupied_beds_midnight", "in beds"), ("available_beds", "available")],
            unit="beds",
            dashed=["available_beds"],
        ),
        measures=((DAILY, "occupied_beds_midnight"), (DAILY, "available_beds")),
        note="A night bears the date of the day on which it begins.",
        summary=f"Line chart of {len(rows)} nights.",
    )


def _peak(rows: Sequence[Row]) -> Panel:
    return Panel(
        key="peak",
        title="Highest occupation of the day and beds available, beds",
        fields=(
            Field("date_day", "Day"),
            Field("peak_occupied_beds", "Highest"),
            Field("available_beds", "Available"),
        ),
        rows=rows,
        figure=charts.lines(
            rows,
            "date_day",
            [("peak_occupied_beds", "highest"), ("available_beds", "available")],
            unit="beds",
            dashed=["available_beds"],
        ),
        measures=((HOURLY, "occupied_beds"), (HOURLY, "available_beds")),
        note="The highest of the day's full hours, over all beds looked at together.",
        summary=f"Line chart of {len(rows)} days.",
    )


def _occupancy(key: str, of: str, rows: Sequence[Row]) -> Panel:
    name = of.replace(" ", "_") + ("_name" if of == "ward" else "")
    places = (Field("department_name", "Department"), Field("branch_name", "Branch"))
    is_known = any(row["occupancy_pct"] is not None for row in rows)
    return Panel(
        key=key,
        title=f"Occupancy by {of}, % of available beds"
        if is_known or not rows
        else f"Use of beds by {of}, bed-days",
        fields=(
            Field(name, of.capitalize()),
            *(places if of == "ward" else ()),
            *_OCCUPANCY,
        ),
        rows=rows,
        figure=charts.ranking(
            rows,
            name,
            [("occupancy_pct" if is_known else "bed_days", "use")],
            unit="",
            decimals=1 if is_known else 0,
            marker=100 if is_known else None,
        ),
        measures=((DAILY, "occupancy_pct"), (DAILY, "occupied_beds_midnight")),
        is_tall=of == "ward",
        note="" if is_known else "No bed register tells how many beds there were.",
        summary=f"Bar chart of {len(rows)} {of}s, the fullest first.",
    )


def _hours(rows: Sequence[Row]) -> Panel:
    is_known = any(row["occupancy_pct"] is not None for row in rows)
    unit = "% of available beds" if is_known else "beds occupied on average"
    rows = [{**row, "weekday_name": WEEKDAYS[row["weekday"] - 1]} for row in rows]
    return Panel(
        key="hours",
        title=f"Occupancy by hour and weekday, {unit}",
        fields=(
            Field("weekday_name", "Weekday"),
            Field("hour", "Hour"),
            Field("average_occupied_beds", "Beds occupied on average", 1),
            Field("occupancy_pct", "Occupancy", 1, " %"),
        ),
        rows=rows,
        figure=charts.heat(
            rows,
            "hour",
            "weekday",
            "occupancy_pct" if is_known else "average_occupied_beds",
            unit=unit,
            names=WEEKDAYS,
        ),
        measures=((HOURLY, "occupied_bed_hours"), (HOURLY, "available_beds")),
        note="Where a source records days without times, patients come and go at"
        " midnight here.",
        summary="Heat map of the hours of the week.",
    )


def _sum(rows: Sequence[Row], column: str) -> str:
    return f"{sum(row[column] for row in rows):,}"


PAGE = Page("/beds", "Beds and flow", panels)
