"""The routes of the marts: one list of them, and one route each, from the contracts.

What rows are and how pages continue stands in rows.py and paging.py.
"""

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import ExitStack
from datetime import date, datetime
from decimal import Decimal
from itertools import chain
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field, create_model

from serving.api import rows
from serving.api.access import Caller, CallerOf
from serving.api.downloads import Download, Downloads
from serving.api.filters import (
    Parameters,
    no_parameters,
    parameters_of,
    query_of,
)
from serving.api.freshness import fresh
from serving.api.problems import ProblemError, responses
from serving.contracts import Column, MartContract
from serving.database import Marts, current_publication


class ColumnOfMart(BaseModel):
    """A column as it is promised."""

    name: str
    data_type: str
    description: str
    unit: str | None = Field(description="Of a measure.")
    is_additive_over_time: bool | None = Field(
        description="Whether a measure may be summed over time."
    )


class MartOfList(BaseModel):
    """A mart as it is promised."""

    name: str
    description: str
    grain: list[str] = Field(description="The columns that name one row.")
    columns: list[ColumnOfMart]


def router(contracts: Mapping[str, MartContract], marts: Marts) -> APIRouter:
    """The list of marts, and a route for the rows of each."""
    routes = APIRouter(prefix="/marts", tags=["marts"])
    downloads = Downloads()

    @routes.get(
        "",
        dependencies=[Depends(no_parameters)],
        responses=responses(401, 422, 429, 503),
    )
    def list_marts(_: CallerOf) -> list[MartOfList]:
        """Every published mart with its grain and columns."""
        return [_listed(mart) for mart in contracts.values()]

    for mart in contracts.values():
        routes.add_api_route(
            f"/{mart.name}",
            _rows_of(mart, marts, downloads),
            name=mart.name,
            summary=mart.name,
            description=mart.description,
            response_class=Response,
            responses=_documented(mart),
        )
    return routes


def _documented(mart: MartContract) -> dict[int | str, dict[str, Any]]:
    """The answers of a mart's route, for OpenAPI."""
    rows_found: dict[str, Any] = {
        "model": _page_of(mart),
        "description": "A page of rows; as csv all of them.",
        "content": {"text/csv": {"schema": {"type": "string"}}},
        "headers": {
            "ETag": {
                "description": "The publication and what the caller sees.",
                "schema": {"type": "string"},
            }
        },
    }
    unchanged: dict[str, Any] = {"description": "Nothing was published since."}
    return {200: rows_found, 304: unchanged} | responses(
        401, 403, 404, 422, 429, 503, 504
    )


def _rows_of(
    mart: MartContract, marts: Marts, downloads: Downloads
) -> Callable[..., Response]:
    parameters = parameters_of(mart)

    def read(
        request: Request,
        caller: Caller,
        asked: Parameters,
    ) -> Response:
        question = rows.understand(mart, asked)
        with ExitStack() as opened:
            connection = opened.enter_context(marts.read(caller.role))
            publication = current_publication(connection)
            if publication is None:
                raise ProblemError(404, "Nothing has been published yet.")
            headers = fresh(request, publication, caller)
            if headers.is_known:
                return Response(status_code=304, headers=headers.fields)
            if asked.format == "json":
                body = b"".join(rows.json_page(connection, question))
                return Response(body, 200, headers.fields, "application/json")
            opened.enter_context(downloads.one_more())
            lines = rows.csv_rows(connection, question)
            # the first lines now, so that an error is still an answer and no torn file
            begun = [next(lines)]
            opened_until_read = opened.pop_all()
        return Download(
            _closing(opened_until_read, chain(begun, lines)),
            headers.fields
            | {"Content-Disposition": f'attachment; filename="{mart.name}.csv"'},
            "text/csv; charset=utf-8; header=present",
        )

    read.__annotations__ |= {"caller": CallerOf, "asked": query_of(parameters)}
    return read


def _closing(opened: ExitStack, parts: Iterator[bytes]) -> Generator[bytes]:
    with opened:
        yield from parts


def _listed(mart: MartContract) -> MartOfList:
    return MartOfList(
        name=mart.name,
        description=mart.description,
        grain=list(mart.grain),
        columns=[
            ColumnOfMart(
                name=it.name,
                data_type=it.data_type,
                description=it.description,
                unit=it.unit,
                is_additive_over_time=it.is_additive_over_time,
            )
            for it in mart.columns
        ],
    )


def _page_of(mart: MartContract) -> type[BaseModel]:
    """The shape of a page, for OpenAPI alone: PostgreSQL writes the answer."""
    name = "".join(part.title() for part in mart.name.split("_"))
    fields: dict[str, Any] = {
        it.name: (_shown(it), Field(None, description=_told(it))) for it in mart.columns
    }
    row: Any = create_model(name, __doc__=mart.description, **fields)
    return create_model(
        f"{name}Page",
        rows=(list[row], Field(description="In the order that was asked for.")),
        next=(
            str | None,
            Field(description="The `cursor` of the next page; null on the last."),
        ),
    )


def _shown(column: Column) -> Any:
    kind = column.python_type
    shown: Any = float if kind is Decimal else kind
    if kind in (date, datetime):
        shown = date if kind is date else str
    return shown | None


def _told(column: Column) -> str:
    unit = f" Unit: {column.unit}." if column.unit else ""
    summed = {
        None: "",
        True: " May be summed over time.",
        False: " Must not be summed over time.",
    }[column.is_additive_over_time]
    return f"{column.description}{unit}{summed}"
