"""Dagster's processes, each by itself, as containers and services start them.

`wardline ui` starts all of them at once, for one person.
"""

import os
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from orchestration.commands.app import app
from orchestration.settings import REPOSITORY, Settings, get_settings

processes = typer.Typer(
    help="Dagster's processes, each by itself; `wardline ui` starts all at once.",
    no_args_is_help=True,
)
app.add_typer(processes, name="dagster")

Check = Annotated[bool, typer.Option("--check", help="Only ask whether it is healthy.")]


@processes.command()
def code(check: Check = False) -> None:
    """The code location: what Dagster knows of Wardline, and the runs themselves."""
    from orchestration import dagster_home
    from orchestration.warehouse import open_warehouse

    settings = get_settings()
    here = ("--host", settings.dagster_code_host, "--port", settings.dagster_code_port)
    if check:
        become(settings, "dagster", "api", "grpc-health-check", *here)
    open_warehouse(settings)
    dagster_home.prepare(settings)
    dagster_home.serve()
    become(
        settings, "dagster", "api", "grpc", *here,
        "--module-name", "orchestration.definitions",
        "--working-directory", REPOSITORY,
        "--location-name", dagster_home.LOCATION,
    )  # fmt: skip


@processes.command()
def webserver(check: Check = False) -> None:
    """The web server. It asks for no login: put a proxy in front that does."""
    from orchestration import dagster_home

    settings = get_settings()
    if check:
        _require_answer(settings)
        return
    become(
        settings, "dagster-webserver", "-w", dagster_home.prepare(settings),
        "--host", settings.dagster_host, "--port", settings.dagster_port,
    )  # fmt: skip


@processes.command()
def daemon(check: Check = False) -> None:
    """The daemon: schedules, sensors and the queue of runs."""
    from orchestration import dagster_home

    settings = get_settings()
    workspace = dagster_home.prepare(settings)
    if check:
        become(settings, "dagster-daemon", "liveness-check")
    become(settings, "dagster-daemon", "run", "-w", workspace)


def become(settings: Settings, program: str, *arguments: object) -> NoReturn:
    """Let one of Dagster's programs take this process over, with its signals."""
    settings.dagster_home.mkdir(parents=True, exist_ok=True)
    os.chdir(settings.dagster_home)
    path = str(Path(sys.executable).with_name(program))
    os.execv(path, [path, *map(str, arguments)])  # noqa: S606


def _require_answer(settings: Settings) -> None:
    import requests

    host = settings.dagster_host
    here = "127.0.0.1" if host == "0.0.0.0" else host  # noqa: S104 (compared only)
    url = f"http://{here}:{settings.dagster_port}/server_info"
    try:
        requests.get(url, timeout=10).raise_for_status()
    except requests.RequestException as failed:
        typer.echo(f"{url}: {type(failed).__name__}", err=True)
        raise typer.Exit(1) from None
