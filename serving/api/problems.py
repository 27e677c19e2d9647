"""Errors as problem details (RFC 9457): what was wrong, where, and what to do.

Only the shape of errors; who raises them stands where they are raised.
"""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from psycopg import Error
from psycopg.errors import InsufficientPrivilege
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from serving.database import ASKED_TOO_MUCH, DatabaseUnavailableError

log = logging.getLogger("wardline.api")
MEDIA_TYPE = "application/problem+json"
# By the type of error, where pydantic's own words do not say what to do.
_REASONS: Mapping[str, str] = {
    "extra_forbidden": "There is no such parameter.",
    "repeated": "It may be given only once.",
    "timezone_naive": "A local time is without an offset: 2026-02-28T23:00:00.",
}


class ProblemDetails(BaseModel):
    """What an error looks like (RFC 9457, section 3)."""

    type: str = Field("about:blank", description="What kind of problem it is.")
    title: str = Field(description="The kind of problem in words.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="What was wrong, and what to do.")
    errors: list[dict[str, str]] | None = Field(
        None, description="Each parameter that is wrong, and why."
    )


class ProblemError(Exception):
    """Something that the caller has to know: a status and a sentence."""

    def __init__(self, status: int, detail: str, **headers: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = {name.replace("_", "-"): it for name, it in headers.items()}


def answer(
    status: int,
    detail: str,
    headers: dict[str, str] | None = None,
    errors: list[dict[str, str]] | None = None,
) -> JSONResponse:
    """The response that tells of a problem."""
    problem = ProblemDetails(
        type="about:blank",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        errors=errors,
    )
    return JSONResponse(
        problem.model_dump(exclude_none=True),
        status,
        headers=headers,
        media_type=MEDIA_TYPE,
    )


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The documented problems of a route, for OpenAPI."""
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {
                MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}
            },
        }
        for status in statuses
    }


def describe(schema: dict[str, Any]) -> dict[str, Any]:
    """An OpenAPI document with the shape that `responses` refers to."""
    shapes = schema.setdefault("components", {}).setdefault("schemas", {})
    shapes["ProblemDetails"] = ProblemDetails.model_json_schema()
    return schema


def install(app: FastAPI) -> None:
    """Let every error of the app leave as problem details, without a value in it."""

    @app.exception_handler(ProblemError)
    def _problem(_: Request, problem: ProblemError) -> JSONResponse:
        return answer(problem.status, problem.detail, problem.headers)

    @app.exception_handler(HTTPException)
    def _http(_: Request, error: HTTPException) -> JSONResponse:
        return answer(error.status_code, str(error.detail), dict(error.headers or {}))

    @app.exception_handler(RequestValidationError)
    def _invalid(_: Request, invalid: RequestValidationError) -> JSONResponse:
        errors = [
            # (where, parameter, and the place in it if it may be given several times)
            {"parameter": str(it["loc"][:2][-1]), "reason": _reason(it)}
            for it in invalid.errors()
        ]
        named = ", ".join(sorted({it["parameter"] for it in errors}))
        return answer(422, f"The request is not understood: {named}.", errors=errors)

    @app.exception_handler(DatabaseUnavailableError)
    def _unavailable(_: Request, __: DatabaseUnavailableError) -> JSONResponse:
        detail = "The warehouse does not answer; try again in a few seconds."
        return answer(503, detail, {"Retry-After": "5"})

    @app.exception_handler(Error)
    def _database(_: Request, error: Error) -> JSONResponse:
        # What PostgreSQL says may quote a value, so only its kind is told.
        if isinstance(error, ASKED_TOO_MUCH):
            return answer(504, "The question took too long; narrow it by a filter.")
        if isinstance(error, InsufficientPrivilege):
            return answer(403, "This key's role may not read that.")
        if error.sqlstate and error.sqlstate.startswith("22"):
            return answer(422, "A value is out of the range that its column can hold.")
        log.error("%s (%s)", type(error).__name__, error.sqlstate)
        return answer(500, "The question could not be answered; see the server's log.")


def _reason(error: Any) -> str:
    return _REASONS.get(error["type"]) or str(error["msg"])
