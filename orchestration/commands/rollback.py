"""`wardline rollback`: an earlier publication put back."""

from typing import Annotated

import typer

from orchestration.commands.app import By, Reason, app, console, stated
from orchestration.settings import get_settings


@app.command()
def rollback(
    reason: Reason,
    to: Annotated[
        int | None,
        typer.Option(help="The publication to put back; default: the previous one."),
    ] = None,
    by: By = None,
) -> None:
    """Put an earlier publication's rows back into the marts."""
    from orchestration import progress
    from orchestration.locks import refresh_lock
    from orchestration.rollback import roll_back
    from orchestration.warehouse import Role, open_warehouse

    settings = get_settings()
    with (
        console.status("Starting the warehouse") as status,
        progress.heard_by(status.update),
        refresh_lock(open_warehouse(settings)) as lock,
        lock.warehouse.connect(Role.TRANSFORMER) as connection,
    ):
        done = roll_back(
            connection,
            to=to,
            reason=stated(reason),
            by=by,
            keep=settings.keep_publications,
        )
    console.print(
        f"[bold green]Published[/] no. {done.publication_id}: the rows of no. "
        f"{done.restored_publication_id}, {done.rows_changed:,} rows changed"
    )
    console.print(
        "The next refresh publishes what raw and the models yield; "
        "mend what was wrong before it."
    )
