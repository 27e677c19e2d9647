"""How far the batches of a table reach that is read from a database by a watermark.

Kept in ops.files. How a read goes on from there is said in database/selects.py.
"""

from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection

from orchestration.extracts.as_of import latest
from orchestration.extracts.contract import ExtractContract
from orchestration.extracts.landing_table import Landed


def reached(
    connection: Connection[Any], landed: Landed, as_of: datetime
) -> datetime | None:
    """The greatest moment of the watermark in a landed table, up to its `as_of`.

    A slip of the pen that dates a row in the future must not hide the rows to come.
    """
    for column in landed.contract.columns:
        if column.name == landed.contract.watermark:
            next_moment = as_of + timedelta(microseconds=1)
            return latest(connection, landed, column, before=next_moment)
    return None


def watermark_of(
    connection: Connection[Any], contract: ExtractContract
) -> datetime | None:
    """How far the accepted batches of a table reach, as it is read now.

    None before the first, and after a change of the contract: all is read anew then.
    """
    found = connection.execute(
        "select max(f.watermark) from ops.batches b join ops.files f using (batch_id)"
        " where b.source_system = %s and b.table_name = %s and b.status = 'accepted'"
        " and f.contract_sha256 = %s",
        [contract.source_system, contract.table, contract.fingerprint],
    ).fetchone()
    return found[0] if found else None
