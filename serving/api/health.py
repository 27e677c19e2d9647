"""Whether the server works, what is published, and what it has counted."""

from datetime import datetime
from typing import Any, Literal

from fastapi import APIRouter, Depends, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel, Field

from serving.api.access import CallerOf
from serving.api.filters import no_parameters
from serving.api.freshness import fresh
from serving.api.problems import ProblemError, responses
from serving.database import (
    DatabaseUnavailableError,
    Marts,
    Publication,
    ask,
    current_publication,
)

_UNCHANGED: dict[int | str, dict[str, Any]] = {
    304: {"description": "Nothing was published since."}
}


class Health(BaseModel):
    """Whether the warehouse answers, and has something to read."""

    status: Literal["ready", "nothing published", "warehouse unreachable"]


class Published(BaseModel):
    """What the marts hold now: the data-as-of stamp."""

    publication_id: int
    published_at: datetime
    as_of: str | None = Field(
        description="The latest moment that the data speak for, in hospital time."
    )
    rows_changed: int = Field(description="Rows written or removed by it.")
    gate_warnings: int = Field(description="Warnings of the gates that were let pass.")
    is_complete: bool = Field(description="Whether every batch was accepted.")


def router(marts: Marts) -> APIRouter:
    """`/health` and `/metrics`, which need no key and tell nothing of patients."""
    routes = APIRouter(tags=["operation"])

    @routes.get("/health", responses={503: {"model": Health}})
    def health(response: Response) -> Health:
        """200 while the published marts can be read, 503 otherwise."""
        try:
            with marts.read() as connection:
                published = current_publication(connection)
        except DatabaseUnavailableError:
            response.status_code = 503
            return Health(status="warehouse unreachable")
        return Health(status="ready" if published else "nothing published")

    @routes.get(
        "/metrics",
        response_class=Response,
        responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
    )
    def metrics(request: Request) -> Response:
        """Counters in Prometheus' text format."""
        published: Publication | None = None
        runs, alerts = [], []
        is_up = True
        try:
            with marts.read() as connection:
                published = current_publication(connection)
            with marts.read(None) as connection:
                runs = ask(connection, "last_run")
                alerts = ask(connection, "open_alerts")
        except DatabaseUnavailableError:
            is_up = False
        text = request.app.state.metrics.text(
            published,
            is_up=is_up,
            last_run=next(iter(runs), None),
            open_alerts={it["kind"]: it["alerts"] for it in alerts},
        )
        return Response(text, media_type=CONTENT_TYPE_LATEST)

    return routes


def publication_router(marts: Marts) -> APIRouter:
    """`/publication`: what is published, for whoever waits for it."""
    routes = APIRouter(tags=["publication"])

    @routes.get(
        "/publication",
        dependencies=[Depends(no_parameters)],
        response_model=Published,
        responses=responses(401, 404, 422, 429, 503) | _UNCHANGED,
    )
    def publication(request: Request, response: Response, caller: CallerOf) -> object:
        """The publication that all answers come from until the next one."""
        with marts.read(caller.role) as connection:
            found = current_publication(connection)
        if found is None:
            raise ProblemError(404, "Nothing has been published yet.")
        headers = fresh(request, found, caller)
        if headers.is_known:
            return Response(status_code=304, headers=headers.fields)
        response.headers.update(headers.fields)
        return Published(
            publication_id=found.publication_id,
            published_at=found.published_at,
            as_of=found.as_of.isoformat() if found.as_of else None,
            rows_changed=found.rows_changed,
            gate_warnings=found.gate_warnings,
            is_complete=found.is_complete,
        )

    return routes
