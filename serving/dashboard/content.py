"""A page put together for a view: heading, choices, tiles, panels.

Only the order of the parts; how each looks stands in layout.py.
"""

from collections.abc import Mapping
from typing import Any

from dash import html

from serving.contracts import MartContract
from serving.dashboard import frame, layout
from serving.dashboard.panels import Page, Reader
from serving.dashboard.periods import words
from serving.dashboard.view import View


def content(
    page: Page, view: View, read: Reader, contracts: Mapping[str, MartContract]
) -> list[Any]:
    """The page's parts, from its heading on.

    Raises:
        KeyError: a panel shows a measure that no mart has.
    """
    parts: list[Any] = [
        html.Div(
            [
                html.H1(page.title),
                html.P(_words(page, view, read), className="period"),
            ],
            className="heading",
        ),
    ]
    if page.about:
        parts.append(html.P(page.about, className="lead"))
    if page.choices is not None:
        parts.append(layout.choices(page.choices(view), view))
    if page.tiles is not None and (tiles := page.tiles(read, view)):
        parts.append(
            html.Div([layout.tile(it, contracts) for it in tiles], className="tiles")
        )
    parts.append(
        html.Div(
            [layout.panel(it, view, contracts) for it in page.panels(read, view)],
            className="panels",
        )
    )
    return parts


def _words(page: Page, view: View, read: Reader) -> str:
    """The view in words, which a printed page needs as well."""
    parts = []
    if "dates" in page.filters:
        parts.append(f"{words(view.date_from, view.date_to)} ({view.days} days)")
    for name, key in (("branch", view.branch_key), ("department", view.department_key)):
        if name not in page.filters:
            continue
        if key is None:
            parts.append(f"all {frame.PLURALS[name]}")
            continue
        asked = read("filter_branches" if name == "branch" else "filter_departments")
        parts.append(next((it["label"] for it in asked if it["key"] == key), key))
    return " · ".join(parts)
