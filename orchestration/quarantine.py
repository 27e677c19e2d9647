"""The rows that were set aside, of both kinds, as one list for whoever may see them.

Belongs here: the question. Values of staging that do not fit their column come from
quarantine.quarantined_rows, records that did not fit their file from malformed_rows.
"""

from dataclasses import dataclass
from typing import Any

from psycopg import Connection, sql

_MALFORMED = """
select m.source_system, m.table_name, m.batch_id, b.as_of, m.file_name, m.line_number,
    cast(null as text) as column_name, m.row_text as value, m.reason
from quarantine.malformed_rows m join ops.batches b using (batch_id)
"""
# A record set aside counts while its batch does: not if that was decided on, loaded or
# corrected as another batch, or followed by a younger snapshot.
_STANDING = """
where not exists (select from ops.batch_decisions d where d.batch_id = m.batch_id)
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
