"""The web server of the dashboard and the API: `serve`."""

from typing import Annotated

import psycopg
import typer
from rich.markup import escape

from orchestration.commands.app import app, console
from orchestration.errors import UsageError
from orchestration.settings import get_settings


@app.command()
def serve(
    host: Annotated[
        str | None, typer.Option(help="The address to listen on; default: settings.")
    ] = None,
    port: Annotated[
        int | None, typer.Option(help="Default: settings.", min=1, max=65535)
    ] = None,
) -> None:
    """The dashboard and the API over the published marts, until Ctrl-C."""
    from psycopg.conninfo import make_conninfo

    from orchestration import dbt, web
    from orchestration.door import door_of
    from orchestration.warehouse import locate, open_warehouse
    from serving.contracts import mart_contracts
    from serving.server import build

    settings = get_settings()
    host, port = host or settings.serve_host, port or settings.serve_port
    warehouse = locate(settings)
    door = door_of(settings, host, is_embedded=warehouse.is_embedded)
    if warehouse.server_conninfo is None:
        raise UsageError(
            "WARDLINE_SERVER_PASSWORD is not set: the server logs in as "
            "wardline_server. Set it, and run `wardline init-db`."
        )
    with web.listen(host, port) as listening, console.status("Starting") as status:
        if warehouse.is_embedded:
            open_warehouse(settings)
        conninfo = make_conninfo(
            warehouse.server_conninfo, options=f"-c timezone={settings.time_zone}"
        )
        built = build(
            conninfo,
            mart_contracts(dbt.manifest(settings)),
            door,
            rate=settings.serve_rate,
            currency=settings.currency,
            data_docs=settings.data_docs,
        )
        status.stop()
        if fault := _fault(conninfo):
            console.print(
                f"[yellow]The warehouse does not answer yet[/] ({escape(fault)}); "
                "pages say so until it does.",
                soft_wrap=True,
            )
        way = "https" if settings.serve_certificate else "http"
        shown = f"[{host}]" if ":" in host else host
        entry = "asks for a login" if door.sessions else "is open to this machine"
        console.print(
            f"{way}://{shown}:{port} {entry}; Ctrl-C ends it.",
            soft_wrap=True,
            markup=False,
        )
        web.run(built, listening, settings)


def _fault(conninfo: str) -> str | None:
    """Why the warehouse cannot be read now; None if it can."""
    try:
        psycopg.connect(conninfo, connect_timeout=5).close()
    except psycopg.OperationalError as failed:
        return str(failed).strip().splitlines()[-1]
    return None
