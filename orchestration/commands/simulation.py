"""Extracts of a synthetic hospital, for whoever has none yet."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from orchestration.commands.app import Date, app, console
from orchestration.errors import UsageError
from orchestration.settings import get_settings


@app.command()
def simulate(
    out: Annotated[
        Path | None, typer.Option(help="Where to write; default: the drop folder.")
    ] = None,
    beds: Annotated[int, typer.Option(min=9, help="Beds of each branch.")] = 120,
    branches: Annotated[int, typer.Option(min=1)] = 1,
    days: Annotated[int, typer.Option(min=1)] = 90,
    end: Annotated[datetime, Date] = datetime(2026, 3, 31),
    seed: Annotated[int, typer.Option(min=0)] = 7,
) -> None:
    """Write the extract of a synthetic hospital, in the reference layout `his`."""
    from simulator import simulate as run

    settings = get_settings()
    if out is None and settings.remote_extracts:
        raise UsageError(
            f"WARDLINE_EXTRACTS is {settings.remote_extracts}, where nothing is "
            "written; name a folder of this machine with --out."
        )
    folder = (out or settings.drop_folder).resolve()
    with console.status("Simulating"):
        extract = run(
            folder, beds=beds, branches=branches, days=days, end=end.date(), seed=seed
        )
    console.print(f"Wrote {extract.folder}")
