"""Appointments: what became of them, where, and when patients do not come."""

from collections.abc import Mapping, Sequence

from serving.dashboard import charts
from serving.dashboard.look import BLUE, GREY, SKY, VERMILLION
from serving.dashboard.panels import Choice, Field, Page, Panel, Reader, Row
from serving.dashboard.periods import WEEKDAYS, cut, grain
from serving.dashboard.view import View

MART = "appointment_activity_daily"
BASIS = Choice(
    "basis",
    "No-show rate of",
    {"attended": "completed and no-show", "booked": "all booked"},
)
_AS = Choice("as", "Shown as", {"number": "number", "share": "share of all booked"})
_STATUSES = (
    ("completed", "completed"),
    ("no_show", "no-show"),
    ("cancelled", "cancelled"),
    ("scheduled", "still scheduled"),
)
_COLOURS = (BLUE, VERMILLION, GREY, SKY)
_COUNTS = (
    Field("booked", "All booked"),
    Field("completed", "Completed"),
    Field("no_show", "No-show"),
    Field("cancelled", "Cancelled"),
    Field("scheduled", "Still scheduled"),
)
LEAD_TIMES: Mapping[int, str] = {
    1: "0",
    2: "1-7",
    3: "8-14",
    4: "15-30",
    5: "31-60",
    6: "over 60",
    7: "not known",
}


def choices(_: View) -> Sequence[Choice]:
    """The denominator that all no-show rates of the page have."""
    return [BASIS]


def panels(read: Reader, view: View) -> list[Panel]:
    """The questions of the page."""
    no_shows = read("appointments_no_shows", **view.parameters())
    return [
        _over_time(read, view, grain(view)),
        _branches(read("appointments_by_branch", **view.parameters())),
        _no_shows(
            *("weekday", "weekday", view, no_shows),
            {day: name[:3] for day, name in enumerate(WEEKDAYS, start=1)},
        ),
        _no_shows("hour", "hour", view, no_shows, {it: str(it) for it in range(24)}),
        _no_shows(
            *("lead_time", "lead time in days", view, no_shows),
            LEAD_TIMES,
        ),
    ]


def _over_time(read: Reader, view: View, by: Choice) -> Panel:
    rows = read("appointments_over_time", **view.parameters(), grain=by.of(view))
    is_share = _AS.of(view) == "share"
    unit = "% of all booked" if is_share else "appointments"
    return Panel(
        key="over-time",
        title=f"What became of appointments by {by.of(view)}, "
        + (unit if is_share else "number"),
        fields=(
            Field("period_start", f"{by.of(view)} beginning".capitalize()),
            *_COUNTS,
            Field("cancelled_by_patient", "by patient"),
            Field("cancelled_by_hospital", "by hospital"),
            *(Field(f"{it}_pct", f"{label}", 1, " %") for it, label in _STATUSES),
            Field("no_show_rate_attended_basis_pct", "no-show of attended", 1, " %"),
        ),
        rows=rows,
        figure=charts.bars(
            rows,
            "period_start",
            [(f"{it}_pct" if is_share else it, label) for it, label in _STATUSES],
            unit=unit,
            colours=_COLOURS,
        ),
        measures=(*((MART, it) for it, _ in _STATUSES), (MART, "booked")),
        note=cut(view, by.of(view)) if not is_share else "",
        choices=(by, _AS),
        is_wide=True,
        summary=f"Stacked bars of {sum(row['booked'] for row in rows):,} appointments.",
    )


def _branches(rows: Sequence[Row]) -> Panel:
    return Panel(
        key="branches",
        title="Busiest branches, appointments",
        fields=(
            Field("branch_name", "Branch"),
            *_COUNTS,
            Field("booked_pct", "Share", 1, " %"),
        ),
        rows=rows,
        figure=charts.ranking(
            rows, "branch_name", _STATUSES, unit="appointments", colours=_COLOURS
        ),
        measures=((MART, "booked"),),
        summary=f"Bar chart of {len(rows)} branches.",
    )


def _no_shows(
    level: str, by: str, view: View, answers: Sequence[Row], names: Mapping[int, str]
) -> Panel:
    basis = BASIS.of(view)
    rate = f"no_show_rate_{basis}_basis_pct"
    rows = [
        {**row, f"{level}_name": names[row["position"]]}
        for row in answers
        if row["level"] == level
    ]
    unit = f"% of {BASIS.options[basis]}"
    return Panel(
        key=level.replace("_", "-"),
        title=f"No-show rate by {by}, {unit}",
        fields=(
            Field(f"{level}_name", by.capitalize()),
            *_COUNTS[:3],
            Field("no_show_rate_attended_basis_pct", "No-show of attended", 1, " %"),
            Field("no_show_rate_booked_basis_pct", "No-show of booked", 1, " %"),
        ),
        rows=rows,
        figure=charts.bars(
            rows, f"{level}_name", [(rate, "no-show rate")], unit=unit, decimals=1
        ),
        measures=((MART, rate),),
        summary=f"Bar chart of {len(rows)} groups.",
    )


PAGE = Page("/appointments", "Appointments", panels, choices=choices)
