"""Taking extracts in: `refresh` loads and publishes them, `check` only judges."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import typer
from rich.markup import escape

from orchestration.commands.app import (
    FAULT,
    GATE_FAILED,
    Date,
    Sources,
    app,
    console,
)
from orchestration.errors import UsageError
from orchestration.settings import get_settings


@app.command()
def refresh(
    source: Sources = None,
    extracts: Annotated[
        Path | None,
        typer.Option(help="A drop folder of this machine other than the settings'."),
    ] = None,
    as_of: Annotated[datetime | None, Date] = None,
    night: Annotated[
        list[datetime] | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            help="Take in only what speaks for this day; may be repeated.",
        ),
    ] = None,
    each_night: Annotated[
        bool,
        typer.Option(
            "--each-night",
            help="Publish after each dated night; else all are taken in, then modelled"
            " once.",
        ),
    ] = False,
    full: Annotated[
        bool,
        typer.Option(
            "--full", help="Build every model as a whole, not only what changed."
        ),
    ] = False,
    with_sample: Annotated[
        bool,
        typer.Option("--sample", help="Simulate a hospital if there are no extracts."),
    ] = False,
) -> None:
    """Take in the extracts, judge them, build the marts, judge and publish them."""
    from orchestration import dbt, progress, report, sample
    from orchestration.alerts.outbox import failure_told
    from orchestration.decisions import os_user
    from orchestration.inbox.receiving import remote_systems
    from orchestration.refresh import nights_ahead, run_refresh
    from orchestration.warehouse import Role, open_warehouse

    settings = get_settings()
    folder = (extracts or settings.drop_folder).resolve()
    with (
        failure_told(settings, str(uuid4()), f"{os_user()}, command line"),
        console.status("Starting the warehouse") as status,
    ):
        warehouse = open_warehouse(settings)
        remote = None if extracts else settings.remote_extracts
        is_fed = bool(settings.source_url or remote)
        if with_sample and sample.is_due(warehouse, folder, is_fed):
            status.update("Simulating a hospital's extracts")
            console.print(f"{folder} is empty; {sample.write_sample(folder)}")
        status.update("Loading the project")
        unknown = (
            dbt.require_systems(settings, remote, remote_systems(settings))
            if remote
            else dbt.require_extracts(settings, folder)
        )
        for name in unknown:
            console.print(f"[yellow]No source system is named {escape(name)}[/]")
        chosen = [it.date() for it in night or ()]
        parts: list[list[date]] = [chosen]
        if each_night:
            ahead = nights_ahead(settings, warehouse, extracts and folder, source or ())
            parts = [[it] for it in ahead if it in chosen or not chosen] or [chosen]
        for nights in parts:
            with progress.heard_by(status.update):
                run = run_refresh(
                    settings,
                    sources=source or (),
                    extracts=extracts and folder,
                    as_of=f"{as_of:%Y-%m-%d}" if as_of else None,
                    nights=nights,
                    full=full,
                )
            if not run.is_success or nights is parts[-1]:
                break
            with warehouse.connect(Role.TRANSFORMER) as connection:
                report.print_published(console, connection)
    with warehouse.connect(Role.TRANSFORMER) as connection:
        report.print_refresh(console, connection, run)
        if run.is_success:
            report.print_headlines(console, connection, settings.currency)
    if not run.is_success:
        raise typer.Exit(FAULT if run.faults else GATE_FAILED)
    console.print("Look further: wardline query, wardline status, wardline ui")


@app.command()
def check(
    folder: Annotated[
        Path | None,
        typer.Argument(help="A drop folder of extracts; default: the settings'."),
    ] = None,
    source: Sources = None,
) -> None:
    """Validate extracts against the contract and the extract gate; load nothing."""
    from expectations import preload
    from orchestration import dbt, progress, report
    from orchestration.clock import hospital_now
    from orchestration.extracts.arrivals import Received
    from orchestration.extracts.manifest import load_contracts
    from orchestration.ingestion import check as check_extracts
    from orchestration.locks import refresh_lock
    from orchestration.source_databases import source_databases
    from orchestration.warehouse import open_warehouse

    settings = get_settings()
    folder = (folder or settings.drop_folder).resolve()
    dbt.require_extracts(settings, folder)
    databases = source_databases(settings, dbt.source_systems(settings))
    chosen = dbt.choose_systems(settings, source or ())
    preload()
    with console.status("Starting the warehouse") as status:
        warehouse = open_warehouse(settings)
        status.update("Loading the project")
        manifest = dbt.manifest(settings)
        contracts = load_contracts(manifest)
        thresholds = dbt.threshold_file(settings, manifest).read()
        # Landing is one place: a refresh and a check would read each other's rows.
        with refresh_lock(warehouse), progress.heard_by(status.update):
            found = [
                one
                for system in chosen
                for one in check_extracts(
                    warehouse,
                    contracts[system],
                    databases.get(system, Received(folder)),
                    thresholds,
                    hospital_now(settings),
                )
            ]
    if not found:
        raise UsageError(
            f"There are no extracts of {', '.join(chosen)} in {folder}; expected "
            "<source_system>/<YYYY-MM-DD>/<table>.csv."
        )
    if not report.print_check(console, found):
        raise typer.Exit(GATE_FAILED)
