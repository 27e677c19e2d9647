"""`make benchmark-engines`: full refreshes on PostgreSQL and on Spark, at growing size.

Run with `python -m benchmarks.engines [--factor N ...] [--beds N] [--write]`. Each
hospital is refreshed in full by PostgreSQL, and by Spark with one and with two workers,
processes of their own of one core each; no published row may change. All on one
machine, so it says what an engine costs, and nothing of what more machines would give.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated

import psutil
import typer
from rich.console import Console

from benchmarks import table
from benchmarks.history import History, published
from benchmarks.machine import describe
from benchmarks.refreshing import Refreshed, refreshed
from benchmarks.table import Line, mebibytes, seconds, times
from orchestration.settings import REPOSITORY
from orchestration.warehouse import open_warehouse
from tests.conftest import remove_home

DOCUMENT = REPOSITORY / "docs" / "scaling-out.md"
SEED, FACTORS, WORKERS = 7, (1, 3, 10), (1, 2)
_WORKER_MIB = 2048


@dataclass(frozen=True)
class Size:
    """The seconds of one hospital's full refreshes, by engine."""

    rows: int
    spent: dict[str, float]


def on_spark(history: History, workers: int) -> Refreshed:
    """Refresh in full on Spark.

    Raises:
        RuntimeError: it did not publish, or other rows than PostgreSQL.
    """
    done = refreshed(
        history.home,
        "--full",
        WARDLINE_ENGINE="spark",
        WARDLINE_SPARK_MASTER=f"local-cluster[{workers},1,{_WORKER_MIB}]",
        WARDLINE_SPARK_CONF=json.dumps(
            {
                "spark.executor.memory": f"{_WORKER_MIB}m",
                # By default 200, far more than such tables fill.
                "spark.sql.shuffle.partitions": str(2 * workers),
            }
        ),
        SPARK_WORKER_DIR=str(history.home.path / "spark-workers"),
    )
    ((changed,),) = history.home.rows(
        "select rows_changed from ops.publications"
        " order by publication_id desc limit 1",
        None,
    )
    if changed:
        raise RuntimeError(f"Spark published {changed:,} rows that are other ones.")
    return done


@contextmanager
def hospital(days: int, beds: int, console: Console) -> Iterator[History]:
    """A hospital that PostgreSQL has published, gone afterwards."""
    size = {"beds": beds, "branches": 1, "seed": SEED}
    history = published(days, size, console.print)
    try:
        yield history
    finally:
        remove_home(history.home.path)


def size_lines(history: History, console: Console) -> tuple[Size, list[Line]]:
    """One hospital on all engines, with the memory of their processes."""
    section, full = history.section, history.full
    lines = [
        Line(
            section, "memory of dbt and the gates", "", mebibytes(full.memory.started)
        ),
        Line(section, "memory of PostgreSQL", "", mebibytes(full.memory.backends)),
    ]
    spent = {"PostgreSQL": full.seconds}
    for workers in WORKERS:
        named = f"Spark, {workers} worker{'s' * (workers > 1)}"
        console.print(f"{section}: {named}")
        done = on_spark(history, workers)
        spent[named] = done.seconds
        lines += [
            Line(
                section,
                f"full refresh on {named}",
                times(done.seconds, full.seconds),
                seconds(done.seconds),
                seconds(full.seconds),
            ),
            Line(
                section,
                f"memory of the largest process of {named}",
                "",
                mebibytes(done.memory.largest),
            ),
            Line(
                section,
                f"memory of all processes of {named}",
                "",
                mebibytes(done.memory.started),
            ),
        ]
    return Size(history.rows, spent), lines


def crossing_lines(small: Size, large: Size) -> list[Line]:
    """Where an engine would be as quick as PostgreSQL, by straight lines through both.

    A line's slope is what a million rows more cost, and its start what none cost.
    """
    lines = []
    slopes = {
        engine: (large.spent[engine] - first) / (large.rows - small.rows)
        for engine, first in small.spent.items()
    }
    starts = {
        engine: first - slopes[engine] * small.rows
        for engine, first in small.spent.items()
    }
    for engine, slope in slopes.items():
        if engine == "PostgreSQL":
            continue
        saved = slopes["PostgreSQL"] - slope
        rows = (starts[engine] - starts["PostgreSQL"]) / saved if saved > 0 else None
        lines += [
            Line(
                "where the lines cross",
                f"a million rows more on {engine}",
                times(slope, slopes["PostgreSQL"]),
                seconds(slope * 1e6),
                seconds(slopes["PostgreSQL"] * 1e6),
            ),
            Line(
                "where the lines cross",
                f"rows at which {engine} is as quick",
                "",
                f"{rows:,.0f}" if rows else "none",
            ),
        ]
    return lines


def main(
    factor: Annotated[
        list[int] | None, typer.Option(help="Years of history; default: 1, 3, 10.")
    ] = None,
    beds: Annotated[int, typer.Option(help="Beds of the hospital.")] = 100,
    is_written: Annotated[
        bool, typer.Option("--write", help="Write the table into docs/scaling-out.md.")
    ] = False,
) -> None:
    """Measure full refreshes on both engines."""
    console, load = Console(width=130), psutil.getloadavg()[0]
    lines: list[Line] = []
    sizes: list[Size] = []
    said: list[str] = []
    for years in sorted(factor or FACTORS):
        with hospital(365 * years, beds, console) as history:
            with open_warehouse(history.home.settings).connect() as connection:
                said = said or [
                    *describe(connection, load),
                    f"Data: a hospital of {beds} beds, seed {SEED}, without faults; "
                    f"each worker has one core and {_WORKER_MIB} MiB",
                ]
            size, found = size_lines(history, console)
        sizes.append(size)
        lines += found
        crossing = crossing_lines(sizes[0], size) if len(sizes) > 1 else []
        if is_written:
            table.write(table.markdown([*lines, *crossing], said), DOCUMENT)
        console.print(table.shown([*lines, *crossing], "\n".join(said)))


if __name__ == "__main__":
    typer.run(main)
