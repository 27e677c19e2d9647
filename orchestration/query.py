"""One question to the published marts, printed as a table, CSV or JSON.

Who may ask what is PostgreSQL's to say: the connection is wardline_reader's.
"""

import csv
import json
import sys
from typing import Any

import psycopg
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from orchestration.errors import UsageError


def print_query(
    console: Console, connection: psycopg.Connection[Any], sql: str, output: str
) -> None:
    """Run one statement and print its rows.

    Args:
        console: where tables go; CSV and JSON go to standard output as they are.
        connection: of the reader.
        sql: one statement that returns rows.
        output: table, csv or json.

    Raises:
        UsageError: PostgreSQL refused the statement.
    """
    try:
        # Prepared, so that it can be one statement only.
        cursor = connection.execute(sql.encode(), prepare=True)
    except psycopg.Error as refused:
        reason = refused.diag.message_primary or str(refused)
        hint = f" {refused.diag.message_hint}" if refused.diag.message_hint else ""
        raise UsageError(f"PostgreSQL refused the query: {reason}.{hint}") from refused
    if cursor.description is None:
        raise UsageError("The query returns no rows; `wardline query` only reads.")
    names = [column.name for column in cursor.description]
    if output == "csv":
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(names)
        writer.writerows(cursor)
    elif output == "json":
        rows = [dict(zip(names, row, strict=True)) for row in cursor]
        # Amounts stay exact: a Decimal becomes a string, not a float.
        sys.stdout.write(json.dumps(rows, default=str, ensure_ascii=False) + "\n")
    else:
        table = Table(*map(escape, names))
        for row in cursor:
            table.add_row(
                *("" if value is None else escape(str(value)) for value in row)
            )
        console.print(table)
