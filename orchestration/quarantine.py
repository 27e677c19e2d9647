"""The rows that were set aside, of both kinds, as one list for whoever may see them.

Belongs here: the question, and settling records that nothing else will. Values of
staging that do not fit their column come from quarantine.quarantined_rows, records that
did not fit their file from malformed_rows.
"""

from dataclasses import dataclass
from typing import Any

from psycopg import Connection, sql

from orchestration.decisions import record_decision
from orchestration.errors import UsageError
from orchestration.steward import Known, known_batches

_MALFORMED = """
select m.source_system, m.table_name, m.batch_id, b.as_of, m.file_name, m.line_number,
    cast(null as text) as column_name, m.row_text as value, m.reason
from quarantine.malformed_rows m join ops.batches b using (batch_id)
"""
_SETTLED = """from ops.decisions where action = 'settle_records'
    and cast(details ->> 'batch_id' as bigint) ="""
# A record set aside counts while its batch does: not if that was decided on, loaded or
# corrected as another batch, or followed by a younger snapshot. A delta's counts until
# somebody says that it is settled: no younger delta can tell.
_STANDING = f"""
where not exists (select from ops.batch_decisions d where d.batch_id = m.batch_id)
    and not exists (select {_SETTLED} m.batch_id)
    and not exists (
        select from ops.batches later
        where (later.source_system, later.table_name, later.as_of)
            = (b.source_system, b.table_name, b.as_of)
            and later.batch_id > b.batch_id
    )
    and not exists (
        select from ops.batches younger
        where younger.source_system = b.source_system
            and younger.table_name = b.table_name and younger.as_of > b.as_of
            and younger.status = 'accepted' and b.mode = 'snapshot'
    )
"""
_FAULTY = """
union all
select source_system, table_name, batch_id, as_of, file_name, line_number, column_name,
    value, reason
from quarantine.quarantined_rows
"""


@dataclass(frozen=True)
class FaultsQuery:
    """A select of faults, and how many there are without its limit."""

    sql: str
    count: int


def faults_query(
    connection: Connection[Any],
    *,
    source: str | None,
    table: str | None,
    batch: int | None,
    limit: int,
) -> FaultsQuery | None:
    """The question for rows in quarantine; None if there are none.

    Args:
        connection: of the transformer.
        source: only of this source system.
        table: only of this source table.
        batch: only of this batch, superseded or not.
        limit: no more faults than so many.
    """
    there = connection.execute(
        "select to_regclass('quarantine.quarantined_rows')"
    ).fetchone()
    # Before the first build there are no staged rows, but there may be records.
    faults = _MALFORMED + ("" if batch else _STANDING)
    faults += _FAULTY if there and there[0] is not None else ""
    conditions = [
        sql.SQL("{} = {}").format(sql.Identifier(column), value)
        for column, value in (
            ("source_system", source),
            ("table_name", table),
            ("batch_id", batch),
        )
        if value is not None
    ]
    chosen = sql.SQL("({}) as faults{}").format(
        sql.SQL(faults),
        sql.SQL(" where {}").format(sql.SQL(" and ").join(conditions))
        if conditions
        else sql.SQL(""),
    )
    counted = connection.execute(
        sql.SQL("select count(*) from {}").format(chosen)
    ).fetchone()
    if not counted or not counted[0]:
        return None
    asked = sql.SQL(
        "select source_system as source, table_name as table, batch_id as batch,"
        " cast(as_of as date) as as_of, file_name as file, line_number as line,"
        " column_name as column, value, reason from {}"
        " order by 1, 2, 3, 6, 7 limit {}"
    ).format(chosen, limit)
    return FaultsQuery(asked.as_string(connection), counted[0])


def settle(
    connection: Connection[Any], batch_id: int, *, reason: str, by: str
) -> Known:
    """Put on record that an accepted batch's records set aside need nothing any more.

    Args:
        connection: of the loader.
        batch_id: of the batch; its records stay in quarantine.malformed_rows.
        reason: what became of them; for the record.
        by: who says so.

    Raises:
        UsageError: there is no such batch, or no record of it needs to be settled.
    """
    found = known_batches(connection, batches=[batch_id])
    if not found:
        raise UsageError(
            f"There is no batch {batch_id}; `wardline batches` lists them."
        )
    (batch,) = found
    if batch.status != "accepted":
        raise UsageError(
            f"{batch.name} was rejected, so its records wait with it: `wardline "
            "batches` says whether it is settled; else `wardline accept "
            f"{batch_id}` or `wardline reject {batch_id}` decides on all of it."
        )
    if not batch.rows_malformed:
        raise UsageError(
            f"{batch.name} has no record set aside; `wardline quarantine` shows those "
            "that there are, with their batch."
        )
    before = connection.execute(
        f"select decided_by, reason {_SETTLED} %s".encode(),
        [batch_id],
    ).fetchone()
    if before:
        raise UsageError(
            f"{batch.name}: its records set aside were settled by {before[0]} "
            f"before: {before[1]}"
        )
    record_decision(
        connection,
        action="settle_records",
        subject=f"records set aside of batch {batch_id} of {batch.subject}",
        reason=reason,
        details={"batch_id": batch_id},
        by=by,
    )
    return batch
