"""Every dbt model's time on a hospital's year, and the hourly mart beside its events.

Run with `python -m benchmarks.models [--beds N] [--days N] [--repeats N]`. dbt builds
one model after the other, so that none waits for another. Seconds are this machine's;
what travels is one model's time per row beside another's, and the ratio to a group by.
"""

from collections.abc import Mapping
from datetime import date
from statistics import median
from time import perf_counter
from typing import Annotated, Any, cast

import typer
from dbt.artifacts.schemas.run import RunExecutionResult
from dbt.cli.main import dbtRunner
from psycopg import Connection
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.table import Line, percent, seconds, times
from orchestration import dbt
from orchestration.errors import WardlineError
from orchestration.settings import Settings
from orchestration.warehouse import Role, open_warehouse
from simulator import simulate
from tests.conftest import Home, remove_home

END = date(2025, 12, 31)
# From the moments at which beds fill and empty to the mart.
HOURLY = ("bed_cell_hours", "bed_occupancy_hourly")
# The same moments, and the same hours to put them into: what no way can do without.
GROUP_BY = """
    create table candidate.baseline as
    select bed_cell_number, hour_starts_at, sum(change) as change
    from (
        select
            bed_cell_number, date_trunc('hour', changes_at) as hour_starts_at, change
        from intermediate.bed_moments
        union all
        select cells.bed_cell_number, hours.hour_starts_at, 0
        from intermediate.bed_cells as cells
        inner join intermediate.local_hours as hours using (source_system, time_zone)
    ) as events
    group by bed_cell_number, hour_starts_at
"""


def build(settings: Settings) -> dict[str, float]:
    """Let dbt build all models, one at a time; the seconds of each."""
    ran = dbtRunner().invoke(
        [
            *("--quiet", "--log-path", str(settings.dbt_home / "logs"), "run"),
            *("--full-refresh", "--threads", "1"),
            *("--project-dir", str(settings.dbt_project)),
            *("--profiles-dir", str(settings.dbt_home)),
            *("--target-path", str(dbt.target_path(settings))),
        ]
    )
    if not ran.success:
        raise ran.exception or WardlineError("dbt could not build the models.")
    results = cast(RunExecutionResult, ran.result)
    return {it.node.unique_id: it.execution_time for it in results}


def group_by(connection: Connection[Any]) -> float:
    """Seconds of a plain group by over the hourly mart's events."""
    connection.execute("drop table if exists candidate.baseline")
    start = perf_counter()
    connection.execute(GROUP_BY.encode())
    spent = perf_counter() - start
    connection.execute("drop table candidate.baseline")
    return spent


def costliest_lines(section: str, home: Home, number: int = 5) -> list[Line]:
    """The models that cost most of a build, for the benchmark's table, and the hourly.

    Args:
        section: of the table.
        home: with its models built.
        number: how many models.
    """
    spent = build(home.settings)
    with open_warehouse(home.settings).connect(Role.TRANSFORMER) as connection:
        connection.autocommit = True
        plain = group_by(connection)
    whole = sum(spent.values())
    lines = [
        Line(section, name.rsplit(".", 1)[-1], percent(cost, whole), seconds(cost))
        for name, cost in sorted(spent.items(), key=lambda it: -it[1])[:number]
    ]
    hourly = sum(spent[f"model.wardline.{name}"] for name in HOURLY)
    what = "from bed_moments to the hourly mart, against a plain group by"
    return [
        *lines,
        Line(section, what, times(hourly, plain), seconds(hourly), seconds(plain)),
    ]


def rows_of(connection: Connection[Any], relation: str) -> int:
    """The rows of a table or a view."""
    counted = connection.execute(f"select count(*) from {relation}".encode())
    return int(counted.fetchone()[0])  # type: ignore[index]


def main(
    beds: Annotated[int, typer.Option(help="Beds of the hospital.")] = 500,
    days: Annotated[int, typer.Option(help="Days that it is simulated for.")] = 365,
    repeats: Annotated[int, typer.Option(help="Turns of each model.")] = 3,
) -> None:
    """Measure what each model costs."""
    console = Console(width=100)
    home = Home()
    try:
        with console.status(f"Publishing {days} days of {beds} beds"):
            extract = simulate(home.extracts, end=END, beds=beds, days=days)
            home.refresh()
        each: dict[str, list[float]] = {}
        plain = []
        with open_warehouse(home.settings).connect(Role.TRANSFORMER) as connection:
            connection.autocommit = True
            for _ in track(range(repeats), "Building the models"):
                for name, spent in build(home.settings).items():
                    each.setdefault(name, []).append(spent)
                plain.append(group_by(connection))
            nodes = dbt.manifest(home.settings)
            rows = {
                name: rows_of(connection, node["relation_name"])
                for name, node in (nodes["nodes"] | nodes["sources"]).items()
                if node["resource_type"] in ("model", "source")
                and node["relation_name"]  # else it is a part of those that read it
            }
        medians = {name: median(spent) for name, spent in each.items()}
        title = ", ".join(
            f"{extract.rows[name]:,} {name.replace('_', ' ')}"
            for name in ("admissions", "bed_stays", "appointments", "bills")
        )
        console.print(models_table(title, medians, rows, nodes["parent_map"]))
        hourly = sum(medians[f"model.wardline.{name}"] for name in HOURLY)
        console.print(
            f"From bed_moments to bed_occupancy_hourly: {hourly:.2f} s; a plain group "
            f"by over its events and hours: {median(plain):.2f} s; "
            f"{hourly / median(plain):.1f} times."
        )
    finally:
        remove_home(home.path)


def models_table(
    title: str,
    spent: Mapping[str, float],
    rows: Mapping[str, int],
    parents: Mapping[str, list[str]],
) -> Table:
    """Each model's rows, seconds, and microseconds for each row read or written."""
    table = Table(title=title, caption="medians; rows read are those of all parents")
    for heading in ("model", "rows read", "rows written", "seconds", "µs per row"):
        table.add_column(heading, justify="left" if heading == "model" else "right")
    for name in sorted(spent, key=lambda it: -spent[it]):
        read = sum(rows.get(parent, 0) for parent in parents[name])
        per_row = 1e6 * spent[name] / max(read + rows[name], 1)
        table.add_row(
            *(name.rsplit(".", 1)[-1], f"{read:,}", f"{rows[name]:,}"),
            *(f"{spent[name]:.2f}", f"{per_row:,.1f}"),
        )
    table.add_section()
    table.add_row("all", "", "", f"{sum(spent.values()):.2f}", "")
    return table


if __name__ == "__main__":
    typer.run(main)
