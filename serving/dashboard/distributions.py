"""The kinds of charts that show how a figure is spread, its middle marked.

Belongs here: how they are drawn, in the look of look.py.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from serving.dashboard.look import (
    BLUE,
    ORANGE,
    chart,
    in_rows,
    is_withheld,
    upright,
    values,
)
from serving.dashboard.panels import WITHHELD, Figure, Row

_CLASSES = 20
_WIDE = 4  # characters
_BARS: dict[str, Any] = {"marker": {"color": BLUE}}


def classes(
    rows: Sequence[Row],
    name: str,
    count: str,
    *,
    unit: str,
    x_unit: str,
    marks: Mapping[str, float],
) -> Figure:
    """How many fall into each class of a figure, in the order of the rows.

    Args:
        rows: one per class, none left out between the first and the last.
        name: the column with the name of a class.
        count: the column with how many there are.
        unit: of what is counted.
        x_unit: of the figure.
        marks: label to where it stands, counted in classes from the first's middle.
    """
    names = values(rows, name)
    bars = {"type": "bar", "x": names, "y": values(rows, count), **_BARS}
    step = 1 if len(names) < _CLASSES else 5 if max(map(len, names)) < _WIDE else 10
    return chart(
        [bars],
        unit=unit,
        x={
            **{"type": "category", "tickangle": 0, "title": _title(x_unit)},
            # the last one ends the axis, and so has its name
            **{"tickmode": "array", "tickvals": names[::-step]},
        },
        marks=[
            upright(place, label, line=index)
            for index, (label, place) in enumerate(marks.items())
        ],
        bargap=0.08,
    )


def histogram(
    rows: Sequence[Row], value: str, *, unit: str, x_unit: str, median: Any
) -> Figure:
    """How many rows have how much, with the median marked."""
    bars = {
        **{"type": "histogram", "x": values(rows, value), "nbinsx": _CLASSES},
        **_BARS,
    }
    marks = []
    if median is not None:
        marks.append(upright(float(median), f"median {float(median):,.1f}"))
    return chart(
        [bars], unit=unit, x={"title": _title(x_unit)}, marks=marks, bargap=0.08
    )


def spans(
    rows: Sequence[Row],
    name: str,
    ends: Sequence[tuple[str, str]],
    *,
    unit: str,
    colours: tuple[str, str] = (BLUE, ORANGE),
) -> Figure:
    """From one figure to another, such as from median to 90th percentile, in rows."""
    (low, low_label), (high, high_label) = ends
    names, lows, highs = (values(rows, it) for it in (name, low, high))
    places: list[Any] = list(range(len(names)))
    pairs = zip(lows, highs, strict=True)
    between = {
        "type": "scatter",
        "x": [end for pair in pairs for end in (*pair, None)],
        "y": [it for place in places for it in (place, place, None)],
        "mode": "lines",
        "line": {"width": 3, "color": "rgba(122,134,145,0.5)"},
        "hoverinfo": "skip",
    }
    dots: list[dict[str, Any]] = [
        {
            "type": "scatter",
            "x": it,
            "y": places,
            "name": label,
            "customdata": names,
            "hovertemplate": "%{customdata}: %{x:,}",
            "mode": "markers",
            "marker": {"size": 11, "color": colour},
        }
        for it, label, colour in (
            (lows, low_label, colours[0]),
            (highs, high_label, colours[1]),
        )
    ]
    withheld = [
        place
        for place, row in zip(places, rows, strict=True)
        if is_withheld(row, (low, high))
    ]
    words = {
        **{"type": "scatter", "mode": "text", "hoverinfo": "skip"},
        **{"x": [0] * len(withheld), "y": withheld},
        **{"text": [f" {WITHHELD}"] * len(withheld), "textposition": "middle right"},
    }
    return in_rows([between, *dots, words], names, unit=unit)


def _title(text: str) -> dict[str, Any]:
    return {"text": text, "font": {"size": 12}, "standoff": 8}
