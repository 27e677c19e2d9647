"""The servers behind a home: PostgreSQL and Dagster's, and how to reach them."""

from typing import Annotated

import typer

from orchestration.commands.app import app, console
from orchestration.settings import get_settings


@app.command()
def url(
    reader: Annotated[
        bool, typer.Option(help="The read-only login, for BI tools.")
    ] = False,
    with_password: Annotated[
        bool, typer.Option("--with-password", help="The password too, if it has one.")
    ] = False,
) -> None:
    """Print the warehouse's URL, starting the embedded server if it is the one."""
    from orchestration.warehouse import Role, open_warehouse

    warehouse = open_warehouse(get_settings())
    role = Role.READER if reader else None
    typer.echo(warehouse.url(role, has_password=with_password))


@app.command(name="init-db")
def init_db() -> None:
    """Make the roles, schemas and bookkeeping tables where they are missing."""
    from orchestration.dbt_profile import write_profile
    from orchestration.memberships import PLAIN, SERVER, is_hardened
    from orchestration.passwords import read_secret, set_password
    from orchestration.server_log import quoting_settings
    from orchestration.warehouse import HARDENING, open_warehouse

    settings = get_settings()
    with open_warehouse(settings).connect() as connection:
        if password := read_secret(settings, "reader_password"):
            set_password(connection, PLAIN, password)
        if password := read_secret(settings, "server_password"):
            set_password(connection, SERVER, password)
        hardened = is_hardened(connection)
        quoting = quoting_settings(connection)
    console.print(
        f"The warehouse is ready; dbt's profile is {write_profile(settings)}."
    )
    if not hardened:
        console.print(
            "Readers keep what only a superuser can take from them (large objects, "
            f"advisory locks); let one run psql -f {HARDENING} in the warehouse.",
            soft_wrap=True,
        )
    if quoting:
        console.print(
            f"PostgreSQL's log may quote patients ({', '.join(quoting)}); let a "
            f"superuser run psql -f {HARDENING} in the warehouse.",
            soft_wrap=True,
        )


@app.command()
def ui(
    port: Annotated[
        int | None,
        typer.Option(help="Of the web server; default: settings.", min=1, max=65535),
    ] = None,
) -> None:
    """Dagster's web server and daemon over this home, until Ctrl-C."""
    from orchestration import dagster_home
    from orchestration.commands.dagster import become
    from orchestration.settings import REPOSITORY
    from orchestration.warehouse import open_warehouse

    settings = get_settings()
    open_warehouse(settings)
    dagster_home.prepare(settings)
    dagster_home.serve()
    become(
        settings, "dagster", "dev", "-w", REPOSITORY / "workspace.yaml",
        "--host", settings.dagster_host, "--port", port or settings.dagster_port,
    )  # fmt: skip


@app.command()
def stop() -> None:
    """Stop the embedded PostgreSQL of this home."""
    from orchestration import embedded

    stopped = embedded.stop(get_settings().home)
    console.print("Stopped." if stopped else "No embedded PostgreSQL was running.")
