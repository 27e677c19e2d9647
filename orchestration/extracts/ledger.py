"""The ledger of batches: what was accepted or rejected, and which file is known.

Belongs here: reading and writing ops.batches and ops.files. What a batch adds to raw
is appending.py's, and when it may is batches.py's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from psycopg import Connection

from orchestration.extracts.contract import ExtractContract
from orchestration.extracts.errors import printable
from orchestration.extracts.files import ExtractSet
from orchestration.extracts.landing_table import Landed


@dataclass(frozen=True)
class BatchResult:
    """What became of one table's extract.

    `known` says that these bytes were accepted before for the same moment: nothing was
    done, and all counts but `rows_received` are those of doing nothing.
    """

    batch_id: int
    source_system: str
    table: str
    as_of: datetime | None
    status: Literal["accepted", "rejected", "known"]
    rows_received: int = 0
    rows_appended: int = 0
    rows_unchanged: int = 0
    rows_malformed: int = 0
    rows_deleted: int = 0
    rows_restated: int = 0
    mode: Literal["snapshot", "delta"] = "snapshot"
    file_name: str | None = None
    reason: str | None = None
    extras: tuple[str, ...] = ()
    """Unknown columns of the file; kept in raw's `_extra`."""


# A batch is known if nothing else came for its moment after it. What came later for an
# earlier moment left it as it was: see restating.py.
_KNOWN = """
select b.table_name, b.as_of, b.batch_id, b.rows_received, b.rows_malformed,
    f.path, f.size_bytes, f.modified_ns, f.content_sha256, f.extra_columns
from ops.batches b join ops.files f using (batch_id)
where b.source_system = %(system)s and b.table_name = any(%(tables)s)
    and b.status = 'accepted' and f.contract_sha256 = any(%(contracts)s)
    and not exists (
        select from ops.batches later
        where later.source_system = b.source_system
            and later.table_name = b.table_name
            and later.batch_id > b.batch_id
            -- after a rejection it is taken in again, which settles the matter
            and (later.as_of = b.as_of or later.as_of is null)
    )
"""


def known_batches(
    connection: Connection[Any],
    contracts: Sequence[ExtractContract],
    extracts: ExtractSet,
    besides: Mapping[str, datetime | None] | None = None,
) -> dict[str, BatchResult]:
    """Find the files that need not even be opened: path, size and time are unchanged.

    Flat extracts without a date are known together or not at all, because their moment
    is read from all of them. `besides` has the moments of those that need not be read
    for another reason, by table.

    Returns:
        A result of status `known` by table.
    """
    by_table = {contract.table: contract for contract in contracts}
    candidates = accepted(connection, [by_table[table] for table in extracts.files])
    found = {}
    for table, path in extracts.files.items():
        facts = path.stat()
        for it in candidates:
            if (
                it["table_name"] == table
                and it["as_of"] == (extracts.as_of or it["as_of"])
                and it["path"] == printable(str(path))
                and it["size_bytes"] == facts.st_size
                and it["modified_ns"] == facts.st_mtime_ns
            ):
                found[table] = known(by_table[table], it)
    if extracts.as_of is None:
        others = besides or {}
        moments = {result.as_of for result in found.values()} | set(others.values())
        if found.keys() | others.keys() < extracts.files.keys() or len(moments) > 1:
            return {}
    return found


def has_younger(
    connection: Connection[Any], contract: ExtractContract, as_of: datetime
) -> bool:
    """Whether an accepted snapshot speaks for a later moment.

    If so, a fault in the older extract no longer touches what is published.
    """
    found = connection.execute(
        "select exists (select from ops.batches where source_system = %s"
        " and table_name = %s and status = 'accepted' and as_of > %s)",
        [contract.source_system, contract.table, as_of],
    ).fetchone()
    return contract.mode == "snapshot" and bool(found and found[0])


