"""What a batch adds to raw: new and changed rows, and tombstones of vanished ones.

Each function runs inside the transaction of batches.append and returns what it counted.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection, sql

from orchestration.extracts.aside import is_named, may_hold, waiting_aside
from orchestration.extracts.contract import ExtractContract
from orchestration.extracts.landing_table import Landed
from orchestration.extracts.raw import (
    arrived,
    extra_of,
    identity_of,
    lineage_of,
    present,
    raw_of,
)
from orchestration.extracts.raw_tables import (
    ensure_raw_tables,
    index_raw_table,
    make_way,
    note_key,
)

# A tombstone stands for no row of the file, so its row number is 0.
_TOMBSTONE_LINEAGE = ("_batch_id", "_row_number", "_as_of", "_is_deleted")


@dataclass(frozen=True)
class Appended:
    """How many rows of a batch went where."""

    appended: int
    unchanged: int
    deleted: int


def append_rows(
    connection: Connection[Any],
    contract: ExtractContract,
    landed: Landed,
    batch_id: int,
    as_of: datetime,
) -> Appended:
    """Append a landed batch to raw, comparing it with what raw holds for its moment."""
    for setting in (
        # A night's table is worth a hash table in memory, and both cores of a machine.
        "work_mem = '256MB'",
        "jit = off",
        "parallel_setup_cost = 0",
        "parallel_tuple_cost = 0",
        "client_min_messages = warning",
    ):
        connection.execute(f"set local {setting}".encode())
    if make_way(connection, contract):
        return _fill(connection, contract, landed.extras, batch_id, as_of)
    ensure_raw_tables(connection, [contract])
    index_raw_table(connection, contract)
    return _add(connection, contract, landed, batch_id, as_of)


def _fill(
    connection: Connection[Any],
    contract: ExtractContract,
    extras: Mapping[str, str],
    batch_id: int,
    as_of: datetime,
) -> Appended:
    """Make the raw table from its first batch.

    Nothing is there to compare with, and unlike an insert, `create table as` hashes on
    all cores.
    """
    rows = connection.execute(
        sql.SQL("create table {} as select {} from ({}) as arrived").format(
            raw_of(contract),
            _values(contract, extras, batch_id, as_of),
            arrived(contract, extras),
        )
    ).rowcount
    filled = [name for name in lineage_of(contract) if name != "_extra"]
    connection.execute(
        sql.SQL("alter table {} {}").format(
            raw_of(contract),
            sql.SQL(", ").join(
                sql.SQL("alter {} set not null").format(sql.Identifier(name))
                for name in filled
            ),
        )
    )
    note_key(connection, contract)
    return Appended(appended=rows, unchanged=0, deleted=0)


def _add(
    connection: Connection[Any],
    contract: ExtractContract,
    landed: Landed,
    batch_id: int,
    as_of: datetime,
) -> Appended:
    """Compare each landed row with the current version of its key; add what differs.

    A snapshot's row is compared with what holds at its moment. A delta's is compared
    with the versions of its very moment alone, so that raw knows of each row of a delta
    that it was said again, and an older delta that comes late cannot overrule it. One
    read by a watermark is compared like a snapshot: a database has no older nights. A
    row that only a record set aside tells of stays as it was.
    """
    _compare(connection, contract, landed.extras, as_of)
    if may_hold(contract, landed):
        _hold(connection, contract)
    names = (*contract.column_names, *lineage_of(contract))
    occurrence = [] if contract.key else ["_occurrence"]
    appended = connection.execute(
        sql.SQL(
            "insert into {} ({}) select {} from {} join pg_temp.compared"
            " using (_row_number) where not _is_unchanged"
        ).format(
            raw_of(contract),
            _listed(names),
            _values(contract, landed.extras, batch_id, as_of),
            sql.Identifier("landing", contract.landing_table),
        )
    ).rowcount
    tombstone = [*contract.key, *occurrence, "_row_hash", *_TOMBSTONE_LINEAGE]
    deleted = connection.execute(
        sql.SQL(
            "insert into {} ({}) select {}, {}, 0, {}, true"
            " from pg_temp.compared where _row_number is null"
        ).format(
            raw_of(contract),
            _listed(tombstone),
            _listed(
                [*(f"_gone_{name}" for name in contract.key), *occurrence, "_row_hash"]
            ),
            sql.Literal(batch_id),
            sql.Literal(as_of),
        )
    ).rowcount
    unchanged = connection.execute(
        "select count(*) from pg_temp.compared where _is_unchanged"
    ).fetchone()
    return Appended(appended, unchanged[0] if unchanged else 0, deleted)


def _compare(
    connection: Connection[Any],
    contract: ExtractContract,
    extras: Mapping[str, str],
    as_of: datetime,
) -> None:
    """Make pg_temp.compared: a row per landed row, and per key that vanished."""
    identity = identity_of(contract)
    # A read by a watermark overlaps the one before, and is never an older night's.
    is_said_again = contract.mode == "delta" and not contract.watermark
    connection.execute(
        sql.SQL(
            "drop table if exists pg_temp.compared;"
            " create temporary table compared on commit drop as"
            " with arrived as materialized (select {identity}, _row_hash as hash,"
            " _row_number from ({arrived}) as landed),"
            " present as ({present})"
            " select arrived._row_number, {gone},"
            " coalesce(arrived.hash, present.hash) as _row_hash,"
            " coalesce(arrived.hash = present.hash, false) as _is_unchanged"
            " from arrived {join} join present on {same}"
        ).format(
            identity=_listed(identity),
            arrived=arrived(contract, extras),
            present=present(contract, as_of, only_then=is_said_again),
            gone=_gone(contract),
            join=sql.SQL("full" if contract.mode == "snapshot" else "left"),
            same=sql.SQL(" and ").join(
                sql.SQL("arrived.{0} = present.{0}").format(sql.Identifier(name))
                for name in identity
            ),
        )
    )


def _hold(connection: Connection[Any], contract: ExtractContract) -> None:
    """Take out of pg_temp.compared the vanished keys that records set aside name."""
    gone: list[sql.Composable] = [
        sql.Identifier(f"_gone_{name}") for name in contract.key
    ]
    connection.execute(
        sql.SQL("delete from pg_temp.compared where _row_number is null and {}").format(
            is_named(gone, waiting_aside(contract))
        )
    )


def _gone(contract: ExtractContract) -> sql.Composable:
    """What a tombstone needs to name the row that vanished."""
    if not contract.key:
        return sql.SQL(
            "coalesce(arrived._occurrence, present._occurrence) as _occurrence"
        )
    # A row that did not vanish has no use for it, and a null takes no room.
    return sql.SQL(", ").join(
        sql.SQL(
            "case when arrived._row_number is null then present.{} end as {}"
        ).format(sql.Identifier(name), sql.Identifier(f"_gone_{name}"))
        for name in contract.key
    )


def _values(
    contract: ExtractContract,
    extras: Mapping[str, str],
    batch_id: int,
    as_of: datetime,
) -> sql.Composed:
    """The columns of raw, in its order, for a select from landed rows."""
    columns: dict[str, sql.Composable] = {
        name: sql.Identifier(name) for name in contract.column_names
    }
    columns["_extra"] = extra_of(extras)
    columns["_batch_id"] = sql.SQL("cast({} as bigint)").format(batch_id)
    columns["_row_number"] = sql.Identifier("_row_number")
    columns["_row_hash"] = sql.Identifier("_row_hash")
    columns["_as_of"] = sql.SQL("cast({} as timestamp)").format(as_of)
    columns["_is_deleted"] = sql.SQL("false")
    if not contract.key:
        columns["_occurrence"] = sql.Identifier("_occurrence")
    return sql.SQL(", ").join(
        sql.SQL("{} as {}").format(value, sql.Identifier(name))
        for name, value in columns.items()
    )


def _listed(names: tuple[str, ...] | list[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, names))
