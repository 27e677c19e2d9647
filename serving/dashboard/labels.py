"""The numbers at the ends of bars: what they say, and the room that they need.

Belongs here: only the words on a chart of one series. Its bars are charts.py's.
"""

from collections.abc import Sequence

from serving.dashboard.panels import WITHHELD, Field, Figure, Row

MARGIN, LETTER_WIDTH, BARE_BOTTOM = 16, 7, 8


def label(
    figure: Figure, axis: str, rows: Sequence[Row], column: str, decimals: int
) -> None:
    """Write each bar's number at its end, or that it is withheld."""
    texts = [Field(column, "", decimals).text(row[column]) for row in rows]
    bars = figure["data"][0]
    bars |= {
        "text": texts,
        "textposition": "outside",
        "cliponaxis": False,
        "hovertemplate": "%{customdata}: %{text}<extra></extra>",
        # without a length there would be no place for the word
        axis: [
            0 if text == WITHHELD else length
            for text, length in zip(texts, bars[axis], strict=True)
        ],
    }


def make_room(figure: Figure) -> None:
    """Leave as much beside bars in rows as their longest number needs."""
    numbers = [it for it in figure["data"][0]["text"] if it != WITHHELD]
    longest = max(map(len, numbers), default=0)
    figure["layout"]["margin"] |= {
        "r": MARGIN + LETTER_WIDTH * longest,
        "b": BARE_BOTTOM,
    }


def stand_beside(figure: Figure, marker: float) -> None:
    """Move the numbers of bars into a column of their own, clear of the marker."""
    bars = figure["data"][0]
    end = max([marker, *(it for it in bars["x"] if it is not None)])
    numbers = {
        **{"type": "scatter", "mode": "text", "x": [end] * len(bars["y"])},
        **{
            "y": bars["y"],
            "text": [f" {it}" for it in bars["text"]],
            "textposition": "middle right",
        },
        **{"cliponaxis": False, "hoverinfo": "skip"},
    }
    bars["textposition"] = "none"
    figure["data"].append(numbers)
    figure["layout"]["xaxis"]["range"] = [0, end]
