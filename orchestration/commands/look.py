"""Looking: what was published and judged, and any question to the marts."""

from typing import Annotated

import typer
from rich.markup import escape

from orchestration.commands.app import Format, app, console
from orchestration.settings import get_settings


@app.command()
def status(
    is_whole: Annotated[
        bool,
        typer.Option("--all", help="The last publications and the last run in full."),
    ] = False,
) -> None:
    """Whether this morning's figures can be used, and what there is to know."""
    from orchestration import morning, report
    from orchestration.warehouse import Role, open_warehouse

    settings = get_settings()
    with open_warehouse(settings).connect(Role.TRANSFORMER) as connection:
        if is_whole:
            report.print_status(console, connection)
            return
        found = morning.look(connection, settings)
    word, why = morning.answer(found)
    colour = {"Yes": "green", "No": "bold red"}.get(word, "yellow")
    console.print(f"[{colour}]{word}[/]: {escape(why)}", soft_wrap=True)
    for line in morning.lines(found):
        console.print(f"  {escape(line)}", soft_wrap=True)
    console.print("More: wardline status --all")


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
