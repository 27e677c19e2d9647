"""From a file to its landing table: the rows of one batch, text as received.

Decides which way a file is read and what is counted. What a batch means for raw is
decided in batches.py, and whether it may go there by the extract gate.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
from psycopg import Connection

from orchestration.extracts import excel, parquet
from orchestration.extracts.careful import careful_blocks
from orchestration.extracts.contract import ENCODINGS, ExtractContract
from orchestration.extracts.delimited import read_first_line
from orchestration.extracts.errors import printable
from orchestration.extracts.header import Header, match_header
from orchestration.extracts.landing_table import (
    Landed,
    copy_into,
    keep_malformed,
    landing_of,
    make_table,
    send,
)
from orchestration.extracts.lines import LineOffsets
from orchestration.extracts.malformed import MalformedRows
from orchestration.extracts.opening import OpenedFile, opened
from orchestration.extracts.padding import Padding, trim_keys
from orchestration.extracts.parquet_table import opened_table
from orchestration.extracts.plain import NotPlainError, plain_blocks
from orchestration.extracts.workbook import opened_sheet

_CONVERTED: Mapping[str, tuple[Callable[..., Any], Callable[..., Iterable[bytes]]]] = {
    ".xlsx": (opened_sheet, excel.csv_blocks),
    ".parquet": (opened_table, parquet.csv_blocks),
}
"""What opens a file of other than text, and gives its rows as CSV, by its ending."""


def land(
    connection: Connection[Any],
    contract: ExtractContract,
    path: Path,
    siblings: Sequence[ExtractContract] = (),
) -> Landed:
    """Replace a landing table by the rows of one file.

    Landing holds the file's columns as text (an unknown one as `_extra_<n>`), optional
    columns that it lacks as null, and `_row_number`, the record's place in the file.
    Records that do not fit wait in landing.malformed_rows.

    Args:
        connection: of the loader; a transaction of its own if it has none open.
        contract: what the file must look like.
        path: the file, as find_extracts gives it.
        siblings: the system's contracts, to recognise another table's file.

    Raises:
        ExtractRefusedError: the whole file cannot be taken; landing is as it was.
    """
    with connection.transaction():
        connection.execute("set local client_min_messages = warning")
        is_text = path.suffix.lower() not in _CONVERTED
        land_as = _land_delimited if is_text else _land_converted
        return land_as(connection, contract, path, siblings)


def _land_delimited(
    connection: Connection[Any],
    contract: ExtractContract,
    path: Path,
    siblings: Sequence[ExtractContract],
) -> Landed:
    """Try the quick way; where anything about it is doubtful, take the careful one."""
    delimiter = contract.delimiter.encode()
    encoding = ENCODINGS[contract.encoding][1]
    name = printable(path.name)
    malformed, padding = MalformedRows(), Padding(contract)
    try:
        with connection.transaction(), opened(path) as file:
            first = read_first_line(file.content, contract, name)
            header = match_header(first.names, contract, name, siblings)
            make_table(connection, contract, header)
            lines: Sequence[tuple[int, int]] = [(1, first.lines_read)]
            if len(header.columns) == 1:
                raise NotPlainError  # COPY would take a blank line for a row
            blocks: Iterable[bytes] = plain_blocks(file.content, delimiter, first.line)
            copy = copy_into(contract, header.columns, contract.delimiter, encoding)
            rows = send(connection, copy, padding.watch(blocks))
            is_plain = True
    except (NotPlainError, psycopg.DataError):
        with opened(path) as file:
            first = read_first_line(file.content, contract, name)
            header = match_header(first.names, contract, name, siblings)
            make_table(connection, contract, header)
            lines = offsets = LineOffsets()
            padding = Padding(contract, is_plain=False)
            blocks = careful_blocks(
                file.content, contract, first, malformed, offsets, name
            )
            columns = ("_row_number", *header.columns)
            copy = copy_into(contract, columns, contract.delimiter, encoding)
            rows = send(connection, copy, padding.watch(blocks))
            is_plain = False
    if padding.is_found:
        trim_keys(connection, contract, landing_of(contract))
    keep_malformed(connection, contract, malformed)
    landed = _landed(contract, file, rows, malformed.count, header, is_plain)
    return replace(landed, lines=lines)


def _land_converted(
    connection: Connection[Any],
    contract: ExtractContract,
    path: Path,
    siblings: Sequence[ExtractContract],
) -> Landed:
    """Read what is no text, as the CSV that it stands for."""
    opened_as, csv_blocks = _CONVERTED[path.suffix.lower()]
    malformed, name = MalformedRows(), printable(path.name)
    lines = LineOffsets()
    with opened(path) as file, opened_as(file.content, contract, name) as source:
        header = match_header(source.names, contract, name, siblings)
        make_table(connection, contract, header)
        declared = {column.name: column for column in contract.columns}
        columns = [declared.get(name) for name in header.columns]
        blocks = csv_blocks(source, columns, malformed, lines)
        copy = copy_into(contract, ("_row_number", *header.columns), ",", "UTF8")
        count = send(connection, copy, blocks)
    trim_keys(connection, contract, landing_of(contract))
    keep_malformed(connection, contract, malformed)
    landed = _landed(contract, file, count, malformed.count, header, is_plain=False)
    # It has no lines of which the last could be cut off.
    return replace(landed, lines=lines, is_ended=True)


def _landed(
    contract: ExtractContract,
    file: OpenedFile,
    rows: int,
    malformed: int,
    header: Header,
    is_plain: bool,
) -> Landed:
    return Landed(
        contract=contract,
        place=printable(str(file.path)),
        size_bytes=file.size_bytes,
        modified_ns=file.modified_ns,
        content_sha256=file.content_sha256,
        rows_landed=rows,
        rows_malformed=malformed,
        extras=header.extras,
        is_ended=file.is_ended,
        is_plain=is_plain,
    )
