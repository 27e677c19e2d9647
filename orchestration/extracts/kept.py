"""Rejected batches: kept as they were landed until somebody or something settles them.

Belongs here: the tables landing.batch_<number>, and recognising a rejected file without
reading it again. Whether a batch may be accepted is the gate's and the steward's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from psycopg import Connection, sql
from psycopg.rows import class_row

from orchestration.extracts.contract import ExtractContract
from orchestration.extracts.files import ExtractSet
from orchestration.extracts.landing_table import LANDING_SCHEMA, Landed


def kept_table(batch_id: int) -> str:
    """The table in the schema landing that keeps a rejected batch."""
    return f"batch_{batch_id}"


@dataclass(frozen=True)
class Rejected:
    """The last batch of one table and moment, which did not reach raw.

    The file's facts are None where there was no file to be read.
    """

    batch_id: int
    table_name: str
    as_of: datetime | None
    rows_received: int
    rows_malformed: int
    reason: str | None
    path: str | None
    size_bytes: int | None
    modified_ns: int | None
    content_sha256: str | None
    contract_sha256: str | None
    extra_columns: list[str] | None
    lines: list[list[int]] | None
    is_settled: bool
    """A steward rejected it for good."""
    is_kept: bool
    """Its rows lie in landing.batch_<number>."""

    def is_of(self, path: Path | None) -> bool:
        """Whether this file, or the lack of one, is what was rejected.

        Whoever takes the file of a kept batch away does not take the batch away.
        """
        if path is None or self.path is None:
            return path is None and (self.path is None or self.is_kept)
        facts = path.stat()
        return (self.path, self.size_bytes, self.modified_ns) == (
            str(path),
            facts.st_size,
            facts.st_mtime_ns,
        )

    def landed(self, contract: ExtractContract) -> Landed | None:
        """Its rows as they were landed; None if they are not kept or read otherwise."""
        if not self.is_kept or self.contract_sha256 != contract.fingerprint:
            return None
        extras = self.extra_columns or []
        return Landed(
            contract=contract,
            place=self.path or "",
            size_bytes=self.size_bytes or 0,
            modified_ns=self.modified_ns or 0,
            content_sha256=self.content_sha256 or "",
            rows_landed=self.rows_received - self.rows_malformed,
            rows_malformed=self.rows_malformed,
            extras={f"_extra_{place}": name for place, name in enumerate(extras, 1)},
            is_plain=False,
            lines=tuple((row, offset) for row, offset in self.lines or ()),
            kept_as=self.batch_id,
        )


_REJECTED = """
select last.batch_id, last.table_name, last.as_of, last.rows_received,
    last.rows_malformed, last.reason, f.path, f.size_bytes, f.modified_ns,
    f.content_sha256, f.contract_sha256, f.extra_columns,
    (
        select array_agg(array[from_row, line_offset] order by from_row)
        from ops.line_offsets where batch_id = last.batch_id
    ) as lines,
    exists (
        select from ops.batch_decisions where batch_id = last.batch_id
    ) as is_settled,
    to_regclass(format('landing.batch_%%s', last.batch_id)) is not null as is_kept
