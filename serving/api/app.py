"""The API put together: its routes, its errors, its log and its counters.

What each route does stands in its own module.
"""

import logging
from collections.abc import Mapping
from importlib.metadata import version
from time import perf_counter

from fastapi import APIRouter, FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.api import health, kpis, marts, problems
from serving.api.access import Gatekeeper
from serving.api.freshness import shape_of
from serving.api.metrics import Metrics
from serving.api.problems import ProblemError
from serving.contracts import MartContract
from serving.database import Marts

log = logging.getLogger("wardline.api")
PREFIX = "/api/v1"
_ABOUT = (
    "The published marts of the hospital's warehouse, read only. Each answer comes from"
    " one publication, which its ETag names. Measures are defined in docs/measures.md;"
    " rates are never averaged: sum their parts and divide."
)


def install(
    app: FastAPI,
    database: Marts,
    contracts: Mapping[str, MartContract],
    gatekeeper: Gatekeeper,
) -> None:
    """Put the API's routes, errors and counters on an app."""
    app.title, app.version = "Wardline", version("wardline")
    app.description = _ABOUT
    app.state.gatekeeper = gatekeeper
    app.state.shape = shape_of(contracts)
    problems.install(app)
    app.state.metrics = Metrics()
    routes = APIRouter(prefix=PREFIX)
    routes.include_router(marts.router(contracts, database))
    routes.include_router(kpis.router(database))
    routes.include_router(health.publication_router(database))
    app.include_router(routes)
    app.include_router(_nowhere())
    document = app.openapi
    app.openapi = lambda: problems.describe(document())  # type: ignore[method-assign]
    app.include_router(health.router(database))


def watch(app: FastAPI) -> None:
    """Count and log whatever is answered; last, so that refusals are seen as well."""
    app.add_middleware(_Watch, metrics=app.state.metrics)


def _nowhere() -> APIRouter:
    """Whatever else begins like the API: a 404 of its own, not a page."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/api/{path:path}")
    def nothing(path: str) -> None:
        raise ProblemError(404, f"There is no /api/{path}; see /openapi.json.")

    return routes


class _Watch:
    """Counts and logs each answered request; a plain ASGI middleware, for streams."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = perf_counter(), 500

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            seconds = perf_counter() - began
            route = _pattern(scope)
            caller = scope.get("state", {}).get("caller", "-")
            self._metrics.count(scope["method"], route, status, seconds)
            log.info(
                "%s %s %d %.0f ms %s",
                scope["method"],
                route,
                status,
                1000 * seconds,
                caller,
            )


def _pattern(scope: Scope) -> str:
    """The route, never what was filled in or asked: that may be a patient's key."""
    pattern = getattr(scope.get("route"), "path", None)
    if pattern is None:
        return "unknown"
    # a route of a router within a router knows its last part alone
    is_fixed = "{" not in pattern and scope["path"].endswith(pattern)
    return str(scope["path"] if is_fixed else pattern)
