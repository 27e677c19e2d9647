"""The dashboard put together: Dash on the server's app, its callbacks and its CSV.

What a page shows stands in pages/, how it looks in layout.py and frame.py.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, html, no_update
from fastapi import APIRouter, FastAPI
from fastapi import Request as HttpRequest
from fastapi.responses import Response
from psycopg import Connection

from serving.api.problems import ProblemError
from serving.contracts import MartContract
from serving.dashboard import events, frame, layout
from serving.dashboard.pages import PAGES
from serving.dashboard.panels import Page, Reader
from serving.dashboard.view import View, read_view
from serving.database import (
    DatabaseUnavailableError,
    Marts,
    Publication,
    ask,
    current_publication,
)
from serving.guard import current_role

_ASSETS = Path(__file__).with_name("assets")
_BY_PATH = {page.path: page for page in PAGES}


class NothingPublishedError(Exception):
    """There is nothing to show yet."""


def install(app: FastAPI, marts: Marts, contracts: Mapping[str, MartContract]) -> Dash:
    """Put the dashboard on an app, at the root."""
    app.include_router(events.router(marts))
    app.include_router(_csv(marts))
    server: Any = app  # Dash's types know of Flask alone
    dash = Dash(
        "wardline",
        server=server,
        assets_folder=str(_ASSETS),
        title="Wardline",
        update_title="",
        serve_locally=True,
        suppress_callback_exceptions=True,
    )
    dash.layout = frame.frame
    _callbacks(dash, marts, contracts)
    return dash


def _callbacks(dash: Dash, marts: Marts, contracts: Mapping[str, MartContract]) -> None:
    @dash.callback(
        Output("page", "children"),
        Output("stamp", "children"),
        Output("pages", "children"),
        Input("url", "pathname"),
        Input("url", "search"),
        Input("published", "data"),
    )
    def show(path: str, search: str, _: Any) -> Any:
        try:
            with _reading(marts) as (connection, publication):
                view = read_view(path, search, _last_day(publication))
                page = _BY_PATH.get(view.path, PAGES[0])
                content = _content(page, view, _reader(connection), contracts)
        except DatabaseUnavailableError:
            return frame.nothing(frame.UNREACHABLE), [], no_update
        except NothingPublishedError:
            return frame.nothing(frame.NOT_PUBLISHED), [], no_update
        return (
            content,
            layout.stamp(publication, datetime.now(UTC)),
            frame.pages(PAGES, view),
        )

    @dash.callback(
        Output("filters", "children"),
        Input("url", "pathname"),
        Input("url", "search"),
        Input("published", "data"),
        State({"filter": ALL}, "value"),
        State({"filter": ALL}, "start_date"),
        State({"filter": ALL}, "end_date"),
    )
    def show_filters(path: str, search: str, *_: Any) -> Any:
        try:
            with _reading(marts) as (connection, publication):
                view = read_view(path, search, _last_day(publication))
                page = _BY_PATH.get(view.path, PAGES[0])
                shown = [it for group in ctx.states_list for it in group]
                is_own = ctx.triggered_prop_ids.keys() == {"url.search"}
                if is_own and shown and chosen_view(view, shown) == view:
                    return no_update  # leave the viewer the focus where it is
                return frame.filters(
                    page,
                    view,
                    ask(connection, "filter_branches"),
                    ask(connection, "filter_departments"),
                )
        except (DatabaseUnavailableError, NothingPublishedError):
            return []

    @dash.callback(
        Output("url", "search"),
        Input({"filter": ALL}, "value"),
        Input({"filter": ALL}, "start_date"),
        Input({"filter": ALL}, "end_date"),
        Input({"choice": ALL, "default": ALL}, "value"),
        State("url", "pathname"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def choose(
        _values: Any, _starts: Any, _ends: Any, _choices: Any, path: str, search: str
    ) -> Any:
        try:
            with _reading(marts) as (_, publication):
                view = read_view(path, search, _last_day(publication))
        except (DatabaseUnavailableError, NothingPublishedError):
            return no_update
        chosen = chosen_view(view, [it for group in ctx.inputs_list for it in group])
        return no_update if chosen == view else chosen.search


def chosen_view(view: View, inputs: Sequence[Mapping[str, Any]]) -> View:
    """The view after a viewer used a filter or a choice.

    Args:
        view: as it was.
        inputs: Dash's inputs, each with `id`, `property` and `value`.
    """
    choices = dict(view.choices)
    for one in inputs:
        identity, value = one["id"], one.get("value")
        if identity.get("filter") == "period":
            day = value and date.fromisoformat(value[:10])
            if day and one["property"] == "start_date":
                view = replace(view, date_from=day)
            elif day and one["property"] == "end_date":
                view = replace(view, date_to=day)
        elif "filter" in identity:
            if one["property"] == "value":
                column = f"{identity['filter']}_key"
                changes: dict[str, Any] = {column: value}
                view = replace(view, **changes)
        elif value == identity["default"]:
            choices.pop(identity["choice"], None)
        else:
            choices[identity["choice"]] = str(value)
    return replace(view, choices=choices)


def _content(
    page: Page, view: View, read: Reader, contracts: Mapping[str, MartContract]
) -> list[Any]:
    parts: list[Any] = [html.H1(page.title)]
    if page.about:
        parts.append(html.P(page.about, className="lead"))
    if page.tiles is not None:
        parts.append(
            html.Div(
                [layout.tile(it, contracts) for it in page.tiles(read, view)],
                className="tiles",
            )
        )
    parts.append(
        html.Div(
            [layout.panel(it, view, contracts) for it in page.panels(read, view)],
            className="panels",
        )
    )
    return parts


@contextmanager
def _reading(marts: Marts) -> Iterator[tuple[Connection[Any], Publication]]:
    with marts.read(current_role.get()) as connection:
        publication = current_publication(connection)
        if publication is None:
            raise NothingPublishedError
        yield connection, publication


def _reader(connection: Connection[Any]) -> Reader:
    def read(query: str, **parameters: Any) -> list[dict[str, Any]]:
        return ask(connection, query, parameters)

    return read


def _last_day(publication: Publication) -> date:
    return (publication.as_of or publication.published_at).date()


def _csv(marts: Marts) -> APIRouter:
    """`/dashboard/csv/<page>/<panel>.csv`: a panel's table, as it is shown."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/dashboard/csv/{page}/{panel}.csv")
    def download(page: str, panel: str, request: HttpRequest) -> Response:
        found = _BY_PATH.get("/" if page == "today" else f"/{page}")
        if found is None:
            raise ProblemError(404, "There is no such page.")
        try:
            with _reading(marts) as (connection, publication):
                view = read_view(found.path, request.url.query, _last_day(publication))
                panels = found.panels(_reader(connection), view)
        except NothingPublishedError:
            raise ProblemError(404, "Nothing has been published yet.") from None
        for one in panels:
            if one.key == panel:
                return Response(
                    one.csv(),
                    media_type="text/csv; charset=utf-8",
                    headers={
                        "Content-Disposition": f'attachment; filename="{panel}.csv"',
                        "Cache-Control": "no-store",
                    },
                )
        raise ProblemError(404, "There is no such panel.")

    return routes
