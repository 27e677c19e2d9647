"""How many rows the tables of a schema hold, for people who look on."""

from collections.abc import Iterable
from typing import Any

from psycopg import Connection, sql

_COUNTED_PAGES = 2_000
"""Of 8 kB: a table of more is not read again only to be counted."""


def row_counts(connection: Connection[Any], schemas: Iterable[str]) -> dict[str, int]:
    """The rows of each table, by `schema.table`.

    Exact up to 16 MB; of a larger one what PostgreSQL's statistics say, which for a
    table that was just built are a sample of it.

    Args:
        connection: which may read them.
        schemas: of the tables.
    """
    found = connection.execute(
        "select relnamespace::regnamespace::text, relname::text, relpages,"
        " reltuples::bigint from pg_class"
        " where relkind = 'r' and relnamespace::regnamespace::text = any(%s)",
        [list(schemas)],
    ).fetchall()
    counts = {
        f"{schema}.{table}": rows
        for schema, table, pages, rows in found
        if pages > _COUNTED_PAGES and rows >= 0
    }
    small = [
        sql.SQL("select {}, count(*) from {}").format(
            f"{schema}.{table}", sql.Identifier(schema, table)
        )
        for schema, table, _, _ in found
        if f"{schema}.{table}" not in counts
    ]
    if small:
        counts |= dict(
            connection.execute(sql.SQL(" union all ").join(small)).fetchall()
        )
    return counts
