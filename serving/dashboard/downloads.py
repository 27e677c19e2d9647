"""The CSV of each panel: its table, as it is shown.

`/dashboard/csv/<page>/<panel>.csv`, with the page's own filters behind it.
"""

from collections.abc import Mapping

from fastapi import APIRouter
from fastapi import Request as HttpRequest
from fastapi.responses import Response

from serving.api.problems import ProblemError
from serving.dashboard.panels import Page
from serving.dashboard.reading import NothingPublishedError, reading
from serving.dashboard.view import read_view
from serving.database import Marts


def router(marts: Marts, pages: Mapping[str, Page], currency: str) -> APIRouter:
    """The downloads of some pages by their paths."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/dashboard/csv/{page}/{panel}.csv")
    def download(page: str, panel: str, request: HttpRequest) -> Response:
        found = pages.get("/" if page == "today" else f"/{page}")
        if found is None:
            raise ProblemError(404, "There is no such page.")
        try:
            with reading(marts, currency) as read:
                view = read_view(found.path, request.url.query, read.last_day)
                panels = found.panels(read, view)
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
