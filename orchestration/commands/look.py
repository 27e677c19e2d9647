"""Looking: what was published and judged, and any question to the marts."""

from typing import Annotated

import typer

from orchestration.commands.app import Format, app, console
from orchestration.settings import get_settings


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
    output: Format = "table",
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
