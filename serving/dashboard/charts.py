"""The kinds of charts, all of one look: one palette, few lines, no clutter.

Belongs here: how a chart is drawn from rows. What is drawn is the pages'.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import plotly.graph_objects as go

from serving.dashboard.panels import Row

# Okabe and Ito's colours, which people with any kind of colour blindness tell apart.
BLUE, ORANGE, GREEN, SKY = "#0072B2", "#E69F00", "#009E73", "#56B4E9"
VERMILLION, PURPLE, GREY = "#D55E00", "#CC79A7", "#7A8691"
PALETTE = (BLUE, ORANGE, GREEN, SKY, VERMILLION, PURPLE, GREY)
HEAT = [[0.0, "#EAF2F8"], [0.5, "#56B4E9"], [1.0, "#003F66"]]
HEIGHT = 300
NOTHING_KNOWN = "not known"

_LAYOUT: dict[str, Any] = {
    "template": "none",
    "height": HEIGHT,
    "margin": {"l": 56, "r": 12, "t": 8, "b": 40},
    "paper_bgcolor": "rgba(0,0,0,0)",
    "plot_bgcolor": "rgba(0,0,0,0)",
    "font": {"family": "inherit", "size": 13},
    "colorway": list(PALETTE),
    "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    "hovermode": "x unified",
    "hoverlabel": {"font": {"family": "inherit"}},
    "bargap": 0.25,
}
_AXIS = {"automargin": True, "zeroline": False, "ticks": "", "title": {"standoff": 8}}
_GRID = {"showgrid": True, "gridcolor": "rgba(128,140,150,0.25)"}


def lines(
    rows: Sequence[Row],
    x: str,
    ys: Sequence[tuple[str, str]],
    *,
    unit: str,
    dashed: Sequence[str] = (),
) -> go.Figure:
    """Lines over time; `ys` are (column, label), those in `dashed` are limits."""
    figure = go.Figure(
        [
            go.Scatter(
                x=_of(rows, x),
                y=_of(rows, column),
                name=label,
                mode="lines",
                line={
                    "width": 2,
                    "color": GREY if column in dashed else PALETTE[index],
                    "dash": "dash" if column in dashed else "solid",
                },
            )
            for index, (column, label) in enumerate(ys)
        ]
    )
    return _finish(figure, unit=unit, has_legend=len(ys) > 1)


def bars(
    rows: Sequence[Row],
    x: str,
    ys: Sequence[tuple[str, str]],
    *,
    unit: str,
    is_stacked: bool = False,
    colours: Sequence[str] = PALETTE,
) -> go.Figure:
    """Columns over time or over an ordered axis."""
    figure = go.Figure(
        [
            go.Bar(
                x=_of(rows, x),
                y=_of(rows, column),
                name=label,
                marker={"color": colours[index]},
            )
            for index, (column, label) in enumerate(ys)
        ]
    )
    figure.update_layout(barmode="stack" if is_stacked else "group")
    return _finish(figure, unit=unit, has_legend=len(ys) > 1)


def ranking(
    rows: Sequence[Row],
    name: str,
    ys: Sequence[tuple[str, str]],
    *,
    unit: str,
    is_stacked: bool = True,
    marker: float | None = None,
) -> go.Figure:
    """Bars side by side, the first on top; `marker` is a line across all, if given."""
    figure = go.Figure(
        [
            go.Bar(
                y=_of(rows, name),
                x=_of(rows, column),
                name=label,
                orientation="h",
                marker={"color": PALETTE[index]},
            )
            for index, (column, label) in enumerate(ys)
        ]
    )
    if marker is not None:
        figure.add_vline(x=marker, line={"color": GREY, "width": 1.5, "dash": "dash"})
    _finish(figure, unit="", has_legend=len(ys) > 1)
    figure.update_layout(
        barmode="stack" if is_stacked else "group",
        hovermode="y unified",
        height=max(HEIGHT, 90 + 24 * len(rows)),
        margin={"l": 8, "r": 12, "t": 8, "b": 40},
    )
    figure.update_yaxes(autorange="reversed", showgrid=False, type="category")
    figure.update_xaxes(title_text=unit, **_GRID)
    return figure


def heat(
    rows: Sequence[Row], x: str, y: str, value: str, *, unit: str, names: Sequence[str]
) -> go.Figure:
    """A map of values over two axes; `names` are the rows of `y`, from the top."""
    cells = {(row[y], row[x]): row[value] for row in rows}
    columns = sorted({row[x] for row in rows})
    figure = go.Figure(
        go.Heatmap(
            x=columns,
            y=list(names),
            z=[
                [cells.get((index, column)) for column in columns]
                for index in range(1, len(names) + 1)
            ],
            colorscale=HEAT,
            colorbar={"title": {"text": unit}, "thickness": 12, "outlinewidth": 0},
            hoverongaps=False,
        )
    )
    _finish(figure, unit="", has_legend=False)
    figure.update_layout(hovermode="closest")
    figure.update_yaxes(autorange="reversed", showgrid=False)
    return figure


def sparkline(values: Sequence[Any]) -> go.Figure:
    """The way a figure took, without axes."""
    figure = go.Figure(
        go.Scatter(
            y=[None if it is None else float(it) for it in values],
            mode="lines",
            line={"width": 1.5, "color": BLUE},
            hoverinfo="skip",
        )
    )
    figure.update_layout(
        template="none",
        height=36,
        margin={"l": 0, "r": 0, "t": 2, "b": 2},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        showlegend=False,
    )
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    return figure


def _finish(figure: go.Figure, *, unit: str, has_legend: bool) -> go.Figure:
    figure.update_layout(**_LAYOUT, showlegend=has_legend)
    figure.update_xaxes(**_AXIS, showgrid=False)
    figure.update_yaxes(**_AXIS, **_GRID, rangemode="tozero", title_text=unit)
    return figure


def _of(rows: Sequence[Row], column: str) -> list[Any]:
    return [_plain(row[column], is_name=_is_name(column)) for row in rows]


def _plain(value: Any, *, is_name: bool) -> Any:
    if value is None:
        return NOTHING_KNOWN if is_name else None
    return float(value) if isinstance(value, Decimal) else value


def _is_name(column: str) -> bool:
    return column.endswith(("_name", "_type", "_method", "payer", "sex", "age_band"))