from (
    select distinct on (table_name, as_of) batch_id, table_name, as_of, status,
        rows_received, rows_malformed, reason
    from ops.batches
    where source_system = %s and table_name = any(%s)
    order by table_name, as_of, batch_id desc
) as last
left join ops.files f using (batch_id)
where last.status = 'rejected'
"""


def rejected_before(
    connection: Connection[Any],
    contracts: Sequence[ExtractContract],
    extracts: ExtractSet,
) -> dict[str, Rejected]:
    """What of an extract set was rejected before, file by file, unchanged since.

    Returns:
        The rejected batch by table; a file that is missing is rejected as well.
    """
    with connection.cursor(row_factory=class_row(Rejected)) as cursor:
        found = cursor.execute(
            _REJECTED,
            [extracts.source_system, [contract.table for contract in contracts]],
        ).fetchall()
    looked_at = extracts.files.keys() | extracts.refused.keys()
    return {
        it.table_name: it
        for it in found
        if it.table_name in looked_at
        and extracts.as_of in (None, it.as_of)
        and it.is_of(extracts.files.get(it.table_name))
    }


def rejected_alike(
    connection: Connection[Any], landed: Landed, as_of: datetime
) -> Rejected | None:
    """The last batch for a moment, if it was rejected and had this very content.

    What was read from a database is known by its content alone.
    """
    contract = landed.contract
    with connection.cursor(row_factory=class_row(Rejected)) as cursor:
        found = cursor.execute(
            _REJECTED, [contract.source_system, [contract.table]]
        ).fetchall()
    alike = (as_of, landed.content_sha256, contract.fingerprint)
    return next(
        (
            it
            for it in found
            if (it.as_of, it.content_sha256, it.contract_sha256) == alike
        ),
        None,
    )


def kept_batch(
    connection: Connection[Any], contract: ExtractContract, batch_id: int
) -> Landed | None:
    """One kept batch as it was landed; None if it is not kept or is read otherwise."""
    with connection.cursor(row_factory=class_row(Rejected)) as cursor:
        found = cursor.execute(
            _REJECTED, [contract.source_system, [contract.table]]
        ).fetchall()
    return next((it.landed(contract) for it in found if it.batch_id == batch_id), None)


def keep(connection: Connection[Any], landed: Landed, batch_id: int) -> None:
    """Put a landed table aside under its batch's number, safe from the next night."""
    kept = sql.Identifier(LANDING_SCHEMA, kept_table(batch_id))
    connection.execute(
        sql.SQL("alter table {} rename to {}").format(
            sql.Identifier(LANDING_SCHEMA, landed.table),
            sql.Identifier(kept_table(batch_id)),
        )
    )
    # Landing tables do not survive a crash of the server; this one must.
    connection.execute(sql.SQL("alter table {} set logged").format(kept))


def restore(connection: Connection[Any], landed: Landed) -> None:
    """Make a kept table the landing table again, with the records set aside beside it.

    For the transaction that appends it: what fails there leaves it kept.
    """
    contract = landed.contract
    own = [contract.source_system, contract.table]
    connection.execute("set local client_min_messages = warning")
    connection.execute(
        sql.SQL("drop table if exists {}; alter table {} rename to {}").format(
            sql.Identifier(LANDING_SCHEMA, contract.landing_table),
            sql.Identifier(LANDING_SCHEMA, landed.table),
            sql.Identifier(contract.landing_table),
        )
    )
    connection.execute(
        "delete from landing.malformed_rows"
        " where source_system = %s and table_name = %s",
        own,
    )
    connection.execute(
        "insert into landing.malformed_rows (source_system, table_name, row_number,"
        " line_number, reason, row_text) select source_system, table_name, row_number,"
        " line_number, reason, row_text from quarantine.malformed_rows"
        " where batch_id = %s",
        [landed.kept_as],
    )


def drop_settled(connection: Connection[Any], source_system: str) -> None:
    """Drop the kept tables of one system's batches that nobody will ask for any more.

    Those are superseded by a later batch for their moment, or decided on, or older than
    an accepted snapshot and gone from the drop folder.
    """
    found = connection.execute(
        "select b.batch_id, f.path, exists (select from ops.batches later"
        "   where (later.source_system, later.table_name, later.as_of)"
        "    = (b.source_system, b.table_name, b.as_of)"
        "   and later.batch_id > b.batch_id)"
        "  or exists (select from ops.batch_decisions d where d.batch_id = b.batch_id),"
        " exists (select from ops.batches younger"
        "   where younger.source_system = b.source_system"
        "   and younger.table_name = b.table_name and younger.status = 'accepted'"
        "   and younger.as_of > b.as_of and b.mode = 'snapshot')"
        " from pg_tables t join ops.batches b"
        "  on t.tablename = 'batch_' || b.batch_id"
        " left join ops.files f using (batch_id)"
        " where t.schemaname = 'landing' and b.source_system = %s",
        [source_system],
    ).fetchall()
    for batch_id, path, is_over, is_overtaken in found:
        if is_over or (is_overtaken and not (path and Path(path).exists())):
            connection.execute(
                sql.SQL("drop table {}").format(
                    sql.Identifier(LANDING_SCHEMA, kept_table(batch_id))
                )
            )