def accepted(
    connection: Connection[Any], contracts: Sequence[ExtractContract]
) -> list[dict[str, Any]]:
    """The last accepted batch for each moment of some tables of one system."""
    if not contracts:
        return []
    cursor = connection.execute(
        _KNOWN,
        {
            "system": contracts[0].source_system,
            "tables": [contract.table for contract in contracts],
            "contracts": [contract.fingerprint for contract in contracts],
        },
    )
    names = [column.name for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def known(contract: ExtractContract, it: Mapping[str, Any]) -> BatchResult:
    """The result of a batch that was accepted before, as `accepted` gives it."""
    return BatchResult(
        batch_id=it["batch_id"],
        source_system=contract.source_system,
        table=contract.table,
        as_of=it["as_of"],
        status="known",
        rows_received=it["rows_received"],
        rows_unchanged=it["rows_received"] - it["rows_malformed"],
        rows_malformed=it["rows_malformed"],
        file_name=Path(it["path"]).name,
        extras=tuple(it["extra_columns"]),
    )


def next_id(connection: Connection[Any]) -> int:
    """Draw the number of a new batch."""
    found = connection.execute(
        "select nextval(pg_get_serial_sequence('ops.batches', 'batch_id'))"
    ).fetchone()
    assert found is not None  # noqa: S101 (a sequence always has a next value)
    return int(found[0])


def record(
    connection: Connection[Any],
    result: BatchResult,
    landed: Landed | None,
    run_id: str,
    watermark: datetime | None = None,
) -> None:
    """Write the batch, its file, and the rows that were set aside.

    `watermark` is how far the batch reaches, if its table is read by one.
    """
    connection.execute(
        "insert into ops.batches (batch_id, source_system, table_name, as_of, status,"
        " mode, rows_received, rows_appended, rows_unchanged, rows_malformed,"
        " rows_deleted, rows_restated, file_name, content_sha256, reason, run_id)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [
            result.batch_id,
            result.source_system,
            result.table,
            result.as_of,
            result.status,
            result.mode,
            result.rows_received,
            result.rows_appended,
            result.rows_unchanged,
            result.rows_malformed,
            result.rows_deleted,
            result.rows_restated,
            result.file_name,
            landed.content_sha256 if landed else None,
            result.reason,
            run_id,
        ],
    )
    if landed is None:
        return
    connection.execute(
        "insert into ops.files (batch_id, path, size_bytes, modified_ns,"
        " content_sha256, contract_sha256, extra_columns, watermark)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s)",
        [
            result.batch_id,
            landed.place,
            landed.size_bytes,
            landed.modified_ns,
            landed.content_sha256,
            landed.contract.fingerprint,
            list(landed.extras.values()),
            watermark,
        ],
    )
    with connection.cursor().copy(
        "copy ops.line_offsets (batch_id, from_row, line_offset) from stdin"
    ) as offsets:
        for from_row, offset in landed.lines:
            offsets.write_row((result.batch_id, from_row, offset))
    connection.execute(
        "insert into quarantine.malformed_rows (batch_id, source_system, table_name,"
        " file_name, row_number, line_number, reason, row_text)"
        " select %s, source_system, table_name, %s, row_number, line_number, reason,"
        " row_text from landing.malformed_rows"
        " where source_system = %s and table_name = %s",
        [result.batch_id, result.file_name, result.source_system, result.table],
    )


def record_unread(
    connection: Connection[Any], contract: ExtractContract, batch_id: int, path: Path
) -> None:
    """Write which file a batch was refused for before it was read, to know it again."""
    try:
        facts = path.stat()
    except OSError:
        return
    connection.execute(
        "insert into ops.files (batch_id, path, size_bytes, modified_ns,"
        " content_sha256, contract_sha256, extra_columns)"
        " values (%s, %s, %s, %s, '', %s, '{}')",
        [
            batch_id,
            str(path),
            facts.st_size,
            facts.st_mtime_ns,
            contract.fingerprint,
        ],
    )
