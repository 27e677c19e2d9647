"""The frame around every page: name, stamp, pages, filters, and no data in words.

Only components; what happens when they are used stands in app.py.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from dash import dcc, html

from serving.dashboard.panels import Page, aria
from serving.dashboard.view import View

Row = Mapping[str, Any]
NOT_PUBLISHED = (
    "Nothing has been published yet.",
    "The first refresh that passes its gates fills these pages: `wardline refresh`.",
)
UNREACHABLE = (
    "The warehouse does not answer.",
    "The pages come back by themselves as soon as it does.",
)


def frame() -> html.Div:
    """What stays while pages come and go."""
    return html.Div(
        [
            dcc.Location(id="url", refresh="callback-nav"),
            dcc.Store(id="published"),
            html.A("Skip to the figures", href="#page", className="skip"),
            html.Header(
                [
                    html.Div("Wardline", className="brand"),
                    html.Div(id="stamp", className="stamp", role="status"),
                ],
                className="top",
            ),
            html.Nav(id="pages", className="pages", **aria(label="Pages")),
            html.Div(id="filters", className="filters", role="search"),
            html.Main(id="page", tabIndex=-1),
        ]
    )


def pages(all_pages: Sequence[Page], view: View) -> list[Any]:
    """The links to all pages, each with the present filters."""
    return [
        dcc.Link(
            page.title,
            href=page.path + view.search,
            className="here" if page.path == view.path else "",
        )
        for page in all_pages
    ]


def filters(
    page: Page, view: View, branches: Sequence[Row], departments: Sequence[Row]
) -> list[Any]:
    """The filters that mean something on a page, at what the view says."""
    parts: list[Any] = []
    if "dates" in page.filters:
        parts.append(
            html.Div(
                [
                    html.Label("Period", htmlFor="period"),
                    dcc.DatePickerRange(
                        id={"filter": "period"},
                        start_date=view.date_from.isoformat(),
                        end_date=view.date_to.isoformat(),
                        display_format="YYYY-MM-DD",
                        first_day_of_week=1,
                        minimum_nights=0,
                    ),
                ]
            )
        )
    if "branch" in page.filters:
        parts.append(_dropdown("branch", "Branch", branches, view.branch_key))
    if "department" in page.filters:
        of_branch = [
            it for it in departments if view.branch_key in (None, it["branch_key"])
        ]
        parts.append(
            _dropdown("department", "Department", of_branch, view.department_key)
        )
    return parts


def nothing(sentences: Sequence[str]) -> html.Div:
    """The page while there is nothing to show."""
    return html.Div(
        [html.H1(sentences[0]), *(html.P(it) for it in sentences[1:])],
        className="nothing",
    )


def _dropdown(
    name: str, label: str, rows: Sequence[Row], value: str | None
) -> html.Div:
    options = [{"value": it["key"], "label": it["label"]} for it in rows]
    if value and value not in {it["key"] for it in rows}:
        options.append({"value": value, "label": value})
    return html.Div(
        [
            html.Label(label, id=f"label-{name}"),
            dcc.Dropdown(
                id={"filter": name},
                options=options,
                value=value,
                placeholder=f"All {label.lower()}{'es' if name == 'branch' else 's'}",
                clearable=True,
            ),
        ]
    )
