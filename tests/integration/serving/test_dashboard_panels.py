"""What every panel of every page owes its reader, whatever the view."""

import csv
import io

import pytest

from serving.contracts import MartContract
from serving.dashboard.pages import PAGES
from tests.integration.serving.shown import VIEWS, Shown

PATHS = [page.path for page in PAGES]


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
            for it in trace.get(axis, ())
            if isinstance(it, float | int)
        }
        listed = {
            float(value)
            for row in panel.rows
            for value in row.values()
            if isinstance(value, int | float) or hasattr(value, "as_tuple")
        }
        assert drawn - listed <= {0, 100}, (
            panel.key
        )  # withheld bars, and the mark at 100


def test_a_period_without_data_says_so_and_breaks_nothing(shown: Shown):
    for path in PATHS:
        for panel in shown.panels(path, "?from=2031-01-01&to=2031-01-05"):
            of_one_moment = panel.key in ("ageing", "age", "sex", "insurance")
            assert bool(panel.rows) == (of_one_moment or bool(open_stays(panel)))


def open_stays(panel) -> bool:
    return panel.key == "long-stays" and any(it["open_long_stays"] for it in panel.rows)


def test_a_place_that_does_not_exist_shows_nothing(shown: Shown):
    for path in PATHS:
        for panel in shown.panels(path, "?branch=nowhere'--"):
            assert not panel.rows, panel.key
