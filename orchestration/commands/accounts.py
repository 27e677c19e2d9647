"""Who comes through the server: keys of the API, and users of the dashboard."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from orchestration.commands.app import Reason, app, console, stated
from orchestration.commands.readers import asked_password
from orchestration.settings import get_settings

if TYPE_CHECKING:
    from psycopg import Connection

    from orchestration.readers import Binding

api_key = typer.Typer(no_args_is_help=True, help="Keys of the API.")
user = typer.Typer(no_args_is_help=True, help="Users of the dashboard.")
app.add_typer(api_key, name="api-key")
app.add_typer(user, name="user")

Branches = Annotated[
    list[str] | None, typer.Option("--branch", help="Key or name; may be repeated.")
]
Departments = Annotated[
    list[str] | None, typer.Option("--department", help="Key or name; may be repeated.")
]
UserName = Annotated[str, typer.Argument(metavar="NAME", help="As he logs in.")]


@api_key.command(name="create")
def create_key(
    name: Annotated[str, typer.Option(help="Who or what will use it.")],
    reason: Reason,
    branch: Branches = None,
    department: Departments = None,
    expires_in_days: Annotated[int, typer.Option(min=1, max=3650)] = 365,
) -> None:
    """Make a key, for all rows of all marts or for those of some places."""
    from orchestration import accounts
    from orchestration.warehouse import open_warehouse

    lifetime = timedelta(days=expires_in_days)
    with open_warehouse(get_settings()).connect() as connection:
        binding = _binding(connection, branch, department)
        key_id, key = accounts.create_key(
            connection, name, binding, lifetime=lifetime, reason=stated(reason)
        )
    console.print(
        escape(
            f"Key {key_id} ({name}) sees {binding}, until "
            f"{datetime.now(UTC) + lifetime:%Y-%m-%d}. It is shown once:"
        ),
        soft_wrap=True,
    )
    typer.echo(key)


@api_key.command(name="list")
def list_keys() -> None:
    """Every key that was made: what it sees, and until when."""
    from orchestration import accounts
    from orchestration.warehouse import open_warehouse
    from serving.keys import all_keys

    with open_warehouse(get_settings()).connect() as connection:
        keys, bindings = all_keys(connection), accounts.bindings(connection)
    now = datetime.now(UTC)
    _print(
        ("key", "name", "sees", "made", "until", ""),
        [
            (
                str(it.key_id),
                it.key_name,
                _sees(bindings, it.role_name) if it.is_valid(now) else "nothing",
                f"{it.created_at:%Y-%m-%d}",
                f"{it.expires_at:%Y-%m-%d}",
                f"revoked {it.revoked_at:%Y-%m-%d}"
                if it.revoked_at
                else ("open" if it.is_valid(now) else "expired"),
            )
            for it in keys
        ],
    )


@api_key.command(name="revoke")
def revoke_key(
    key: Annotated[int, typer.Argument(help="Its number.")], reason: Reason
) -> None:
    """Close a key, from its next request on."""
    from orchestration import accounts
    from orchestration.warehouse import open_warehouse

    with open_warehouse(get_settings()).connect() as connection:
        accounts.revoke_key(connection, key, reason=stated(reason))
    console.print(f"Key {key} opens nothing any more.")


@user.command(name="add")
def add_user(
    name: UserName,
    reason: Reason,
    branch: Branches = None,
    department: Departments = None,
    has_password: Annotated[
        bool,
        typer.Option(
            "--password/--no-password",
            help="Without: only the hospital's proxy lets him in.",
        ),
    ] = True,
) -> None:
    """Let a user into the dashboard, or change his password or what he sees."""
    from orchestration import accounts
    from orchestration.warehouse import open_warehouse

    settings = get_settings()
    with open_warehouse(settings).connect() as connection:
        binding = _binding(connection, branch, department)
        password = asked_password(settings, name, "is a user") if has_password else None
        accounts.add_user(connection, name, password, binding, reason=stated(reason))
    console.print(escape(f"{name} sees {binding}."), soft_wrap=True)


@user.command(name="list")
def list_users() -> None:
    """Every user of the dashboard, and what he sees."""
    from orchestration import accounts
    from orchestration.warehouse import open_warehouse
    from serving.users import all_users

    with open_warehouse(get_settings()).connect() as connection:
        users, bindings = all_users(connection), accounts.bindings(connection)
    _print(
        ("user", "sees", "login", "since"),
        [
            (
                it.user_name,
                "nothing" if it.is_disabled else _sees(bindings, it.role_name),
                "disabled"
                if it.is_disabled
                else ("password" if it.password_hash else "by the proxy"),
                f"{it.changed_at:%Y-%m-%d %H:%M}",
            )
            for it in users
        ],
    )


@user.command(name="disable")
def disable_user(name: UserName, reason: Reason) -> None:
    """Let a user in no more; his open pages get nothing from then on."""
    from orchestration import accounts
    from orchestration.warehouse import open_warehouse

    with open_warehouse(get_settings()).connect() as connection:
        accounts.disable_user(connection, name, reason=stated(reason))
    console.print(escape(f"{name} is let in no more."))


def _binding(
    connection: "Connection[Any]",
    branches: Sequence[str] | None,
    departments: Sequence[str] | None,
) -> "Binding":
    from orchestration import readers

    if not branches and not departments:
        return readers.Binding()
    places = readers.published_places(connection)
    return readers.bind(*places, branches or (), departments or ())


def _sees(bindings: Any, role: str) -> str:
    from orchestration.memberships import PLAIN

    return "everything" if role == PLAIN else str(bindings.get(role, "nothing"))


def _print(names: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    table = Table(*names)
    for row in rows:
        table.add_row(*map(escape, row))
    console.print(table)
