"""What a caller may ask of a mart, made from its contract: one parameter a column.

Belongs here: the parameters and the SQL conditions they stand for. Unknown ones are
refused, since a filter that is ignored gives a wrong figure.
"""

from datetime import date, datetime
from typing import Annotated, Any, Literal, get_args, get_origin

from fastapi import Depends, Query, Request
from fastapi.exceptions import RequestValidationError
from psycopg import sql
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    NaiveDatetime,
    StringConstraints,
    WithJsonSchema,
    create_model,
)

from serving.contracts import Column, MartContract

MAX_ROWS = 10_000
DEFAULT_ROWS = 1_000
# PostgreSQL holds no NUL in a text, and no key is longer.
Text = Annotated[str, StringConstraints(max_length=500, pattern=r"^[^\x00]*$")]
# PostgreSQL would pass over an offset; the format date-time asks for one.
LocalTime = Annotated[
    NaiveDatetime, WithJsonSchema({"type": "string", "format": "date-time-local"})
]


class Parameters(BaseModel):
    """What every mart takes; the filters of its columns come on top."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(DEFAULT_ROWS, ge=1, le=MAX_ROWS, description="Rows of a page.")
    cursor: str | None = Field(
        None, description="Where the page begins: `next` of the page before."
    )
    format: Literal["json", "csv"] = Field(
        "json", description="csv streams all rows, and takes no limit and no cursor."
    )

    @property
    def chosen(self) -> list[str] | None:
        """The columns to return; None: all."""
        chosen: list[str] | None = getattr(self, "columns", None)
        return chosen

    @property
    def ordering(self) -> list[str]:
        """What to order by, a minus sign in front turns one round."""
        return getattr(self, "order", None) or []

    def conditions(self, mart: MartContract) -> list[sql.Composable]:
        """The filters that were given, as SQL conditions."""
        found: list[sql.Composable] = []
        for column in mart.columns:
            name = sql.Identifier(column.name)
            if column.python_type in (date, datetime):
                for suffix, sign in (("from", ">="), ("to", "<=")):
                    bound = getattr(self, f"{column.name}_{suffix}")
                    if bound is not None:
                        found.append(
                            sql.SQL("{} {} cast({} as {})").format(
                                name,
                                sql.SQL(sign),
                                sql.Literal(bound.isoformat()),
                                sql.SQL(column.data_type),
                            )
                        )
            elif column.python_type in _EQUALS:
                values = getattr(self, column.name)
                if values is not None:
                    found.append(
                        sql.SQL("{} = any({})").format(name, sql.Literal(values))
                    )
        return found


_EQUALS: dict[type, Any] = {str: Text, bool: bool}


def parameters_of(mart: MartContract) -> type[Parameters]:
    """The parameters of one mart.

    A date or moment gets `_from` and `_to`, both inclusive; a text, a key among them,
    and a yes or no are named as their column and may be given several times.
    """
    names: Any = Literal[mart.names]
    directions: Any = Literal[(*mart.names, *(f"-{it}" for it in mart.names))]
    fields: dict[str, Any] = {
        "columns": (
            list[names] | None,
            Field(None, description="Only these columns; may be given several times."),
        ),
        "order": (
            list[directions] | None,
            Field(
                None,
                description="Columns to order by, in this order; a minus sign in front "
                "turns one round. The mart's grain decides what is left.",
            ),
        ),
    }
    for column in mart.columns:
        kind: Any = column.python_type
        if kind in (date, datetime):
            told = ""
            if column.is_local_time:
                kind, told = LocalTime, "; local time, without an offset"
            for suffix, word in (("from", "later"), ("to", "earlier")):
                fields[f"{column.name}_{suffix}"] = (
                    kind | None,
                    Field(
                        None,
                        description=f"Only rows of this {column.name} or {word}{told}.",
                    ),
                )
        elif kind in _EQUALS:
            one: Any = _EQUALS[kind]
            fields[column.name] = (
                list[one] | None,
                Field(None, max_length=100, description=_described(column)),
            )
    name = "".join(part.title() for part in mart.name.split("_")) + "Parameters"
    made: type[Parameters] = create_model(name, __base__=Parameters, **fields)
    return made


def _described(column: Column) -> str:
    return f"Only rows with one of these. {column.description}"


def no_parameters(request: Request) -> None:
    """The dependency of a route that takes no parameters.

    Raises:
        RequestValidationError: some were given.
    """
    given = [
        {"type": "extra_forbidden", "loc": ("query", it)} for it in request.query_params
    ]
    if given:
        raise RequestValidationError(given)


def query_of(model: type[BaseModel]) -> Any:
    """The annotation by which FastAPI reads the model from the query.

    FastAPI takes the last of what is given several times; here that is refused of all
    but lists.
    """
    once = [
        name for name, it in model.model_fields.items() if not _is_list(it.annotation)
    ]

    def read(request: Request, asked: BaseModel) -> BaseModel:
        repeated = [
            {"type": "repeated", "loc": ("query", it)}
            for it in once
            if len(request.query_params.getlist(it)) > 1
        ]
        if repeated:
            raise RequestValidationError(repeated)
        return asked

    read.__annotations__["asked"] = Annotated[model, Query()]
    return Annotated[model, Depends(read)]


def _is_list(annotation: Any) -> bool:
    return any(get_origin(it) is list for it in (annotation, *get_args(annotation)))
