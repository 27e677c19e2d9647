"""What every panel of every page owes its reader, whatever the view."""

import csv
import io

import pytest

from serving.contracts import MartContract
from serving.dashboard.pages import PAGES
from serving.dashboard.panels import WITHHELD
from tests.integration.serving.shown import VIEWS, Shown

PATHS = [page.path for page in PAGES]
FILTERED = [page.path for page in PAGES if page.filters]


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("path", PATHS)
def test_a_panel_has_a_title_a_table_a_csv_and_a_definition(
    shown: Shown, contracts: dict[str, MartContract], path: str, view: str
):
    panels = shown.panels(path, view)
    assert len({it.key for it in panels}) == len(panels)
    for panel in panels:
        assert panel.title
        assert panel.summary or panel.figure is None or not panel.rows, panel.key
        for mart, name in panel.measures:
            assert contracts[mart].column(name).description
        header, *rows = csv.reader(io.StringIO(panel.csv(), newline=""))
        assert header == [it.name for it in panel.fields]
        assert len(rows) == len(panel.rows)


@pytest.mark.parametrize("path", PATHS)
def test_a_chart_is_drawn_from_the_rows_of_its_table(shown: Shown, path: str):
    for panel in shown.panels(path, ""):
        if panel.figure is None:
            continue
        drawn = {
            it
            for trace in panel.figure["data"]
            for axis in ("x", "y")
            if axis == "x" or "tickvals" not in panel.figure["layout"]["yaxis"]
            for it in trace.get(axis, ())
            if isinstance(it, float | int)
        }
        listed = {
            float(value)
            for row in panel.rows
            for value in (row[it.name] for it in panel.fields)
            if isinstance(value, int | float) or hasattr(value, "as_tuple")
        }
        assert drawn - listed <= {0, 100}, (
            panel.key
        )  # withheld bars, and the mark at 100


@pytest.mark.parametrize(
    ("path", "key", "view", "figure"),
    [
        ("/beds", "wards", "", "occupancy_pct"),
        ("/beds", "bed-types", "", "occupancy_pct"),
        ("/departments", "bed-days", "", "bed_days"),
        ("/departments", "appointments", "", "appointments"),
        ("/departments", "stay", "", "average_length_of_stay_nights"),
        ("/departments", "occupancy", "", "occupancy_pct"),
        ("/departments", "mortality", "", "mortality_pct"),
        ("/departments", "readmissions", "", "readmission_30d_pct"),
        ("/departments", "billed", "", "billed_amount"),
        ("/departments", "collected", "", "collected_amount"),
        ("/doctors", "caseload", "", "average_midnight_caseload"),
        ("/doctors", "utilisation", "", "utilisation_pct"),
        ("/money", "methods", "", "bills"),
        ("/money", "methods", "?methods=amount", "billed_amount"),
        ("/money", "ageing", "", "outstanding_amount"),
        ("/money", "total-cost", "", "total_cost_amount"),
        ("/money", "average-cost", "", "average_cost_amount"),
        ("/patients", "mortality-department", "", "mortality_pct"),
        ("/patients", "age", "", "patients"),
        ("/patients", "sex", "", "patients"),
        ("/patients", "insurance", "", "patients"),
    ],
)
def test_the_bars_are_as_long_as_the_figure_that_the_title_names(
    shown: Shown, path: str, key: str, view: str, figure: str
):
    panel = shown.panel(path, key, view)
    assert panel.figure is not None
    bars = panel.figure["data"][0]
    drawn = bars["x" if bars.get("orientation") == "h" else "y"]
    values = [0 if row[figure] == WITHHELD else row[figure] for row in panel.rows]
    assert drawn == [None if it is None else float(it) for it in values][: len(drawn)]
    assert drawn


def test_a_period_without_data_says_so_and_breaks_nothing(shown: Shown):
    for path in FILTERED:
        for panel in shown.panels(path, "?from=2031-01-01&to=2031-01-05"):
            of_one_moment = panel.key in ("ageing", "age", "sex", "insurance")
            assert bool(panel.rows) == (of_one_moment or bool(open_stays(panel)))


def open_stays(panel) -> bool:
    return panel.key == "long-stays" and any(it["open_long_stays"] for it in panel.rows)


def test_a_place_that_does_not_exist_shows_nothing(shown: Shown):
    for path in FILTERED:
        for panel in shown.panels(path, "?branch=nowhere'--"):
            assert not panel.rows, panel.key
