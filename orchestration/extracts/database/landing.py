"""From a table of a source's database to its landing table, as text, in one stream.

What is shared with files stands in landing_table.py; what becomes of it is the same.
"""

from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from typing import Any

from psycopg import Connection, sql

from orchestration.extracts.contract import ExtractContract
from orchestration.extracts.database.columns import remarks_on
from orchestration.extracts.database.selects import columns_of, rows_of
from orchestration.extracts.database.snapshot import Snapshot
from orchestration.extracts.database.texts import Stream
from orchestration.extracts.header import match_header
from orchestration.extracts.landing_table import (
    Landed,
    keep_malformed,
    landing_of,
    make_table,
    send,
)
from orchestration.extracts.padding import trim_keys


def land_table(
    connection: Connection[Any],
    contract: ExtractContract,
    snapshot: Snapshot,
    place: str,
    siblings: Sequence[ExtractContract] = (),
    reached: datetime | None = None,
) -> Landed:
    """Replace a landing table by the rows of one table of a database.

    Landing looks as it does for a file: columns as text, unknown ones as `_extra_<n>`,
    `_row_number` the row's place in the stream. Rows that are no texts of PostgreSQL
    wait in landing.malformed_rows.

    Args:
        connection: of the loader; a transaction of its own if it has none open.
        contract: what to read, and what it must look like.
        snapshot: of the source's database.
        place: what people call the table.
        siblings: the system's contracts.
        reached: how far accepted batches reach, for a read by a watermark.

    Raises:
        ExtractRefusedError: the table cannot be taken; landing is as it was.
    """
    dialect = snapshot.dialect
    with connection.transaction():
        connection.execute("set local client_min_messages = warning")
        columns = snapshot.columns(contract, columns_of(contract, dialect), place)
        names = [column.name for column in columns]
        header = match_header(names, contract, place, siblings)
        remarks = remarks_on(columns, contract, place)
        watermark = next(
            (
                dialect.identifier_preparer.quote(name)
                for name in names
                if contract.watermark and name.lower() == contract.watermark
            ),
            None,
        )
        select = rows_of(
            contract, dialect, [it.expression for it in columns], watermark, reached
        )
        make_table(connection, contract, header)
        copy = sql.SQL("copy {} ({}) from stdin (null '', encoding 'UTF8')").format(
            landing_of(contract),
            sql.SQL(", ").join(
                sql.Identifier(name) for name in ("_row_number", *header.columns)
            ),
        )
        stream = Stream(contract.subject, place, names)
        # Closed at once whatever happens: the next table is read by the same session.
        with closing(snapshot.batches(select, columns, place)) as batches:
            rows = send(connection, copy, stream.blocks(batches))
        trim_keys(connection, contract, landing_of(contract))
        keep_malformed(connection, contract, stream.malformed)
    return Landed(
        contract=contract,
        place=place,
        size_bytes=stream.size_bytes,
        modified_ns=0,
        content_sha256=stream.content_sha256,
        rows_landed=rows,
        rows_malformed=stream.malformed.count,
        extras=header.extras,
        is_plain=True,
        lines=((1, 0),),
        remarks=remarks,
    )
