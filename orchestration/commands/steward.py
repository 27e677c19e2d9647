"""What a steward does: look at batches and broken rows, accept or reject a batch."""

from typing import Annotated
from uuid import uuid4

import typer
from rich.markup import escape
from rich.table import Table

from expectations.words import counted
from orchestration.commands.app import (
    By,
    Format,
    Reason,
    app,
    console,
    stated,
)
from orchestration.settings import get_settings

Source = Annotated[
    str | None, typer.Option("--source", help="Only of this source system.")
]
SourceTable = Annotated[
    str | None, typer.Option("--table", help="Only of this source table.")
]
Batches = Annotated[
    list[int], typer.Argument(help="Numbers of rejected batches; see `batches`.")
]


@app.command()
def batches(
    source: Source = None,
    table: SourceTable = None,
    waiting: Annotated[
        bool, typer.Option("--waiting", help="Only those that wait for a decision.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, help="The latest so many.")] = 20,
) -> None:
    """The batches received, what became of them, and which wait for a decision."""
    from orchestration import bookkeeping, steward
    from orchestration.warehouse import Role, open_warehouse

    with open_warehouse(get_settings()).connect(Role.TRANSFORMER) as connection:
        open_ones = {it.batch_id for it in bookkeeping.waiting(connection)}
        found = steward.known_batches(
            connection,
            batches=sorted(open_ones) if waiting else None,
            source=source,
            table=table,
            limit=None if waiting else limit,
        )
    if not found:
        console.print("No batch waits." if waiting else "There are no such batches.")
        return
    shown = Table(title="Batches", title_justify="left")
    for name in ("no.", "batch", "as of", "received", "malformed", "received at", ""):
        shown.add_column(name, overflow="fold")
    for one in found:
        state = "accepted"
        if one.status == "rejected":
            state = "[yellow]waits[/]" if one.batch_id in open_ones else "superseded"
        if one.decision == "rejected":
            state = f"rejected for good by {escape(str(one.decided_by))}"
        elif one.decision == "accepted":
            state = f"accepted as {one.loaded_as} by {escape(str(one.decided_by))}"
        shown.add_row(
            str(one.batch_id),
            one.subject,
            f"{one.as_of:%Y-%m-%d}" if one.as_of else "",
            f"{one.rows_received:,}",
            f"{one.rows_malformed:,}",
            f"{one.received_at:%Y-%m-%d %H:%M}",
            state,
        )
    console.print(shown)
    for one in reversed(found):
        if one.batch_id in open_ones:
            console.print(f"{one.batch_id}: {escape(str(one.reason))}", soft_wrap=True)
    if open_ones:
        console.print(
            'Correct the file, or: wardline accept NUMBER --reason "..." '
            '(wardline reject NUMBER --reason "...")'
        )


@app.command()
def accept(batch: Batches, reason: Reason, by: By = None) -> None:
    """Load rejected batches although the extract gate did not pass them."""
    from orchestration import dbt, steward
    from orchestration.decisions import os_user
    from orchestration.extracts.manifest import load_contracts
    from orchestration.locks import refresh_lock
    from orchestration.warehouse import open_warehouse

    settings = get_settings()
    who, why = by or os_user(), stated(reason)
    with console.status("Starting the warehouse") as status:
        warehouse = open_warehouse(settings)
        status.update("Loading the project")
        contracts = load_contracts(dbt.manifest(settings))
        run_id = str(uuid4())
        with refresh_lock(warehouse):
            for number in batch:
                status.update(f"Accepting batch {number}")
                loaded = steward.accept(
                    warehouse, contracts, number, reason=why, by=who, run_id=run_id
                )
                console.print(
                    f"Batch {number} of {loaded.source_system}.{loaded.table} is "
                    f"accepted as batch {loaded.batch_id}: "
                    f"{counted(loaded.rows_received, 'row')} received = "
                    f"{loaded.rows_appended:,} appended + {loaded.rows_unchanged:,} "
                    f"unchanged + {loaded.rows_malformed:,} malformed."
                )
    console.print("It is published by the next refresh: wardline refresh")


@app.command()
def reject(batch: Batches, reason: Reason, by: By = None) -> None:
    """Settle rejected batches for good, so that they stop no publication any more."""
    from orchestration import steward
    from orchestration.decisions import os_user
    from orchestration.locks import refresh_lock
    from orchestration.warehouse import Role, open_warehouse

    who, why = by or os_user(), stated(reason)
    warehouse = open_warehouse(get_settings())
    with refresh_lock(warehouse), warehouse.connect(Role.LOADER) as connection:
        for number in batch:
            settled = steward.reject(connection, number, reason=why, by=who)
            console.print(f"{settled.name} is rejected for good.")
    console.print("Nothing waits for it any more: wardline refresh")


@app.command()
def settle(
    batch: Annotated[
        list[int],
        typer.Argument(help="Numbers of accepted batches; see `quarantine`."),
    ],
    reason: Reason,
    by: By = None,
) -> None:
    """Settle the records set aside of accepted batches, so that they count no more."""
    from orchestration import quarantine
    from orchestration.decisions import os_user
    from orchestration.warehouse import Role, open_warehouse

    who, why = by or os_user(), stated(reason)
    with open_warehouse(get_settings()).connect(Role.LOADER) as connection:
        for number in batch:
            settled = quarantine.settle(connection, number, reason=why, by=who)
            console.print(
                f"{settled.name}: {counted(settled.rows_malformed, 'record')} set "
                "aside settled."
            )


@app.command()
def quarantine(
    source: Source = None,
    table: SourceTable = None,
    batch: Annotated[
        int | None, typer.Option(help="Only of the batch of this number.")
    ] = None,
    limit: Annotated[
        int, typer.Option(min=1, help="No more than so many faults.")
    ] = 200,
    output: Format = "table",
) -> None:
    """Rows that were set aside, with file, line, column, value and reason.

    Shows values of patients, to whoever may connect as wardline_transformer.
    """
    from orchestration.quarantine import faults_query
    from orchestration.query import print_query
    from orchestration.warehouse import Role, open_warehouse

    with open_warehouse(get_settings()).connect(Role.TRANSFORMER) as connection:
        connection.read_only = True
        asked = faults_query(
            connection, source=source, table=table, batch=batch, limit=limit
        )
        if asked is None:
            console.print("Nothing is in quarantine.")
        else:
            print_query(console, connection, asked.sql, output)
            if output == "table" and asked.count > limit:
                console.print(
                    f"{limit:,} of {counted(asked.count, 'fault')}; --limit shows more."
                )
