"""Extracts of a synthetic hospital, for whoever has none yet."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from orchestration.commands.app import Date, app, console
from orchestration.errors import UsageError
from orchestration.settings import get_settings

_DAYS, _DAYS_OF_A_YEAR = 90, 365.25
_LEAST_BEDS_OF_A_BRANCH = 9


@app.command()
def simulate(  # noqa: PLR0913 - an option each
    *,
    out: Annotated[
        Path | None, typer.Option(help="Where to write; default: the drop folder.")
    ] = None,
    beds: Annotated[int, typer.Option(min=9, help="Of all branches together.")] = 120,
    branches: Annotated[int, typer.Option(min=1)] = 1,
    days: Annotated[
        int | None, typer.Option(min=1, help="Days of history; default: 90.")
    ] = None,
    years: Annotated[
        int | None, typer.Option(min=1, max=30, help="Years of it instead.")
    ] = None,
    end: Annotated[datetime, Date] = datetime(2026, 3, 31),
    seed: Annotated[int, typer.Option(min=0)] = 7,
    nights: Annotated[
        int,
        typer.Option(
            min=0,
            help="Extracts of so many further nights, end being the last; the first "
            "is that of the night before them.",
        ),
    ] = 0,
    deltas: Annotated[
        bool,
        typer.Option(
            "--deltas/--snapshots",
            help="What further nights hold: changes (see docs/his-layout.md) or all.",
        ),
    ] = False,
) -> None:
    """Write extracts of a synthetic hospital, in the reference layout `his`.

    Some 2 million rows for each year of 1,500 beds, and a hundred bytes of memory for
    each row.
    """
    from simulator import Nights, simulate_nights
    from simulator import simulate as run

    settings = get_settings()
    if out is None and settings.remote_extracts:
        raise UsageError(
            f"WARDLINE_EXTRACTS is {settings.remote_extracts}, where nothing is "
            "written; name a folder of this machine with --out."
        )
    if days and years:
        raise UsageError("Give --days or --years, not both.")
    if beds < branches * _LEAST_BEDS_OF_A_BRANCH:
        raise UsageError(
            f"Each branch needs {_LEAST_BEDS_OF_A_BRANCH} beds at least: give "
            f"--beds {branches * _LEAST_BEDS_OF_A_BRANCH} or more, or fewer --branches."
        )
    length = round(years * _DAYS_OF_A_YEAR) if years else days or _DAYS
    if nights >= length:
        raise UsageError(f"There are {length} days only, so give fewer --nights.")
    folder = (out or settings.drop_folder).resolve()
    with console.status("Simulating"):
        size = {"beds": beds, "branches": branches, "days": length, "seed": seed}
        if nights:
            what = Nights(nights, deltas=deltas)
            extracts = simulate_nights(folder, what, end=end.date(), **size)
        else:
            extracts = [run(folder, end=end.date(), **size)]
    for extract in extracts:
        console.print(f"Wrote {extract.folder}, {sum(extract.rows.values()):,} rows")
