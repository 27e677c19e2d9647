"""What `wardline` can do: a thin function a command; the work is done elsewhere.

The way in and out, with errors and exit codes, is cli.py.
"""

import os
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.markup import escape

from orchestration.errors import UsageError
from orchestration.settings import get_settings

app = typer.Typer(
    name="wardline",
    help="A hospital's warehouse: extracts in, checked and published marts out.",
    epilog="With --debug, any command shows the traceback of an error.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)

GATE_FAILED, FAULT = 1, 3


Date = typer.Option(formats=["%Y-%m-%d"], help="The day that extracts speak for.")
Sources = Annotated[
    list[str] | None,
    typer.Option("--source", help="Take in only this source system; may be repeated."),
]


@app.command()
def refresh(
    source: Sources = None,
    extracts: Annotated[
        Path | None, typer.Option(help="A drop folder other than the settings'.")
    ] = None,
    as_of: Annotated[datetime | None, Date] = None,
    with_sample: Annotated[
        bool,
        typer.Option("--sample", help="Simulate a hospital if there are no extracts."),
    ] = False,
) -> None:
    """Take in the extracts, judge them, build the marts, judge and publish them."""
    from orchestration import dbt, progress, report, sample
    from orchestration.refresh import run_refresh
    from orchestration.warehouse import Role, open_warehouse

    settings = get_settings()
    folder = (extracts or settings.drop_folder).resolve()
    with console.status("Starting the warehouse") as status:
        warehouse = open_warehouse(settings)
        if with_sample and sample.is_due(warehouse, folder):
            status.update("Simulating a hospital's extracts")
            console.print(f"{folder} is empty; {sample.write_sample(folder)}")
        status.update("Loading the project")
        for name in dbt.require_extracts(settings, folder):
            console.print(f"[yellow]No source system is named {escape(name)}[/]")
        with progress.heard_by(status.update):
            run = run_refresh(
                settings,
                sources=source or (),
                extracts=extracts and folder,
                as_of=f"{as_of:%Y-%m-%d}" if as_of else None,
            )
    with warehouse.connect(Role.TRANSFORMER) as connection:
        report.print_refresh(console, connection, run)
        if run.is_success:
            report.print_headlines(console, connection, settings.currency)
    if not run.is_success:
        raise typer.Exit(FAULT if run.faults else GATE_FAILED)
    console.print("Look further: wardline query, wardline status, wardline ui")


@app.command()
def check(
    folder: Annotated[Path, typer.Argument(help="A drop folder of extracts.")],
    source: Sources = None,
) -> None:
    """Validate extracts against the contract and the extract gate; load nothing."""
    from orchestration import dbt, progress, report
    from orchestration.extracts.manifest import load_contracts
    from orchestration.ingestion import check as check_extracts
    from orchestration.warehouse import open_warehouse, refresh_lock

    settings = get_settings()
    dbt.require_extracts(settings, folder)
    chosen = dbt.choose_systems(settings, source or ())
    with console.status("Starting the warehouse") as status:
        warehouse = open_warehouse(settings)
        status.update("Loading the project")
        contracts = load_contracts(dbt.manifest(settings))
        # Landing is one place: a refresh and a check would read each other's rows.
        with refresh_lock(warehouse), progress.heard_by(status.update):
            found = [
                one
                for system in chosen
                for one in check_extracts(
                    warehouse, contracts[system], folder.resolve()
                )
            ]
    if not found:
        raise UsageError(
            f"There are no extracts of {', '.join(chosen)} in {folder}; expected "
            "<source_system>/<YYYY-MM-DD>/<table>.csv."
        )
    if not report.print_check(console, found):
        raise typer.Exit(GATE_FAILED)


@app.command()
def status() -> None:
    """The last publications, and the gates and batches of the last run."""
    from orchestration import report
    from orchestration.warehouse import Role, open_warehouse

    with open_warehouse(get_settings()).connect(Role.TRANSFORMER) as connection:
        report.print_status(console, connection)


@app.command()
def query(
    sql: Annotated[str, typer.Argument(help="One SELECT over the published marts.")],
    output: Annotated[
        Literal["table", "csv", "json"], typer.Option("--format")
    ] = "table",
    internal: Annotated[
        bool,
        typer.Option(help="Ask all layers, patients' values included; reads only."),
    ] = False,
) -> None:
    """Ask the published marts, as the read-only role."""
    from orchestration.query import print_query
    from orchestration.warehouse import Role, open_warehouse

    role = Role.TRANSFORMER if internal else Role.READER
    with open_warehouse(get_settings()).connect(role) as connection:
        connection.read_only = True
        print_query(console, connection, sql, output)


@app.command()
def url(
    reader: Annotated[
        bool, typer.Option(help="The read-only login, for BI tools.")
    ] = False,
) -> None:
    """Print the warehouse's URL, starting the embedded server if it is the one."""
    from orchestration.warehouse import Role, open_warehouse

    warehouse = open_warehouse(get_settings())
    typer.echo(warehouse.url(Role.READER if reader else None))


@app.command(name="init-db")
def init_db() -> None:
    """Make the roles, schemas and bookkeeping tables where they are missing."""
    from orchestration.dbt import write_profile
    from orchestration.warehouse import open_warehouse

    settings = get_settings()
    open_warehouse(settings)
    console.print(
        f"The warehouse is ready; dbt's profile is {write_profile(settings)}."
    )


@app.command()
def ui(
    port: Annotated[int, typer.Option(help="Port of Dagster's web server.")] = 3000,
) -> None:
    """Dagster's web server and daemon over this home, until Ctrl-C."""
    from orchestration.refresh import instance
    from orchestration.settings import REPOSITORY
    from orchestration.warehouse import open_warehouse

    settings = get_settings()
    open_warehouse(settings)
    instance(settings)
    os.chdir(settings.dagster_home)
    dagster = str(Path(sys.executable).with_name("dagster"))
    workspace = str(REPOSITORY / "workspace.yaml")
    os.execv(dagster, [dagster, "dev", "-w", workspace, "--port", str(port)])  # noqa: S606


@app.command()
def stop() -> None:
    """Stop the embedded PostgreSQL of this home."""
    from orchestration import embedded

    stopped = embedded.stop(get_settings().home)
    console.print("Stopped." if stopped else "No embedded PostgreSQL was running.")


@app.command()
def simulate(
    out: Annotated[
        Path | None, typer.Option(help="Where to write; default: the drop folder.")
    ] = None,
    beds: Annotated[int, typer.Option(min=9, help="Beds of each branch.")] = 120,
    branches: Annotated[int, typer.Option(min=1)] = 1,
    days: Annotated[int, typer.Option(min=1)] = 90,
    end: Annotated[datetime, Date] = datetime(2026, 3, 31),
    seed: Annotated[int, typer.Option(min=0)] = 7,
) -> None:
    """Write the extract of a synthetic hospital, in the reference layout `his`."""
    from simulator import simulate as run

    folder = (out or get_settings().drop_folder).resolve()
    with console.status("Simulating"):
        extract = run(
            folder, beds=beds, branches=branches, days=days, end=end.date(), seed=seed
        )
    console.print(f"Wrote {extract.folder}")
