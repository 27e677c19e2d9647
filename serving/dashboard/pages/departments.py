"""Departments side by side in one order: load, stay, occupancy, outcomes, revenue."""

from collections.abc import Sequence
from typing import Any

from serving.dashboard import charts, small_cells
from serving.dashboard.panels import Field, Page, Panel, Reader, Row
from serving.dashboard.small_cells import Withholding
from serving.dashboard.view import View

_NAME = Field("department_name", "Department")
_RATES = {
    "deaths": ("mortality_pct",),
    "readmissions_30d": ("readmission_30d_pct",),
    "index_discharges": ("readmission_30d_pct",),
}


def panels(read: Reader, view: View) -> list[Panel]:
    """The questions of the page, and all answers in one table."""
    asked = read("departments_compared", **view.parameters())
    withholding = Withholding(read("outcomes_places", **view.parameters()), _RATES)
    rows = [withholding.apply(row, None, small_cells.place_of(row)) for row in asked]
    money = read.currency
    fields = {
        it.name: it
        for it in (
            Field("bed_days", "Bed-days"),
            Field("admissions", "Admissions"),
            Field("transfers_in", "Transfers in"),
            Field("discharges", "Discharges"),
            Field("appointments", "Appointments"),
            Field("average_length_of_stay_nights", "Average stay, nights", 2),
            Field("occupancy_pct", "Occupancy", 1, " %"),
            Field("deaths", "Deaths"),
            Field("mortality_pct", "Mortality", 2, " %"),
            Field("readmissions_30d", "Readmissions, 30 days"),
            Field("readmission_30d_pct", "Readmission rate", 2, " %"),
            Field("billed_amount", f"Billed, {money}", 2),
            Field("collected_amount", f"Collected, {money}", 2),
        )
    }

    def compared(
        key: str,
        title: str,
        columns: Sequence[str],
        measures: Sequence[tuple[str, str]],
        **more: Any,
    ) -> Panel:
        return _compared(
            rows, key, title, [fields[it] for it in columns], measures, **more
        )

    return [
        compared(
            *("bed-days", "Inpatient load, bed-days"),
            *(["bed_days", "admissions", "transfers_in"],),
            *([("bed_occupancy_daily", "occupied_beds_midnight")],),
        ),
        compared(
            *("appointments", "Outpatient load, appointments", ["appointments"]),
            *([("appointment_activity_daily", "booked")],),
        ),
        compared(
            *("stay", "Average length of stay, nights"),
            *(["average_length_of_stay_nights", "discharges"],),
            *([("length_of_stay_monthly", "average_length_of_stay_nights")],),
        ),
        compared(
            *("occupancy", "Occupancy, % of available beds"),
            *(["occupancy_pct", "bed_days"],),
            *([("bed_occupancy_daily", "occupancy_pct")],),
            marker=100,
        ),
        compared(
            *("mortality", "Deaths in hospital, % of discharges"),
            *(["mortality_pct", "deaths", "discharges"],),
            *([("outcomes_monthly", "mortality_pct")],),
            note=small_cells.NOTE,
        ),
        compared(
            *("readmissions", "Readmissions within 30 days, % of live discharges"),
            *(["readmission_30d_pct", "readmissions_30d"],),
            *([("outcomes_monthly", "readmission_30d_pct")],),
            note=small_cells.NOTE,
        ),
        compared(
            *("billed", f"Billed, {money}", ["billed_amount"]),
            *([("fct_bills", "billed_amount")],),
        ),
        compared(
            *("collected", f"Of which collected, {money}"),
            *(["collected_amount", "billed_amount"],),
            *([("fct_bills", "collected_amount")],),
        ),
        Panel(
            key="all",
            title="All departments side by side",
            fields=(_NAME, *fields.values()),
            rows=rows,
            note=small_cells.NOTE,
            is_wide=True,
        ),
    ]


def _compared(
    rows: Sequence[Row],
    key: str,
    title: str,
    fields: Sequence[Field],
    measures: Sequence[tuple[str, str]],
    *,
    marker: float | None = None,
    note: str = "",
) -> Panel:
    shown = fields[0]
    return Panel(
        key=key,
        title=title,
        fields=(_NAME, *fields),
        rows=rows,
        figure=charts.ranking(
            rows,
            _NAME.name,
            [(shown.name, shown.label)],
            unit=title.split(", ", 1)[1],
            decimals=0 if shown.name.endswith("_amount") else shown.decimals,
            marker=marker,
        ),
        measures=measures,
        note=note,
        summary=f"Bar chart of {len(rows)} departments, that with most bed-days first.",
    )


PAGE = Page(
    "/departments",
    "Departments",
    panels,
    about="The departments stand in the same order everywhere: most bed-days first.",
)
