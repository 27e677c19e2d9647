"""The frame around every page: name, stamp, pages, filters, and no data in words.

Only components; what happens when they are used stands in app.py.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from dash import dcc, html

from serving.dashboard.panels import Page, Reader, Row, aria
from serving.dashboard.view import View
from serving.guard import current_user

PLURALS = {"branch": "branches", "department": "departments"}
DOCUMENT = """<!DOCTYPE html>
<html lang="en">
    <head>
        {%metas%}
        <title>{%title%}</title>
        {%favicon%}
        {%css%}
    </head>
    <body>
        {%app_entry%}
        <footer>{%config%}{%scripts%}{%renderer%}</footer>
    </body>
</html>"""
NOT_PUBLISHED = (
    "Nothing has been published yet.",
    "The first refresh that passes its gates fills these pages: `wardline refresh`.",
)
TOO_LONG = (
    "This takes too long.",
    "Choose a shorter period or one department, or try again in a minute.",
)


def frame() -> html.Div:
    """What stays while pages come and go."""
    return html.Div(
        [
            dcc.Location(id="url", refresh="callback-nav"),
            dcc.Store(id="published"),
            dcc.Store(id="shown"),
            dcc.Store(id="used"),
            html.A("Skip to the figures", href="#page", className="skip"),
            html.Header(
                [
                    html.Div("Wardline", className="brand"),
                    html.Div(id="stamp", className="stamp", role="status"),
                    _way_out(),
                ],
                className="top",
            ),
            html.Nav(id="pages", className="pages", **aria(label="Pages")),
            html.Div(id="filters", className="filters", role="search"),
            html.Main(id="page", tabIndex=-1),
        ]
    )


def _way_out() -> html.Form | None:
    """Who is logged in, and the button that ends it; nothing where nobody has to."""
    user = current_user.get()
    if user is None:
        return None
    return html.Form(
        [html.Span(user), html.Button("Log out")],
        action="/logout",
        method="post",
        className="leave",
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


def filters(page: Page, view: View, read: Reader) -> str:
    """The filters that mean something on a page, at what the view says, as JSON."""
    parts: list[Control] = []
    if "dates" in page.filters:
        parts += [
            Control("date", "from", "From", view.date_from.isoformat()),
            Control("date", "to", "To", view.date_to.isoformat()),
        ]
    if "branch" in page.filters:
        parts.append(_places("branch", view.branch_key, read("filter_branches")))
    if "department" in page.filters:
        of_branch = [
            it
            for it in read("filter_departments")
            if view.branch_key in (None, it["branch_key"])
        ]
        parts.append(_places("department", view.department_key, of_branch))
    return as_json(parts)


@dataclass(frozen=True)
class Control:
    """A control of the browser's own, which assets/controls.js makes of this."""

    kind: Literal["date", "select", "radio"]
    name: str
    """In the URL."""
    label: str
    value: str
    options: Sequence[tuple[str, str]] = ()
    """(value, words) of a select or of radio buttons."""


def as_json(controls: Sequence[Control]) -> str:
    """Controls as the browser takes them, in an attribute named data-controls."""
    return json.dumps([asdict(it) for it in controls])


def nothing(sentences: Sequence[str]) -> html.Div:
    """The page while there is nothing to show."""
    return html.Div(
        [html.H1(sentences[0]), *(html.P(it) for it in sentences[1:])],
        className="nothing",
    )


def _places(name: str, value: str | None, rows: Sequence[Row]) -> Control:
    options = [("", f"All {PLURALS[name]}"), *((it["key"], it["label"]) for it in rows)]
    if value and value not in {key for key, _ in options}:
        options.append((value, value))
    return Control("select", name, name.capitalize(), value or "", options)
