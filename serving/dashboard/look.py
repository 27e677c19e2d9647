"""The look that all charts share: one palette, one type, few lines, no clutter.

Belongs here: what every kind of chart has. The kinds stand in charts.py and
distributions.py. Figures are plain dictionaries, as Plotly draws them in the browser:
its Python objects would check every attribute anew, which takes longer than all SQL.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from serving.dashboard.panels import UNKNOWN, WITHHELD, Figure, Row, is_name

# Okabe and Ito's colours, which people with any kind of colour blindness tell apart.
BLUE, ORANGE, GREEN, SKY = "#0072B2", "#E69F00", "#009E73", "#56B4E9"
VERMILLION, PURPLE, GREY = "#D55E00", "#CC79A7", "#7A8691"
PALETTE = (BLUE, ORANGE, GREEN, SKY, VERMILLION, PURPLE, GREY)
# from the paper's own colour, light or dark, to the full one
HEAT = [[0.0, "rgba(0,114,178,0.06)"], [1.0, "rgba(0,114,178,1)"]]
FAINT, BASE = "rgba(128,140,150,0.22)", "rgba(128,140,150,0.6)"
CLEAR = "rgba(0,0,0,0)"
HEIGHT, BAR_HEIGHT, FEWEST_ROWS = 280, 26, 3
TOP, BOTTOM, LINE_HEIGHT = 12, 28, 14
FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif'


def chart(
    traces: Sequence[Mapping[str, Any]],
    *,
    unit: str,
    x: Mapping[str, Any] | None = None,
    y: Mapping[str, Any] | None = None,
    marks: Sequence[Mapping[str, Any]] = (),
    **layout: Any,
) -> Figure:
    """A chart in the common look.

    Its unit and the names of its traces are shown by the page and not by Plotly, whose
    titles and legends do not fit a phone.

    Args:
        traces: what is drawn.
        unit: of the values; empty if the panel's title says enough.
        x: what the horizontal axis has beside the common look.
        y: what the vertical one has.
        marks: lines and words on top, each with `shape`, `annotation` or both.
        **layout: what else this chart has.
    """
    words = [it["annotation"] for it in marks if "annotation" in it]
    above = [it["yshift"] for it in words if it.get("yref") == "paper"]
    lines = 1 + max(above) // LINE_HEIGHT if above else 0
    return {
        "data": list(traces),
        "layout": {
            "height": HEIGHT,
            "margin": {"l": 8, "r": 16, "t": TOP + LINE_HEIGHT * lines, "b": BOTTOM},
            "meta": {"unit": unit},
            "paper_bgcolor": CLEAR,
            "plot_bgcolor": CLEAR,
            "font": {"family": FONT, "size": 12},
            "showlegend": False,
            "hovermode": "x unified",
            "hoverlabel": {"font": {"family": FONT}},
            "bargap": 0.25,
            "shapes": [it["shape"] for it in marks if "shape" in it],
            "annotations": words,
            "xaxis": {**_axis(), "showgrid": False, **(x or {})},
            "yaxis": {
                **_axis(),
                **{"zeroline": True, "zerolinecolor": BASE, "zerolinewidth": 1},
                **(y or {}),
            },
            **layout,
        },
    }


def in_rows(
    traces: Sequence[Mapping[str, Any]],
    names: Sequence[str],
    *,
    unit: str,
    x: Mapping[str, Any] | None = None,
    marks: Sequence[Mapping[str, Any]] = (),
    **layout: Any,
) -> Figure:
    """A chart whose categories stand below each other, the first on top.

    A trace's y is the place of a name among the names, for two may have one name.
    """
    count = len(names)
    figure = chart(
        traces,
        unit=unit,
        x={
            "showgrid": True,
            **{"zeroline": True, "zerolinecolor": BASE, "zerolinewidth": 1},
            **(x or {}),
        },
        y={
            **{"autorange": False, "range": [count - 0.5, -0.5]},
            **{"tickmode": "array", "tickvals": list(range(count)), "ticktext": names},
            **{"showgrid": False, "zeroline": False, "ticklabelstandoff": 6},
        },
        marks=marks,
        hovermode="closest",
        **layout,
    )
    margin = figure["layout"]["margin"]
    figure["layout"]["height"] = (
        margin["t"] + margin["b"] + BAR_HEIGHT * max(count, FEWEST_ROWS)
    )
    return figure


def upright(x: float, words: str = "", *, line: int = 0) -> dict[str, Any]:
    """A dashed line across a chart, with words above it in the given line."""
    mark: dict[str, Any] = {
        "shape": {
            **{"type": "line", "x0": x, "x1": x, "y0": 0, "y1": 1, "yref": "paper"},
            "line": {"color": GREY, "width": 1.5, "dash": "dash"},
        }
    }
    if words:
        mark["annotation"] = {
            **{"x": x, "xanchor": "left", "y": 1, "yref": "paper", "yanchor": "bottom"},
            **{"text": words, "showarrow": False, "yshift": LINE_HEIGHT * line},
        }
    return mark


def limit(x: float, words: str) -> dict[str, Any]:
    """A line across a chart that bars are measured against, named above it."""
    mark = upright(x, words)
    mark["shape"]["line"] |= {"width": 1, "dash": "solid"}
    mark["annotation"] |= {"xanchor": "center"}
    return mark


def values(rows: Sequence[Row], column: str) -> list[Any]:
    """A column as Plotly takes it."""
    nothing = UNKNOWN if is_name(column) else None
    return [nothing if row[column] is None else plain(row[column]) for row in rows]


def is_withheld(row: Row, columns: Iterable[str]) -> bool:
    """Whether any of the columns may not be told."""
    return any(row[column] == WITHHELD for column in columns)


def plain(value: Any) -> Any:
    """A value as Plotly takes it; what is withheld is not drawn."""
    if value == WITHHELD:
        return None
    return float(value) if isinstance(value, Decimal) else value


def _axis() -> dict[str, Any]:
    return {
        **{"automargin": True, "zeroline": False, "ticks": "", "rangemode": "tozero"},
        **{"showgrid": True, "gridcolor": FAINT},
    }
