"""The dashboard put together: Dash on the server's app, and its callbacks.

What a page shows stands in pages/, how it looks in layout.py and frame.py.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from anyio import to_thread
from dash import Dash, Input, Output, State, ctx, no_update
from fastapi import FastAPI

from serving.contracts import MartContract
from serving.dashboard import data_docs, downloads, events, frame, layout
from serving.dashboard.choosing import chosen_view, settled
from serving.dashboard.content import content
from serving.dashboard.pages import PAGES
from serving.dashboard.reading import NothingPublishedError, reading
from serving.dashboard.view import read_view
from serving.database import ASKED_TOO_MUCH, Marts

_ASSETS = Path(__file__).with_name("assets")
_BY_PATH = {page.path: page for page in PAGES}


def install(
    app: FastAPI,
    marts: Marts,
    contracts: Mapping[str, MartContract],
    *,
    currency: str,
    docs: Path | None = None,
) -> Dash:
    """Put the dashboard on an app, at the root.

    Args:
        app: of the server.
        marts: that the pages read.
        contracts: of them, for the definitions.
        currency: the unit of all amounts, such as `EUR`.
        docs: the folder of the gates' own pages; None: there are none.
    """
    app.include_router(data_docs.router(docs))
    app.include_router(events.router(marts))
    app.include_router(downloads.router(marts, _BY_PATH, currency))
    server: Any = app  # Dash's types know of Flask alone
    dash = Dash(
        "wardline",
        server=server,
        assets_folder=str(_ASSETS),
        title="Wardline",
        update_title="",
        serve_locally=True,
        index_string=frame.DOCUMENT,
        suppress_callback_exceptions=True,
    )
    dash.layout = frame.frame
    _callbacks(dash, marts, contracts, currency, docs)
    # Dash would wait for a request of its own front page, and serve whoever comes first
    # by the link of another page without styles and scripts.
    dash._setup_server()  # type: ignore[no-untyped-call]
    return dash


def _callbacks(
    dash: Dash,
    marts: Marts,
    contracts: Mapping[str, MartContract],
    currency: str,
    docs: Path | None,
) -> None:
    # Dash runs a callback on the loop of the whole server, where nobody else would be
    # answered until it is done. What fails here leaves as a status, of which
    # assets/asking.js makes what the page then says.
    @dash.callback(
        Output("page", "children"),
        Output("stamp", "children"),
        Output("pages", "children"),
        Output("filters", "data-controls"),
        Output("shown", "data"),
        Input("url", "pathname"),
        Input("url", "search"),
        Input("published", "data"),
        State("shown", "data"),
    )
    async def show(path: str, search: str, published: Any, shown: str | None) -> Any:
        if _is_known(published, shown):
            return [no_update] * 5
        return await to_thread.run_sync(shown_page, path, search)

    def shown_page(path: str, search: str) -> Any:
        try:
            with reading(marts, currency, docs) as read:
                view = read_view(path, search, read.last_day)
                page = _BY_PATH.get(view.path, PAGES[0])
                return (
                    content(page, view, read, contracts),
                    layout.stamp(read.publication, datetime.now(UTC)),
                    frame.pages(PAGES, view),
                    frame.filters(page, view, read),
                    read.publication.identity,
                )
        except NothingPublishedError:
            return frame.nothing(frame.NOT_PUBLISHED), [], no_update, "[]", None
        except ASKED_TOO_MUCH:
            return frame.nothing(frame.TOO_LONG), *[no_update] * 3, None

    @dash.callback(
        Output("url", "search"),
        Input("used", "data"),
        State("url", "pathname"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    async def choose(used: Any, path: str, search: str) -> Any:
        return await to_thread.run_sync(chosen_search, used, path, search)

    def chosen_search(used: Any, path: str, search: str) -> Any:
        try:
            with reading(marts) as read:
                view = read_view(path, search, read.last_day)
                chosen = chosen_view(
                    view, str(used["name"]), str(used["value"]), read.last_day
                )
                if chosen.branch_key != view.branch_key:
                    chosen = settled(chosen, read("filter_departments"))
        except NothingPublishedError:
            return no_update
        return no_update if chosen == view else chosen.search


def _is_known(published: Any, shown: str | None) -> bool:
    """Whether a page was told of nothing but the publication that it shows."""
    return (
        ctx.triggered_prop_ids.keys() == {"published.data"}
        and shown is not None
        and bool(published)
        and published.get("publication") == shown
    )
