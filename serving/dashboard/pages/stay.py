"""Length of stay: how long they stayed who left, in the convention that is chosen."""

from collections.abc import Mapping, Sequence

from serving.dashboard import charts
from serving.dashboard.distributions import classes, spans
from serving.dashboard.panels import Choice, Field, Page, Panel, Reader, Row
from serving.dashboard.periods import cut, grain
from serving.dashboard.view import View

MART = "fct_admissions"
CONVENTION = Choice(
    "convention",
    "Length of stay in",
    {"nights": "nights", "hours": "hours", "days": "Medicare days"},
)
COLUMN: Mapping[str, str] = {
    "nights": "length_of_stay_nights",
    "hours": "length_of_stay_hours",
    "days": "length_of_stay_days_medicare",
}
# the width of a class, and the first value of the last one
BINS: Mapping[str, tuple[int, int]] = {
    "nights": (1, 30),
    "hours": (12, 480),
    "days": (1, 30),
}
_ENDS = (("median_stay", "median"), ("p90_stay", "90th percentile"))


def choices(_: View) -> Sequence[Choice]:
    """The convention, which all panels but that of long stays follow."""
    return [CONVENTION]


def panels(read: Reader, view: View) -> list[Panel]:
    """The questions of the page."""
    convention, by = CONVENTION.of(view), grain(view)
    asked = view.parameters() | {"convention": convention, "grain": by.of(view)}
    answers = read("stay_statistics", **asked)
    levels = {
        level: [row for row in answers if row["level"] == level]
        for level in ("all", "period", "department", "admission_type")
    }
    return [
        _distribution(read, view, levels["all"]),
        _over_time(view, by, levels["period"]),
        _by("department", "department_name", view, levels["department"]),
        _by("admission type", "admission_type", view, levels["admission_type"]),
        _long_stays(read("stay_long_stays", **view.parameters())),
    ]


def _distribution(read: Reader, view: View, of_all: Sequence[Row]) -> Panel:
    convention, unit = CONVENTION.of(view), _unit(view)
    width, final = BINS[convention]
    rows = [
        {**row, "stay_band": _band(row["bin_from"], width, final)}
        for row in read(
            "stay_distribution",
            **view.parameters(),
            convention=convention,
            bin_width=width,
            bin_last=final,
        )
    ]
    marks = {
        f"{label} {row[column]:,.1f}": min(float(row[column]), final) / width
        - (0 if width == 1 else 0.5)
        for row in of_all
        for column, label in _ENDS
        if row[column] is not None
    }
    return Panel(
        key="distribution",
        title=f"Discharges by length of stay in {unit}, stays",
        fields=(
            Field("stay_band", f"Length of stay, {unit}"),
            Field("discharges", "Discharges"),
            Field("discharges_pct", "Share", 1, " %"),
        ),
        rows=rows,
        figure=classes(
            rows, "stay_band", "discharges", unit="stays", x_unit=unit, marks=marks
        ),
        measures=((MART, COLUMN[convention]),),
        is_wide=True,
        summary=f"Bar chart: {', '.join(marks)} {unit}.",
    )


def _over_time(view: View, by: Choice, rows: Sequence[Row]) -> Panel:
    unit = _unit(view)
    return Panel(
        key="over-time",
        title=f"Median and 90th percentile by {by.of(view)} of discharge, {unit}",
        fields=(
            Field("period_start", f"{by.of(view)} beginning".capitalize()),
            *_figures(unit),
        ),
        rows=rows,
        figure=charts.lines(rows, "period_start", _ENDS, unit=unit),
        measures=((MART, COLUMN[CONVENTION.of(view)]),),
        note=cut(view, by.of(view)).replace(
            "which is lower", "which is of fewer stays"
        ),
        choices=(by,),
        is_wide=True,
        summary=f"Line chart of {len(rows)} points.",
    )


def _by(of: str, name: str, view: View, rows: Sequence[Row]) -> Panel:
    unit = _unit(view)
    return Panel(
        key=of.replace(" ", "-"),
        title=f"Median and 90th percentile by {of}, {unit}",
        fields=(Field(name, of.capitalize()), *_figures(unit)),
        rows=rows,
        figure=spans(rows, name, _ENDS, unit=unit),
        measures=((MART, COLUMN[CONVENTION.of(view)]),),
        is_tall=of == "department",
        summary=f"Chart of {len(rows)} {of}s, that with most discharges first.",
    )


def _long_stays(rows: Sequence[Row]) -> Panel:
    return Panel(
        key="long-stays",
        title="Long stays of 21 nights or more by department, stays",
        fields=(
            Field("department_name", "Department"),
            Field("ended_long_stays", "Ended in the period"),
            Field("ended_long_stay_nights", "Nights of those"),
            Field("open_long_stays", "Not ended yet"),
        ),
        rows=rows,
        figure=charts.ranking(
            rows,
            "department_name",
            [
                ("ended_long_stays", "ended in the period"),
                ("open_long_stays", "not ended yet"),
            ],
            unit="stays",
        ),
        measures=((MART, "is_long_stay"),),
        note="Stays not ended yet are counted as of the data, by their nights so far,"
        " whatever the period.",
        summary=f"Bar chart of {len(rows)} departments.",
    )


def _figures(unit: str) -> Sequence[Field]:
    return (
        Field("discharges", "Discharges"),
        Field("average_stay", f"Average, {unit}", 2),
        Field("median_stay", f"Median, {unit}", 2),
        Field("p90_stay", f"90th percentile, {unit}", 2),
        Field("same_day_discharges", "Same day"),
        Field("long_stays", "21 nights or more"),
    )


def _unit(view: View) -> str:
    return CONVENTION.options[CONVENTION.of(view)]


def _band(begin: int, width: int, final: int) -> str:
    if begin == final:
        return f"{begin}+"
    return str(begin) if width == 1 else f"{begin} to {begin + width}"


PAGE = Page("/stay", "Length of stay", panels, choices=choices)
