"""Pages by key: the place after the last row, not a count of rows to skip.

Belongs here: order, position and the condition that continues a page. A page costs the
same wherever it is, and rows that a publication adds or takes away shift nothing.
"""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import sql

from serving.api.problems import ProblemError
from serving.contracts import Column, MartContract

_CURSOR_LENGTH_LIMIT = 4096


@dataclass(frozen=True)
class Ordering:
    """One column to order by."""

    column: Column
    is_descending: bool = False

    @property
    def token(self) -> str:
        """As a caller writes it: `-date_day`."""
        return f"{'-' if self.is_descending else ''}{self.column.name}"


def parse_order(tokens: Sequence[str], mart: MartContract) -> list[Ordering]:
    """What to order by: the asked columns, then the grain, so that no two rows tie.

    Raises:
        ProblemError: one column is named twice.
    """
    orders = [
        Ordering(mart.column(token.removeprefix("-")), token.startswith("-"))
        for token in tokens
    ]
    named = {it.column.name for it in orders}
    if len(named) < len(orders):
        raise ProblemError(422, "order: a column is named twice.")
    return orders + [
        Ordering(mart.column(name)) for name in mart.grain if name not in named
    ]


def order_by(orders: Sequence[Ordering]) -> sql.Composed:
    """The columns and directions for `order by`; nulls last when ascending."""
    return sql.SQL(", ").join(
        sql.SQL("{} {}").format(
            sql.Identifier(it.column.name),
            sql.SQL("desc" if it.is_descending else "asc"),
        )
        for it in orders
    )


def after(orders: Sequence[Ordering], position: Sequence[Any]) -> sql.Composable:
    """The condition that a row comes after a position, in the given order.

    PostgreSQL sorts nulls as greater than all else, and so does this.
    """
    if all(it.column.is_required and not it.is_descending for it in orders):
        # one row comparison, which an index on the grain serves
        names = sql.SQL(", ").join(sql.Identifier(it.column.name) for it in orders)
        return sql.SQL("({}) > ({})").format(
            names,
            sql.SQL(", ").join(
                _value(it.column, value)
                for it, value in zip(orders, position, strict=True)
            ),
        )
    first, value = orders[0], position[0]
    name, same = sql.Identifier(first.column.name), _value(first.column, value)
    if value is None:
        beyond: sql.Composable = (
            sql.SQL("{} is not null").format(name)
            if first.is_descending
            else sql.SQL("false")
        )
        equal = sql.SQL("{} is null").format(name)
    elif first.is_descending:
        beyond = sql.SQL("{} < {}").format(name, same)
        equal = sql.SQL("{} = {}").format(name, same)
    else:
        beyond = sql.SQL("({0} > {1} or {0} is null)").format(name, same)
        equal = sql.SQL("{} = {}").format(name, same)
    if len(orders) == 1:
        return beyond
    return sql.SQL("({} or ({} and {}))").format(
        beyond, equal, after(orders[1:], position[1:])
    )


def write_cursor(orders: Sequence[Ordering], position: Sequence[Any]) -> str:
    """A position as a token for the next page; `position` as PostgreSQL's JSON."""
    content = json.dumps([[it.token for it in orders], list(position)])
    return base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")


def read_cursor(token: str, orders: Sequence[Ordering]) -> list[Any]:
    """The position that a token holds.

    Raises:
        ProblemError: it is not a token of this order.
    """
    wrong = ProblemError(
        422, "cursor: not one of this list; take it from `next` and change nothing."
    )
    if len(token) > _CURSOR_LENGTH_LIMIT:
        raise wrong
    try:
        padded = token + "=" * (-len(token) % 4)
        content = base64.b64decode(padded.encode(), altchars=b"-_", validate=True)
        names, position = json.loads(content)
    except (ValueError, TypeError, binascii.Error, RecursionError):
        raise wrong from None
    if names != [it.token for it in orders] or not isinstance(position, list):
        raise wrong
    if len(position) != len(orders) or not all(map(_is_scalar, position)):
        raise wrong
    if any(isinstance(it, str) and "\0" in it for it in position):
        raise wrong
    return position


def _is_scalar(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float | bool)


def _value(column: Column, value: Any) -> sql.Composed:
    text = value if value is None else str(value)
    return sql.SQL("cast({} as {})").format(
        sql.Literal(text), sql.SQL(column.data_type)
    )
