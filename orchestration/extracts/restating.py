"""What a late extract must not change: the state that the next younger snapshot had.

Raw holds differences only, so a row that a snapshot found unchanged has no version of
its moment. When an extract of an earlier moment changes that row, its old state is
written again at the younger moment. Each function runs inside the transaction of
batches.append. What a batch itself adds is appending.py's.
"""

from datetime import datetime
from typing import Any, NamedTuple

from psycopg import Connection, sql

from orchestration.extracts.contract import ExtractContract
from orchestration.extracts.raw import identity_of, raw_of


class Younger(NamedTuple):
    """An accepted snapshot that speaks for a later moment."""

    batch_id: int
    as_of: datetime


def next_snapshot(
    connection: Connection[Any],
    contract: ExtractContract,
    as_of: datetime,
    content_sha256: str,
) -> Younger | None:
    """The accepted snapshot whose state an extract of the moment `as_of` must leave.

    None, as on every ordinary night, if nothing younger is there. None as well if these
    very bytes were accepted last for that moment: they are read anew because their
    contract changed, and what that brings to light holds for the nights after too.
    A delta needs no such care: all of its rows are in raw, whatever they were before.
    """
    last = connection.execute(
        "select content_sha256, mode from ops.batches where source_system = %s"
        " and table_name = %s and status = 'accepted' and as_of = %s"
        " order by batch_id desc limit 1",
        [contract.source_system, contract.table, as_of],
    ).fetchone()
    if last == (content_sha256, contract.mode):
        return None
    found = connection.execute(
        "select batch_id, as_of from ops.batches where source_system = %s"
        " and table_name = %s and status = 'accepted' and as_of > %s"
        " and mode = 'snapshot' order by as_of, batch_id desc limit 1",
        [contract.source_system, contract.table, as_of],
    ).fetchone()
    return Younger(*found) if found else None


def restate(
    connection: Connection[Any],
    contract: ExtractContract,
    batch_id: int,
    as_of: datetime,
    younger: Younger,
) -> int:
    """Write again, at the younger moment, the old state of what a late batch changed.

    A row keeps its batch and row number, which tell where it came from; a key that was
    not there gets a tombstone of the younger batch. What has a version in between needs
    nothing.

    Returns:
        How many rows and tombstones were written.
    """
    raw, identity = raw_of(contract), identity_of(contract)
    # All that the table has, columns of former contracts too.
    described = connection.execute(sql.SQL("select * from {} limit 0").format(raw))
    names = [column.name for column in described.description or ()]
    otherwise: dict[str, sql.Composable] = {
        "_row_hash": sql.SQL("changed._row_hash"),
        "_batch_id": sql.Literal(younger.batch_id),
        "_row_number": sql.SQL("0"),
        "_is_deleted": sql.SQL("true"),
    }
    otherwise |= {
        name: sql.SQL("changed.{}").format(sql.Identifier(name)) for name in identity
    }
    values = [
        sql.SQL("cast({} as timestamp)").format(sql.Literal(younger.as_of))
        if name == "_as_of"
        else sql.SQL("coalesce(before.{}, {})").format(
            sql.Identifier(name), otherwise[name]
        )
        if name in otherwise
        else sql.SQL("before.{}").format(sql.Identifier(name))
        for name in names
    ]
    return connection.execute(
        sql.SQL(
            "with changed as (select * from {raw} where _batch_id = {batch_id}"
            " and _as_of = {as_of}),"
            " before as (select distinct on ({listed}) * from {raw} as version"
            " where _as_of <= {as_of} and _batch_id <> {batch_id}"
            " and exists (select from changed where {same_version})"
            " order by {listed}, _as_of desc, _batch_id desc)"
            " insert into {raw} ({names}) select {values}"
            " from changed left join before on {same_before}"
            " where (before._row_hash, before._is_deleted) is distinct from"
            " (changed._row_hash, changed._is_deleted)"
            " and not exists (select from {raw} as version where {same_version}"
            " and version._as_of > {as_of} and version._as_of <= {younger})"
        ).format(
            raw=raw,
            batch_id=sql.Literal(batch_id),
            as_of=sql.Literal(as_of),
            younger=sql.Literal(younger.as_of),
            listed=sql.SQL(", ").join(map(sql.Identifier, identity)),
            names=sql.SQL(", ").join(map(sql.Identifier, names)),
            values=sql.SQL(", ").join(values),
            same_version=_same("version", identity),
            same_before=_same("before", identity),
        )
    ).rowcount


def _same(table: str, identity: tuple[str, ...]) -> sql.Composed:
    return sql.SQL(" and ").join(
        sql.SQL("{0}.{1} = changed.{1}").format(
            sql.Identifier(table), sql.Identifier(name)
        )
        for name in identity
    )
