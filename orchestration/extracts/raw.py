"""The raw tables: their columns, and what a landed row becomes in them.

SQL only. Tables are made in raw_tables.py; when and in which transaction rows come is
decided in batches.py.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime

from psycopg import sql

from orchestration.extracts.contract import ExtractContract
from orchestration.extracts.landing_table import landing_of

# In the order of the raw table, after the contract's columns, which are all text.
LINEAGE = {
    "_extra": "jsonb",
    "_batch_id": "bigint not null",
    "_row_number": "bigint not null",
    "_row_hash": "bigint not null",
    "_as_of": "timestamp not null",
    "_is_deleted": "boolean not null",
}


def raw_of(contract: ExtractContract) -> sql.Identifier:
    """The raw table of a contract, for SQL."""
    return sql.Identifier(contract.raw_schema, contract.table)


def lineage_of(contract: ExtractContract) -> dict[str, str]:
    """Raw's own columns, name to type; a table without key has one more."""
    return LINEAGE | ({} if contract.key else {"_occurrence": "integer not null"})


def identity_of(contract: ExtractContract) -> tuple[str, ...]:
    """The columns that tell two rows of one moment apart."""
    return contract.key or ("_row_hash", "_occurrence")


def hash_of(contract: ExtractContract, extras: Mapping[str, str]) -> sql.Composed:
    """A landed row's content in 64 bits, for SQL; two versions of a row differ in it.

    Each value is hashed with its column's name as seed, and all are combined by
    exclusive or: no separator that a value could contain, no difference when columns
    change places or an empty one is added. hashtextextended is what PostgreSQL spreads
    hash partitions by, so its results outlive upgrades. md5 cast to uuid would take
    three times as long, more than all else that appending a row costs.
    """
    seeds = {name: name for name in contract.column_names}
    seeds |= {column: f"_extra:{name}" for column, name in extras.items()}
    parts = [
        sql.SQL("coalesce(hashtextextended({}, {}), 0)").format(
            sql.Identifier(column), sql.Literal(_seed(name))
        )
        for column, name in seeds.items()
    ]
    return sql.SQL("({})").format(sql.SQL(" # ").join(parts))


def _seed(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)


def extra_of(extras: Mapping[str, str]) -> sql.Composable:
    """The unknown columns of a landed row as one jsonb, null if all are empty."""
    if not extras:
        return sql.SQL("cast(null as jsonb)")
    # Two arrays, because a function takes no more than a hundred arguments.
    return sql.SQL(
        "nullif(jsonb_strip_nulls(jsonb_object(array[{}], array[{}])), '{{}}'::jsonb)"
    ).format(
        sql.SQL(", ").join(map(sql.Literal, extras.values())),
        sql.SQL(", ").join(map(sql.Identifier, extras)),
    )


def arrived(contract: ExtractContract, extras: Mapping[str, str]) -> sql.Composed:
    """The landed rows with `_row_hash` and, without a key, `_occurrence`: a select."""
    hashed = sql.SQL("select *, {} as _row_hash from {}").format(
        hash_of(contract, extras), landing_of(contract)
    )
    if contract.key:
        return hashed
    return sql.SQL(
        "select *, cast(row_number() over (partition by _row_hash order by _row_number)"
        " as integer) as _occurrence from ({}) as hashed"
    ).format(hashed)


def present(
    contract: ExtractContract,
    as_of: datetime,
    *,
    only_then: bool = False,
    among: sql.Composable | None = None,
) -> sql.Composed:
    """The rows that raw holds at a moment, their identity and `hash`: a select.

    Args:
        contract: of the table.
        as_of: the moment.
        only_then: True for what was said of this very moment, and not before it.
        among: a condition that holds of all versions of a row or of none.
    """
    identity = sql.SQL(", ").join(map(sql.Identifier, identity_of(contract)))
    # Text sorts several times faster by bytes than by a language's rules.
    sorted_by = sql.SQL(", ").join(
        sql.SQL('{} collate "C"' if contract.key else "{}").format(sql.Identifier(name))
        for name in identity_of(contract)
    )
    return sql.SQL(
        "select {identity}, hash from (select distinct on ({sorted_by}) {identity},"
        " _row_hash as hash, _is_deleted from {raw}"
        " where _as_of {holds_at} {as_of} and {among}"
        " order by {sorted_by}, _as_of desc, _batch_id desc) as latest"
        " where not _is_deleted"
    ).format(
        identity=identity,
        sorted_by=sorted_by,
        raw=raw_of(contract),
        holds_at=sql.SQL("=" if only_then else "<="),
        as_of=sql.Literal(as_of),
        among=among or sql.SQL("true"),
    )
