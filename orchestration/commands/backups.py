"""`wardline backup` and `wardline restore`: the warehouse kept, and put back."""

from pathlib import Path
from typing import Annotated

import typer

from orchestration.commands.app import Reason, app, console, stated
from orchestration.settings import get_settings


@app.command()
def backup(
    folder: Annotated[Path, typer.Argument(help="Of the backups; each gets its own.")],
    keep: Annotated[
        int | None, typer.Option(help="Remove all but so many backups there.", min=1)
    ] = None,
    with_key: Annotated[
        bool, typer.Option("--with-key", help="The pseudonyms' key too.")
    ] = False,
) -> None:
    """Write a backup of the warehouse, beside whoever reads it or refreshes it."""
    from orchestration.backups.writing import back_up, prune
    from orchestration.pseudonyms import key_place
    from orchestration.warehouse import open_warehouse

    settings = get_settings()
    with console.status("Backing up"):
        made, manifest = back_up(
            open_warehouse(settings), settings, folder.resolve(), has_key=with_key
        )
        removed = prune(folder.resolve(), keep) if keep else []
    size_mb = sum(file.stat().st_size for file in made.iterdir()) / 1e6
    console.print(
        f"{made}: {sum(manifest.rows.values()):,} rows of {len(manifest.rows)} tables, "
        f"{size_mb:,.1f} MB, read again and whole.",
        soft_wrap=True,
    )
    if removed:
        console.print(f"Removed {len(removed)} older.")
    if not with_key:
        console.print(
            "The key of the pseudonyms is not in it, and without it nobody restores; "
            f"keep it elsewhere: {key_place(settings)}",
            soft_wrap=True,
        )


@app.command()
def restore(
    backup: Annotated[Path, typer.Argument(help="The folder of one backup.")],
    reason: Reason,
    force: Annotated[
        bool, typer.Option("--force", help="Remove what the warehouse holds now.")
    ] = False,
    new_key: Annotated[
        bool,
        typer.Option("--new-key", help="The pseudonyms' key is lost: take another."),
    ] = False,
) -> None:
    """Put a backup back, into an empty warehouse."""
    from orchestration.backups.restoring import restore as put_back

    with console.status("Restoring"):
        held = put_back(
            get_settings(),
            backup.resolve(),
            reason=stated(reason),
            is_forced=force,
            has_new_key=new_key,
        )
    console.print(
        f"The warehouse is as of {held.as_of or 'before its first publication'} again, "
        f"{sum(held.rows.values()):,} rows of {len(held.rows)} tables. Who may read is "
        "as it was then: see wardline grants, wardline user list, wardline api-key "
        "list.",
        soft_wrap=True,
    )
    if locked := [it.name for it in held.roles if it.can_login and not it.verifier]:
        console.print(
            f"Logins without a password where they were made anew: {', '.join(locked)}",
            soft_wrap=True,
        )
    console.print("Next: wardline init-db, wardline refresh")
