"""The rows of one mart: the SQL, a page as JSON, all of it as streamed CSV.

PostgreSQL writes the JSON and the CSV itself; nothing is held in memory but a page.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import Connection, sql

from serving.api.downloads import LONGEST_SECONDS
from serving.api.filters import Parameters
from serving.api.paging import (
    Ordering,
    after,
    order_by,
    parse_order,
    read_cursor,
    write_cursor,
)
from serving.api.problems import ProblemError
from serving.contracts import MartContract

_CHUNK_BYTES = 64 * 1024


@dataclass(frozen=True)
class Request:
    """One question to one mart, understood."""

    mart: MartContract
    columns: tuple[str, ...]
    orders: list[Ordering]
    conditions: list[sql.Composable]
    limit: int

    def select(self, columns: sql.Composable, limit: int | None) -> sql.Composed:
        """The statement that returns `columns` of the rows in question."""
        where = sql.SQL(" and ").join([sql.SQL("true"), *self.conditions])
        statement = sql.SQL("select {} from {} as mart where {} order by {}").format(
            columns,
            sql.Identifier("marts", self.mart.name),
            where,
            order_by(self.orders),
        )
        if limit is None:
            return statement
        return sql.SQL("{} limit {}").format(statement, sql.Literal(limit))


def understand(mart: MartContract, asked: Parameters) -> Request:
    """Turn parameters into a question.

    Raises:
        ProblemError: a column named twice, a cursor of another list, or pages of csv.
    """
    columns = tuple(asked.chosen or mart.names)
    if len(set(columns)) < len(columns):
        raise ProblemError(422, "columns: one is named twice.")
    orders = parse_order(asked.ordering, mart)
    conditions = asked.conditions(mart)
    if asked.format == "csv":
        for name in ("limit", "cursor"):
            if name in asked.model_fields_set:
                raise ProblemError(
                    422, f"{name}: csv streams all rows and has no pages; leave it out."
                )
    if asked.cursor is not None:
        conditions.append(after(orders, read_cursor(asked.cursor, orders)))
    return Request(mart, columns, orders, conditions, asked.limit)


def json_page(connection: Connection[Any], request: Request) -> Iterator[bytes]:
    """A page as one JSON object: `rows`, and `next` where there are more."""
    listed = _listed(request.columns)
    columns = sql.SQL(
        "(select row_to_json(chosen) from (select {}) as chosen)::text, {}::text"
    ).format(listed, _position(request.orders))
    found = connection.execute(request.select(columns, request.limit + 1)).fetchall()
    page = found[: request.limit]
    following = None
    if len(found) > len(page):
        following = write_cursor(request.orders, json.loads(page[-1][1]))
    yield b'{"rows":['
    yield ",".join(row for row, _ in page).encode()
    yield b'],"next":' + json.dumps(following).encode() + b"}"


def csv_rows(connection: Connection[Any], request: Request) -> Iterator[bytes]:
    """All rows as CSV with a header line, as PostgreSQL writes it (RFC 4180)."""
    # how long it takes is up to how fast the caller reads
    connection.execute(f"set local statement_timeout = '{LONGEST_SECONDS}s'")
    statement = sql.SQL("copy ({}) to stdout (format csv, header)").format(
        request.select(_listed(request.columns), None)
    )
    with connection.cursor() as cursor, cursor.copy(statement) as rows:
        waiting = bytearray()
        for row in rows:
            waiting += row
            if len(waiting) >= _CHUNK_BYTES:
                yield bytes(waiting)
                waiting.clear()
        yield bytes(waiting)


def _listed(names: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier("mart", name) for name in names)


def _position(orders: Sequence[Ordering]) -> sql.Composed:
    # as text, so that no digit of a number is lost on its way through JSON
    return sql.SQL("json_build_array({})").format(
        sql.SQL(", ").join(
            sql.SQL("{}::text").format(sql.Identifier("mart", it.column.name))
            for it in orders
        )
    )
