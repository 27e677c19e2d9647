"""Batches: a landed file accepted into raw, or rejected with its reason; once each.

Belongs here: the transaction that does it and the sum it must satisfy. Which rows a
batch adds is worked out in appending.py, what a late one must not change in
restating.py, and what is written down in ledger.py.
"""

from datetime import datetime
from pathlib import Path
from typing import Any

from psycopg import Connection, sql

from orchestration.extracts.appending import append_rows
from orchestration.extracts.contract import ExtractContract
from orchestration.extracts.errors import AccountingError, printable
from orchestration.extracts.kept import keep, restore
from orchestration.extracts.landing_table import LANDING_SCHEMA, Landed
from orchestration.extracts.ledger import (
    BatchResult,
    accepted,
    known,
    next_id,
    record,
    record_unread,
)
from orchestration.extracts.restating import next_snapshot, restate
from orchestration.extracts.watermark import reached


def append(
    connection: Connection[Any],
    contract: ExtractContract,
    landed: Landed,
    as_of: datetime,
    run_id: str,
) -> BatchResult:
    """Accept a landed batch: append what is new to raw and record it, all or nothing.

    The same bytes for the same moment again change nothing. Other bytes for the same
    moment supersede what was there. An extract older than what raw holds is put where
    it belongs in time: in whatever order extracts come, raw tells the same of each
    moment as if they had come in the order of time. A rejected batch that was kept is
    taken in like any other.

    Args:
        connection: of the loader; a transaction of its own if it has none open.
        contract: of the table.
        landed: what lies in the landing table.
        as_of: the moment the extract speaks for.
        run_id: of the run, for the record.

    Raises:
        AccountingError: the batch's rows do not add up; raw is as it was.
    """
    with connection.transaction():
        # One batch of a table at a time; whoever may not land it cannot hold it up.
        connection.execute(
            sql.SQL("lock table {} in share row exclusive mode").format(
                sql.Identifier(LANDING_SCHEMA, landed.table)
            )
        )
        for it in accepted(connection, [contract]):
            if it["as_of"] == as_of and it["content_sha256"] == landed.content_sha256:
                return known(contract, it)
        watermark = reached(connection, landed, as_of)
        if landed.kept_as is not None:
            restore(connection, landed)
        batch_id = next_id(connection)
        younger = next_snapshot(connection, contract, as_of, landed.content_sha256)
        rows = append_rows(connection, contract, landed, batch_id, as_of)
        restated = (
            restate(connection, contract, batch_id, as_of, younger) if younger else 0
        )
        result = BatchResult(
            batch_id=batch_id,
            source_system=contract.source_system,
            table=contract.table,
            as_of=as_of,
            status="accepted",
            mode=contract.mode,
            rows_received=landed.rows_received,
            rows_appended=rows.appended,
            rows_unchanged=rows.unchanged,
            rows_malformed=landed.rows_malformed,
            rows_deleted=rows.deleted,
            rows_restated=restated,
            file_name=landed.name,
            extras=tuple(landed.extras.values()),
        )
        added_up = rows.appended + rows.unchanged + landed.rows_malformed
        if landed.rows_received != added_up:
            raise AccountingError(
                f"The rows of a batch do not add up: {contract.subject} received "
                f"{landed.rows_received}, but {rows.appended} appended + "
                f"{rows.unchanged} unchanged + {landed.rows_malformed} malformed are "
                f"{added_up}. Nothing was loaded."
            )
        record(connection, result, landed, run_id, watermark)
        return result


def reject(
    connection: Connection[Any],
    contract: ExtractContract,
    reason: str,
    run_id: str,
    as_of: datetime | None = None,
    landed: Landed | None = None,
    path: Path | None = None,
    unread: str | None = None,
) -> BatchResult:
    """Record a batch that does not reach raw, with its reason, and keep its rows.

    Args:
        connection: of the loader.
        contract: of the table.
        reason: a sentence for a person.
        run_id: of the run.
        as_of: the moment it would have spoken for, if known.
        landed: what was read of it; None if it was refused before that.
        path: its file, if there is one and it was not landed.
        unread: what people call it, if it is no file and was not landed.
    """
    with connection.transaction():
        name = landed.name if landed else printable(path.name) if path else unread
        result = BatchResult(
            batch_id=next_id(connection),
            source_system=contract.source_system,
            table=contract.table,
            as_of=as_of,
            status="rejected",
            mode=contract.mode,
            rows_received=landed.rows_received if landed else 0,
            rows_malformed=landed.rows_malformed if landed else 0,
            file_name=name or contract.file,
            reason=reason,
            extras=tuple(landed.extras.values()) if landed else (),
        )
        record(connection, result, landed, run_id)
        if landed is not None:
            keep(connection, landed, result.batch_id)
        elif path is not None:
            record_unread(connection, contract, result.batch_id, path)
        return result
