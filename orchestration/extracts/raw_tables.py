"""Making the raw tables, and whether a contract still has the key of its table.

Belongs here: the tables as such. What their columns are stands in raw.py, and which
rows come into them in appending.py.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import psycopg
from psycopg import Connection, sql

from orchestration.extracts.contract import ExtractContract
from orchestration.extracts.errors import ContractError
from orchestration.extracts.raw import lineage_of, raw_of


def ensure_raw_tables(
    connection: Connection[Any], contracts: Sequence[ExtractContract]
) -> None:
    """Make the raw tables that are missing, and add columns that contracts gained.

    One query looks at all tables; nothing is written when nothing is missing. A column
    that a contract lost stays, since raw is append only.

    Raises:
        ContractError: a table was filled by another key than the contract's.
    """
    check_keys(connection, contracts)
    present = {
        (schema, table): columns
        for schema, table, columns, _ in _present(connection, contracts)
    }
    missing = [it for it in contracts if (it.raw_schema, it.table) not in present]
    with connection.transaction():
        _ensure_schemas(connection, {it.raw_schema for it in missing})
        for contract in missing:
            columns = dict.fromkeys(contract.column_names, "text")
            connection.execute(
                sql.SQL("create table if not exists {} ({})").format(
                    raw_of(contract), _definitions(columns | lineage_of(contract))
                )
            )
            note_key(connection, contract)
        for contract in contracts:
            there = present.get((contract.raw_schema, contract.table))
            for name in contract.column_names:
                if there is not None and name not in there:
                    added = sql.SQL("alter table {} add column if not exists {} text")
                    connection.execute(
                        added.format(raw_of(contract), sql.Identifier(name))
                    )


def index_raw_table(connection: Connection[Any], contract: ExtractContract) -> None:
    """Let versions of a key, and rows of a batch or a moment, be found among millions.

    A first batch comes without: none of its rows has another version. A key's value may
    be longer than a tree takes, which a hash does not mind. Nothing but time depends on
    them, so a table that another login owns goes without.
    """
    found_by: dict[str, sql.Composable] = {
        "key": sql.SQL("using hash ({})").format(sql.Identifier(contract.key[0]))
        if contract.key
        else sql.SQL("(_row_hash)"),
        "batch": sql.SQL("(_batch_id)"),
        "moment": sql.SQL("(_as_of)"),
    }
    with suppress(psycopg.errors.InsufficientPrivilege), connection.transaction():
        for name, how in found_by.items():
            connection.execute(
                sql.SQL("create index if not exists {} on {} {}").format(
                    sql.Identifier(f"{contract.table[:50]}_by_{name}"),
                    raw_of(contract),
                    how,
                )
            )


def check_keys(
    connection: Connection[Any], contracts: Sequence[ExtractContract]
) -> None:
    """Refuse contracts by whose key the rows of their raw tables were not told apart.

    An empty table of another key is dropped, to be made anew.

    Raises:
        ContractError: names the table, both keys, and the way on.
    """
    filled_by = {
        (schema, table): comment
        for schema, table, _, comment in _present(connection, contracts)
    }
    for contract in contracts:
        raw = raw_of(contract)
        before = filled_by.get((contract.raw_schema, contract.table))
        if before is None or before == _key_noted(contract):
            continue
        held = connection.execute(
            sql.SQL("select exists (select from {})").format(raw)
        ).fetchone()
        if held and not held[0]:
            connection.execute(sql.SQL("drop table {}").format(raw))
            continue
        table = f"{contract.raw_schema}.{contract.table}"
        raise ContractError(
            f"{contract.subject}: the rows of {table} were taken in with {before}, and "
            f"the contract now has {_key_noted(contract)}; versions told apart by one "
            "cannot be told apart by the other. Restore the contract, or as the "
            f"database's owner keep them aside (alter table {table} rename to "
            f"{contract.table}_before), and refresh: what the drop folder holds is "
            "taken in anew."
        )


def note_key(connection: Connection[Any], contract: ExtractContract) -> None:
    """Write down, as the raw table's comment, by which key its rows are told apart."""
    connection.execute(
        sql.SQL("comment on table {} is {}").format(
            raw_of(contract), sql.Literal(_key_noted(contract))
        )
    )


def make_way(connection: Connection[Any], contract: ExtractContract) -> bool:
    """Whether raw has no rows of this table; if so, the table is out of the way.

    Its first batch then makes it, which is quicker than to insert into it.
    """
    raw = raw_of(contract)
    there = connection.execute(
        "select to_regclass(%s)", [raw.as_string(connection)]
    ).fetchone()
    if there is None or there[0] is None:
        connection.execute(
            sql.SQL("create schema if not exists {}").format(
                sql.Identifier(contract.raw_schema)
            )
        )
        return True
    # No one else fills it meanwhile: batches.append holds the landing table's lock.
    has_rows = connection.execute(
        sql.SQL("select exists (select 1 from {})").format(raw)
    ).fetchone()
    if has_rows is None or has_rows[0]:
        return False
    try:
        with connection.transaction():
            connection.execute(sql.SQL("drop table {}").format(raw))
    except (
        psycopg.errors.DependentObjectsStillExist,
        psycopg.errors.InsufficientPrivilege,
    ):
        return False
    return True


def _key_noted(contract: ExtractContract) -> str:
    return f"the key ({', '.join(sorted(contract.key))})" if contract.key else "no key"


def _present(
    connection: Connection[Any], contracts: Sequence[ExtractContract]
) -> list[tuple[str, str, set[str], str | None]]:
    """Schema, name, columns and comment of all tables in the contracts' raw schemas."""
    found = connection.execute(
        "select n.nspname, c.relname, array_agg(a.attname::text),"
        " obj_description(c.oid, 'pg_class')"
        " from pg_class c join pg_namespace n on n.oid = c.relnamespace"
        " join pg_attribute a on a.attrelid = c.oid and a.attnum > 0"
        " where n.nspname = any(%s) and c.relkind = 'r' and not a.attisdropped"
        " group by c.oid, 1, 2",
        [list({contract.raw_schema for contract in contracts})],
    )
    return [(schema, table, set(names), note) for schema, table, names, note in found]


def _ensure_schemas(connection: Connection[Any], schemas: set[str]) -> None:
    there = connection.execute("select nspname::text from pg_namespace").fetchall()
    for schema in sorted(schemas - {name for (name,) in there}):
        connection.execute(
            sql.SQL("create schema if not exists {}").format(sql.Identifier(schema))
        )


def _definitions(columns: Mapping[str, str]) -> sql.Composed:
    return sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind))
        for name, kind in columns.items()
    )


def rows_in_raw(connection: Connection[Any], source_system: str) -> dict[str, int]:
    """How many rows each raw table of a system holds, as its batches add up to."""
    return dict(
        connection.execute(
            "select table_name,"
            " sum(rows_appended + rows_deleted + rows_restated)::bigint"
            " from ops.batches where source_system = %s and status = 'accepted'"
            " group by 1",
            [source_system],
        ).fetchall()
    )
