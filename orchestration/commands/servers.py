"""The servers behind a home: PostgreSQL and Dagster's, and how to reach them."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from orchestration.commands.app import app, console
from orchestration.settings import get_settings


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
