"""One question to the published marts, printed as a table, CSV or JSON.

Who may ask what is PostgreSQL's to say: the connection is wardline_reader's.
"""

import csv
import json
import math
import re
import sys
from collections import Counter
from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg.types.string import TextLoader
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from orchestration.errors import UsageError

# What a terminal obeys instead of showing it, and what turns its letters around.
_OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_FORMULA = re.compile(r"[=+\-@\t\r]")


def print_query(
    console: Console, connection: psycopg.Connection[Any], sql: str, output: str
) -> None:
    """Run one statement and print its rows.

    Args:
        console: where tables go; CSV and JSON go to standard output as they are.
        connection: of the reader.
        sql: one statement that returns rows.
        output: table, csv, excel or json. CSV is exact, for programs; `excel` is CSV
            for people, with a mark of its encoding, and with an apostrophe before every
            text that a spreadsheet would take for a formula.

    Raises:
        UsageError: PostgreSQL refused the statement, or its rows cannot be printed so.
    """
    names, rows = _ask(connection, sql)
    if output == "csv":
        _write_csv(names, rows)
    elif output == "excel":
        sys.stdout.write("\ufeff")
        _write_csv(_unarmed(names), map(_unarmed, rows))
    elif output == "json":
        sys.stdout.write(_as_json(names, rows) + "\n")
    else:
        table = Table(*(escape(_shown(name)) for name in names))
        for row in rows:
            table.add_row(*("" if it is None else escape(_shown(it)) for it in row))
        console.print(table)


def _ask(
    connection: psycopg.Connection[Any], sql: str
) -> tuple[list[str], list[tuple[Any, ...]]]:
    # As PostgreSQL writes them: it knows days that Python does not, as 'infinity'.
    for name in ("date", "timestamp", "timestamptz"):
        connection.adapters.register_loader(name, TextLoader)
    try:
        # Prepared, so that it can be one statement only.
        cursor = connection.execute(sql.encode(), prepare=True)
        rows = cursor.fetchall() if cursor.description else []
    except UnicodeEncodeError as broken:
        raise UsageError("The query is not valid UTF-8; type it again.") from broken
    except psycopg.Error as refused:
        if refused.sqlstate is None and "COPY" in str(refused):
            connection.close()  # it waits for data that nobody will send or take
            raise UsageError(
                "`wardline query` takes a SELECT, not COPY; with --format csv it "
                "prints what COPY would."
            ) from refused
        reason = refused.diag.message_primary or str(refused)
        hint = f" {refused.diag.message_hint}" if refused.diag.message_hint else ""
        raise UsageError(f"PostgreSQL refused the query: {reason}.{hint}") from refused
    if cursor.description is None:
        raise UsageError("The query returns no rows; `wardline query` only reads.")
    return [column.name for column in cursor.description], rows


def _write_csv(names: Sequence[Any], rows: Any) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(names)
    writer.writerows(rows)


def _unarmed(values: Sequence[Any]) -> list[Any]:
    """The values, texts among them such that no spreadsheet calculates them."""
    return [
        f"'{it}" if isinstance(it, str) and _FORMULA.match(it) else it for it in values
    ]


def _as_json(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    for name, count in Counter(names).items():
        if count > 1:
            raise UsageError(
                f"The query returns {count} columns named {name}, and JSON has room "
                "for one; tell them apart with `as`."
            )
    # Amounts stay exact: a Decimal becomes a string, not a float; so does NaN.
    return json.dumps(
        [dict(zip(names, map(_finite, row), strict=True)) for row in rows],
        default=str,
        ensure_ascii=False,
    )


def _finite(value: Any) -> Any:
    is_odd = isinstance(value, float) and not math.isfinite(value)
    return str(value) if is_odd else value


def _shown(value: Any) -> str:
    return _OBEYED.sub(
        lambda it: it.group().encode("unicode_escape").decode(), str(value)
    )
