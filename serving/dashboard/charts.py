"""The kinds of charts over time and over categories.

Belongs here: how a chart is drawn from rows, in the look of look.py. What is drawn is
the pages'; distributions stand in distributions.py.
"""

from collections.abc import Sequence
from typing import Any

from serving.dashboard.axes import names_axis, time_axis
from serving.dashboard.labels import label, make_room, stand_beside
from serving.dashboard.look import (
    BLUE,
    CLEAR,
    FEWEST_ROWS,
    GREY,
    HEAT,
    PALETTE,
    chart,
    in_rows,
    is_withheld,
    limit,
    plain,
    values,
)
from serving.dashboard.panels import WITHHELD, Figure, Row, is_name

FEW_POINTS, FEW_BARS = 31, 26
SPARKLINE_HEIGHT = 36
BAR_WIDTH = 0.75  # of the room that it has
# words on the ground of a chart, upright, since months stand close on a phone
_STANDING: Figure = {
    **{"y": 0, "yanchor": "bottom", "textangle": -90, "showarrow": False},
}


def lines(
    rows: Sequence[Row],
    x: str,
    ys: Sequence[tuple[str, str]],
    *,
    unit: str,
    dashed: Sequence[str] = (),
) -> Figure:
    """Lines over time; `ys` are (column, label), those in `dashed` are limits."""
    is_marked = len(rows) <= FEW_POINTS  # one point alone is no line
    return chart(
        [
            {
                "type": "scatter",
                "x": values(rows, x),
                "y": values(rows, column),
                "name": label,
                "mode": "lines+markers" if is_marked else "lines",
                "line": {
                    "width": 2,
                    "color": GREY if column in dashed else PALETTE[index],
                    "dash": "dash" if column in dashed else "solid",
                },
                "marker": {"size": 5},
            }
            for index, (column, label) in enumerate(ys)
            if any(row[column] is not None for row in rows)
        ],
        unit=unit,
        x=time_axis(rows, x),
        marks=[
            {"annotation": _STANDING | {"x": row[x], "text": WITHHELD}}
            for row in rows
            if is_withheld(row, [column for column, _ in ys])
        ],
    )


def bars(
    rows: Sequence[Row],
    x: str,
    ys: Sequence[tuple[str, str]],
    *,
    unit: str,
    decimals: int = 0,
    colours: Sequence[str] = PALETTE,
) -> Figure:
    """Columns over time or over an ordered axis, stacked; one series has numbers."""
    is_labelled = len(ys) == 1 and len(rows) <= FEW_BARS and is_name(x)
    figure = chart(
        [
            {
                "type": "bar",
                "x": values(rows, x),
                "y": values(rows, column),
                "name": label,
                "customdata": values(rows, x),
                "marker": {"color": colours[index]},
            }
            for index, (column, label) in enumerate(ys)
        ],
        unit=unit,
        x=names_axis(values(rows, x)) if is_name(x) else time_axis(rows, x),
        y={"visible": not is_labelled, "tickformat": _ticks(ys)},
        barmode="stack",
    )
    if is_labelled:
        label(figure, "y", rows, ys[0][0], decimals)
    return figure


def ranking(
    rows: Sequence[Row],
    name: str,
    ys: Sequence[tuple[str, str]],
    *,
    unit: str,
    decimals: int = 0,
    colours: Sequence[str] = PALETTE,
    marker: float | None = None,
) -> Figure:
    """Bars below each other, stacked; of one series with numbers at their ends.

    Args:
        rows: the first stands on top.
        name: the column that names a bar.
        ys: (column, label) of each part of a bar.
        unit: of the length of a bar.
        decimals: of the numbers at the ends.
        colours: of the parts.
        marker: where a line stands across all bars, such as 100 %.
    """
    is_labelled = len(ys) == 1
    names = values(rows, name)
    figure = in_rows(
        [
            {
                "type": "bar",
                "orientation": "h",
                "y": list(range(len(rows))),
                "x": values(rows, column),
                "name": label,
                "customdata": names,
                "hovertemplate": "%{customdata}: %{x:,}<extra>%{fullData.name}</extra>",
                "marker": {"color": colours[index]},
                # of few bars none is a block
                "width": BAR_WIDTH * min(1, len(rows) / FEWEST_ROWS),
            }
            for index, (column, label) in enumerate(ys)
        ],
        names,
        unit="" if is_labelled else unit,
        x={"visible": not is_labelled, "tickformat": _ticks(ys)},
        marks=[] if marker is None else [limit(marker, f"{marker:,.0f}")],
        barmode="stack",
    )
    if is_labelled:
        label(figure, "x", rows, ys[0][0], decimals)
        make_room(figure)
    if is_labelled and marker is not None:
        stand_beside(figure, marker)
    return figure


def heat(
    rows: Sequence[Row], x: str, y: str, value: str, *, unit: str, names: Sequence[str]
) -> Figure:
    """A map of values by hour and `y`; `names` are the rows of `y`, from the top."""
    cells = {(row[y], row[x]): row[value] for row in rows}
    columns = sorted({row[x] for row in rows})
    return chart(
        [
            {
                "type": "heatmap",
                "x": columns,
                "y": list(names),
                "z": [
                    [plain(cells.get((index, column))) for column in columns]
                    for index in range(1, len(names) + 1)
                ],
                "colorscale": HEAT,
                "colorbar": {"thickness": 12, "outlinewidth": 0, "xpad": 8},
                "xgap": 1,
                "ygap": 1,
                "hoverongaps": False,
                "hovertemplate": "%{y}, %{x}:00<br>%{z:,.1f}<extra></extra>",
            }
        ],
        unit=unit,
        x={"ticksuffix": ":00", "nticks": 9, "rangemode": "normal"},
        y={
            **{"autorange": "reversed", "showgrid": False, "zeroline": False},
            **{"rangemode": "normal", "ticksuffix": "  "},
        },
        hovermode="closest",
    )


def sparkline(trend: Sequence[Any]) -> Figure:
    """The way a figure took, without axes, its last point marked."""
    points = [None if it is None else float(it) for it in trend]
    hidden = {"visible": False}
    return {
        "data": [
            {
                "type": "scatter",
                "y": points,
                "mode": "lines+markers",
                "line": {"width": 1.5, "color": BLUE},
                "marker": {
                    "opacity": 1,
                    "size": [0] * (len(points) - 1) + [6],
                    "line": {"width": 0},
                },
                "hoverinfo": "skip",
                "cliponaxis": False,
                "connectgaps": True,
            }
        ],
        "layout": {
            "height": SPARKLINE_HEIGHT,
            "margin": {"l": 2, "r": 4, "t": 4, "b": 4},
            "paper_bgcolor": CLEAR,
            "plot_bgcolor": CLEAR,
            "showlegend": False,
            "xaxis": hidden | {"range": [-0.5, len(points) - 0.5]},
            "yaxis": hidden,
        },
    }


def _ticks(ys: Sequence[tuple[str, str]]) -> str:
    is_money = any(column.endswith("_amount") for column, _ in ys)
    return "~s" if is_money else ","
