"""The SQL that is asked of a source's database, by kind of database.

Decided from the contract; nothing is sent here. Only selects and what makes a session
read a single moment and nothing else.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import DateTime, Dialect, literal

from orchestration.extracts.contract import ExtractContract
from orchestration.extracts.database.source import name_of

# What makes all selects of a session see one moment, and lets none of them write.
SESSIONS: dict[str, tuple[str, ...]] = {
    "mysql": (
        "set session transaction isolation level repeatable read",
        "start transaction with consistent snapshot, read only",
    ),
    "postgresql": ("begin isolation level repeatable read read only",),
    "oracle": ("set transaction read only",),
    "mssql": ("set transaction isolation level snapshot",),
}
SESSIONS["mariadb"] = SESSIONS["mysql"]
# SQL Server has such a moment only where the database was told to keep versions.
MSSQL_ALLOWS_SNAPSHOT = (
    "select snapshot_isolation_state from sys.databases where name = db_name()"
)


def source_of(contract: ExtractContract, dialect: Dialect) -> str:
    """What a contract reads from, for the from clause."""
    if contract.query:
        # Without "as", which Oracle does not take.
        return f"({contract.query.strip()}) source_query"
    quote = dialect.identifier_preparer.quote
    return ".".join(quote(part) for part in name_of(contract).split("."))


def columns_of(contract: ExtractContract, dialect: Dialect) -> str:
    """A select that has the contract's columns and no rows."""
    return f"select * from {source_of(contract, dialect)} where 1 = 0"


def rows_of(
    contract: ExtractContract,
    dialect: Dialect,
    expressions: Sequence[str],
    watermark: str | None = None,
    reached: datetime | None = None,
) -> str:
    """A select of the contract's rows.

    Args:
        contract: says from where.
        dialect: of the database.
        expressions: one per column, in order.
        watermark: the database's name of the watermark column, quoted.
        reached: how far accepted batches reach; None: all rows are read.
    """
    select = f"select {', '.join(expressions)} from {source_of(contract, dialect)}"
    if watermark is None or reached is None:
        return select
    since = reached - timedelta(hours=contract.watermark_overlap_hours)
    # A row that was never dated would otherwise never be read again.
    after = f"{watermark} >= {moment(dialect, since)}"
    return f"{select} where {after} or {watermark} is null"


def moment(dialect: Dialect, value: datetime) -> str:
    """A moment as a literal of SQL; its fraction of a second is cut off."""
    whole = value.replace(microsecond=0)
    if dialect.name == "mssql":  # its plain literals follow the login's language
        return f"convert(datetime2, '{whole:%Y-%m-%dT%H:%M:%S}', 126)"
    shown = literal(whole, DateTime()).compile(
        dialect=dialect, compile_kwargs={"literal_binds": True}
    )
    return str(shown)
