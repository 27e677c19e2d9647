"""Beds and flow: how full the house is, by day, hour, ward and bed type."""

from serving.dashboard import charts
from serving.dashboard.panels import Field, Page, Panel, Reader
from serving.dashboard.view import View


def panels(read: Reader, view: View) -> list[Panel]:
    """The questions of the page."""
    wards = read("beds_by_ward", **view.parameters())
    return [
        Panel(
            key="wards",
            title="Occupancy by ward, % of available beds",
            fields=(
                Field("ward_name", "Ward"),
                Field("department_name", "Department"),
                Field("branch_name", "Branch"),
                Field("bed_days", "Bed-days"),
                Field("available_bed_days", "Available bed-days"),
                Field("occupancy_pct", "Occupancy", 1, " %"),
                Field("peak_occupied_beds", "Peak"),
            ),
            rows=wards,
            figure=charts.ranking(
                wards,
                "ward_name",
                [("occupancy_pct", "occupancy")],
                unit="% of available beds",
                marker=100,
            ),
            measures=(("bed_occupancy_daily", "occupancy_pct"),),
        )
    ]


PAGE = Page("/beds", "Beds and flow", panels)
