"""What columns a published mart has, and how it gets the ones that it lacks.

Names and types of published columns are a promise to BI: they never change, they only
grow in number. Rows are merging.py's.
"""

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import Connection, sql

from expectations import Mart
from orchestration.errors import WardlineError
from orchestration.merging import CANDIDATE, HISTORY, PUBLISHED, listed
from orchestration.progress import say
from orchestration.row_security import unsecured

# To add a column, a table must be free of readers for a moment, and who comes in that
# moment waits. So each try gives up quickly, and there are many.
_TRY_MS = 50
_PAUSE_SECONDS = (0.2, 1.0)
PATIENCE_SECONDS = 900


@dataclass(frozen=True)
class Column:
    """A column as PostgreSQL has it."""

    data_type: str
    is_required: bool


def columns_of(
    connection: Connection[Any], schema: str, table: str
) -> dict[str, Column]:
    """A table's columns by name, in order; none if there is no such table."""
    found = connection.execute(
        "select attname, format_type(atttypid, atttypmod), attnotnull from pg_attribute"
        " where attrelid = to_regclass(format('%%I.%%I', %s::text, %s::text))"
        " and attnum > 0 and not attisdropped order by attnum",
        [schema, table],
    )
    return {name: Column(data_type, required) for name, data_type, required in found}


def grain_of(connection: Connection[Any], mart: str) -> tuple[str, ...]:
    """The columns that name a row of a published mart, from its unique index."""
    found = connection.execute(
        "select attname from pg_index join pg_attribute"
        " on attrelid = indrelid and attnum = any(indkey::smallint[])"
        " where indrelid = to_regclass(format('%%I.%%I', %s::text, %s::text))"
        " and indisunique order by attnum",
        [PUBLISHED, mart],
    )
    return tuple(name for (name,) in found)


def grow(connection: Connection[Any], marts: Sequence[Mart]) -> None:
    """Give every published mart, and its history, the columns its candidate gained.

    And row security, to marts that a version without it has published.

    Before the merge and apart from it, table by table: the new columns stand empty
    until the merge fills them. Nobody waits longer than a twentieth of a second; a
    reader who keeps a table busy is waited for.

    Args:
        connection: of the transformer, with no transaction open.
        marts: what will be published.

    Raises:
        WardlineError: a candidate is missing, lacks a published column, changed one's
            type or changed the grain; or a reader did not let go of a mart in time.
    """
    wanted = {mart.name: _missing(connection, mart) for mart in marts}
    connection.commit()
    for mart, columns in wanted.items():
        for schema, missing in columns.items():
            if missing:
                _alter(
                    connection,
                    sql.Identifier(schema, mart),
                    _added(sql.Identifier(schema, mart), missing),
                    gains=f"the column {', '.join(missing)}",
                )
    for mart, statement in unsecured(connection, marts).items():
        _alter(
            connection, sql.Identifier(PUBLISHED, mart), statement, gains="row security"
        )


def make(connection: Connection[Any], mart: Mart) -> bool:
    """Make a mart's published table and its history where they are missing.

    Returns:
        Whether the mart is published for the first time.
    """
    published = sql.Identifier(PUBLISHED, mart.name)
    history = sql.Identifier(HISTORY, mart.name)
    is_new = not columns_of(connection, PUBLISHED, mart.name)
    if is_new:
        connection.execute(
            # Giving space back at a table's end would lock out its readers.
            sql.SQL(
                "create table {} with (vacuum_truncate = off) as table {} with no data"
            ).format(published, sql.Identifier(CANDIDATE, mart.name))
        )
        connection.execute(
            sql.SQL("create unique index on {} ({}) nulls not distinct").format(
                published, listed("{c}", mart.grain)
            )
        )
    if not columns_of(connection, HISTORY, mart.name):
        connection.execute(
            sql.SQL(
                "create table {} as select cast(0 as bigint) as _publication_id,"
                " cast('' as text) as _change, * from {} with no data"
            ).format(history, published)
        )
        connection.execute(
            sql.SQL("create index on {} (_publication_id)").format(history)
        )
    return is_new


def _missing(connection: Connection[Any], mart: Mart) -> dict[str, dict[str, Column]]:
    """By schema, the columns that its table of the mart lacks."""
    candidate, published, history = (
        columns_of(connection, schema, mart.name)
        for schema in (CANDIDATE, PUBLISHED, HISTORY)
    )
    if not candidate:
        raise WardlineError(
            f"There is no candidate.{mart.name} to publish; run the models first."
        )
    for name, column in published.items():
        found = candidate[name].data_type if name in candidate else "no such column"
        if found != column.data_type:
            raise WardlineError(
                f"marts.{mart.name}.{name} is published as {column.data_type}, but the "
                f"candidate has {found}; published columns only grow in number. Give "
                "the changed column a new name."
            )
    grain = grain_of(connection, mart.name)
    if published and set(grain) != set(mart.grain):
        raise WardlineError(
            f"marts.{mart.name} is published with one row per {', '.join(grain)}, the "
            f"candidate with one per {', '.join(mart.grain)}; give the changed mart a "
            "new name."
        )
    return {
        schema: {name: it for name, it in candidate.items() if name not in there}
        for schema, there in ((HISTORY, history), (PUBLISHED, published))
        if there
    }


def _added(table: sql.Identifier, missing: dict[str, Column]) -> sql.Composed:
    return sql.SQL("alter table {} {}").format(
        table,
        sql.SQL(", ").join(
            sql.SQL("add column {} {}").format(
                sql.Identifier(name), sql.SQL(column.data_type)
            )
            for name, column in missing.items()
        ),
    )


def _alter(
    connection: Connection[Any],
    table: sql.Identifier,
    statement: sql.Composed,
    *,
    gains: str,
) -> None:
    """Alter a table in a moment without readers; `gains` says what it gets by it."""
    name = table.as_string(connection).replace('"', "")
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            with connection.transaction():
                connection.execute(f"set local lock_timeout = {_TRY_MS}".encode())
                connection.execute(statement)
                return
        except psycopg.errors.LockNotAvailable:
            say(f"Waiting for the readers of {name}, which gains {gains}")
            if time.monotonic() > deadline:
                raise WardlineError(
                    f"{name} gains {gains}, which needs a moment without readers, but "
                    f"{_reader(connection, table)} reads it all the time. End that "
                    "session, and refresh again."
                ) from None
        time.sleep(random.uniform(*_PAUSE_SECONDS))  # noqa: S311 (not a secret)


def _reader(connection: Connection[Any], table: sql.Identifier) -> str:
    found = connection.execute(
        "select usename, pid from pg_locks join pg_stat_activity using (pid)"
        " where relation = to_regclass(%s) and granted order by xact_start limit 1",
        [table.as_string(connection)],
    ).fetchone()
    return "{} (PostgreSQL's process {})".format(*found) if found else "somebody"
