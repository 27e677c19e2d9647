"""Readers: who may see which rows of the marts, and the key of their pseudonyms."""

import sys
from typing import Annotated

import typer
from rich.markup import escape

from orchestration.commands.app import app, console
from orchestration.errors import UsageError
from orchestration.settings import Settings, get_settings

Reason = Annotated[str, typer.Option("--reason", help="Why, for the record.")]
Login = Annotated[str, typer.Argument(help="A login of the PostgreSQL server.")]


@app.command()
def grant(
    login: Login,
    reason: Reason,
    branch: Annotated[
        list[str] | None, typer.Option(help="Key or name; may be repeated.")
    ] = None,
    department: Annotated[
        list[str] | None, typer.Option(help="Key or name; may be repeated.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--everything", help="All rows of all marts.")
    ] = False,
) -> None:
    """Let a login read the marts: all rows, or those of branches and departments."""
    from orchestration import readers
    from orchestration.memberships import has_login
    from orchestration.reader_report import leaking_views
    from orchestration.warehouse import open_warehouse

    if everything == bool(branch or department):
        raise UsageError("Say what to see: --branch, --department, or --everything.")
    settings = get_settings()
    warehouse = open_warehouse(settings)
    with warehouse.connect() as connection:
        binding = readers.bind(
            *readers.published_places(connection), branch or (), department or ()
        )
        password = None
        if not (warehouse.is_embedded or has_login(connection, login)):
            password = asked_password(settings, login, "is a new login")
        readers.grant(connection, login, binding, reason=reason, password=password)
        views = leaking_views(connection)
    console.print(escape(f"{login} sees {binding}."), soft_wrap=True)
    for view in views:
        console.print(f"[yellow]Shows all rows to bound readers:[/] {escape(view)}")


@app.command()
def revoke(login: Login, reason: Reason) -> None:
    """Let a login read the marts no longer."""
    from orchestration import readers
    from orchestration.warehouse import open_warehouse

    with open_warehouse(get_settings()).connect() as connection:
        readers.revoke(connection, login, reason=reason)
    console.print(escape(f"{login} sees nothing of the marts; the login itself stays."))


@app.command()
def grants() -> None:
    """Who reads the marts, which rows, and since when."""
    from orchestration.reader_report import print_readers
    from orchestration.warehouse import open_warehouse

    with open_warehouse(get_settings()).connect() as connection:
        print_readers(console, connection)


@app.command(name="rotate-pseudonyms")
def rotate_pseudonyms(
    reason: Reason,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Take a new key for the pseudonyms; the next refresh publishes them."""
    from orchestration.decisions import record_decision
    from orchestration.locks import refresh_lock
    from orchestration.pseudonyms import rotate_key
    from orchestration.warehouse import open_warehouse

    if not yes:
        typer.confirm(
            "Every pseudonym in the marts will be another. Go on?", abort=True
        )
    settings = get_settings()
    warehouse = open_warehouse(settings, is_rotating=True)
    with refresh_lock(warehouse), warehouse.connect() as connection:
        rotate_key(connection, settings)
        record_decision(
            connection, action="rotate_key", subject="pseudonyms", reason=reason
        )
    console.print("The key is another; `wardline refresh` publishes with it.")


def asked_password(settings: Settings, login: str, who: str) -> str:
    """The password of a login or a user: from the settings, or asked for.

    Raises:
        UsageError: it is in no setting, and there is nobody to ask.
    """
    from orchestration.passwords import read_secret

    if given := read_secret(settings, "login_password"):
        return given
    if not sys.stdin.isatty():
        raise UsageError(
            f"{login} {who} and needs a password: set "
            "WARDLINE_LOGIN_PASSWORD_FILE, or run this at a terminal."
        )
    return str(
        typer.prompt(f"Password of {login}", hide_input=True, confirmation_prompt=True)
    )
