"""What was accepted before a batch: the yardstick that the extract gate measures by.

Only reading of ops.batches. A batch of the same day is never its own yardstick: a
corrected file is measured as the first one was, against the time before.
"""

from datetime import date, datetime, timedelta
from typing import Any

from psycopg import Connection

from orchestration.extracts.contract import ExtractContract
from orchestration.extracts.landing_table import Landed

# The last batch accepted for each moment, back to the last that a steward accepted by
# hand: whatever he said is right is what comes after it is measured by.
_HISTORY = """
with accepted as (
    select distinct on (b.as_of) b.as_of, b.rows_received - b.rows_malformed as rows,
        d.batch_id is not null as is_decided
    from ops.batches b
    left join ops.batch_decisions d on d.loaded_as = b.batch_id
    where b.source_system = %(system)s and b.table_name = %(table)s
        and b.status = 'accepted'
        and b.as_of < %(day)s and b.as_of >= %(since)s
    order by b.as_of, b.batch_id desc
)
select rows from accepted
where as_of >= coalesce(
    (select max(as_of) from accepted where is_decided), '-infinity'
)
order by as_of desc
"""


def history(
    connection: Connection[Any],
    contract: ExtractContract,
    as_of: datetime,
    weeks: float,
) -> tuple[int, ...]:
    """The sound rows of the batches accepted in the weeks before a day, newest first.

    The last batch before it counts however old it is. Where there is none, a file is
    measured by the one of the same day that it replaces.
    """
    day = datetime.combine(as_of.date(), datetime.min.time())
    last = connection.execute(
        "select max(as_of) from ops.batches where source_system = %s"
        " and table_name = %s and status = 'accepted' and as_of < %s",
        [contract.source_system, contract.table, day],
    ).fetchone()
    if last is None or last[0] is None:
        replaced = connection.execute(
            "select rows_received - rows_malformed from ops.batches"
            " where source_system = %s and table_name = %s and status = 'accepted'"
            " and as_of = %s order by batch_id desc limit 1",
            [contract.source_system, contract.table, as_of],
        ).fetchone()
        return replaced or ()
    found = connection.execute(
        _HISTORY,
        {
            "system": contract.source_system,
            "table": contract.table,
            "day": day,
            "since": min(last[0], day - timedelta(weeks=weeks)),
        },
    )
    return tuple(rows for (rows,) in found)


def accepted_until(
    connection: Connection[Any], source_system: str, as_of: datetime
) -> datetime | None:
    """The latest moment before a day that an accepted batch of a system speaks for."""
    found = connection.execute(
        "select max(as_of) from ops.batches where source_system = %s"
        " and status = 'accepted' and as_of < %s",
        [source_system, datetime.combine(as_of.date(), datetime.min.time())],
    ).fetchone()
    return found[0] if found else None


def came_on(connection: Connection[Any], landed: Landed, now: datetime) -> date:
    """The day a batch came: today, or when it was rejected first and kept.

    Args:
        connection: of the loader.
        landed: the batch.
        now: by the hospital's clock, in its time zone.
    """
    if landed.kept_as is None:
        return now.date()
    found = connection.execute(
        "select received_at from ops.batches where batch_id = %s", [landed.kept_as]
    ).fetchone()
    assert found is not None  # noqa: S101 (what is kept is on record)
    received_at: datetime = found[0]
    return received_at.astimezone(now.tzinfo).date()
