"""`make benchmark`: one hospital, all comparisons in one run, one table.

Run with `python -m benchmarks [--days N ...] [--beds N] [--write]`. Only ratios travel
to another machine. What is found is shown, and written, as soon as it is there: a part
that fails costs its own lines alone.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import Annotated

import pandas as pd
import psutil
import typer
from rich.console import Console

from benchmarks import history as histories
from benchmarks import table
from benchmarks.history import History
from benchmarks.load import load_lines
from benchmarks.loading import in_new_process
from benchmarks.machine import describe
from benchmarks.models import costliest_lines
from benchmarks.nights import flat_line, night_lines, simulated_line
from benchmarks.occupancy import occupancy_lines
from benchmarks.pandas_compared import differences, told
from benchmarks.pandas_marts import make_marts
from benchmarks.table import Line, mebibytes, seconds, times
from expectations.running import sqlalchemy_url
from orchestration.extracts.manifest import load_contracts
from orchestration.warehouse import open_warehouse
from tests.conftest import remove_home

YEARS, SEED = (1, 3, 10), 7
REAL_TARGET = {"beds": 1500, "branches": 4}
"""A group of hospitals with 1,500 beds."""


class Report:
    """What was found so far, in the terminal and in the document."""

    def __init__(self, console: Console, is_written: bool) -> None:
        self.lines: list[Line] = []
        self.description: list[str] = []
        self._console, self._is_written = console, is_written
        self._start = perf_counter()

    def say(self, what: str) -> None:
        """Tell what begins now."""
        self._console.print(f"[dim]{perf_counter() - self._start:6,.0f} s[/] {what}")

    @contextmanager
    def part(self, section: str) -> Iterator[Callable[[list[Line]], None]]:
        """A part that may fail: what it gives is kept, and why it stopped is a line."""
        try:
            yield self._keep
        except Exception as failed:
            reason = str(failed).strip().splitlines() or [type(failed).__name__]
            self._console.print(f"[red]{section} failed:[/] {reason[0]}")
            self._keep([Line(section, f"failed: {reason[0]}")])

    def _keep(self, lines: list[Line]) -> None:
        self.lines += lines
        if self._is_written:
            table.write(table.markdown(self.lines, self.description))

    def show(self) -> None:
        """The whole table."""
        self._console.print(table.shown(self.lines, "\n".join(self.description)))


def pandas_lines(section: str, history: History) -> list[Line]:
    """The full refresh against the same marts by pandas, whose figures must agree.

    Raises:
        RuntimeError: they do not.
    """
    warehouse = open_warehouse(history.home.settings)
    as_of = pd.Timestamp(f"{histories.END} 23:59:59")
    spent, mebibytes_held = in_new_process(
        make_marts, history.extract.folder, sqlalchemy_url(warehouse.url()), as_of
    )
    with warehouse.connect() as connection:
        if differ := told(differences(connection)):
            raise RuntimeError(f"pandas and the marts disagree: {differ}")
        connection.execute("drop schema by_pandas cascade")
    full = history.full
    return [
        Line(
            section,
            "full refresh, all marts, against six of them by pandas",
            times(full.seconds, spent),
            seconds(full.seconds),
            seconds(spent),
        ),
        Line(
            section,
            "memory of Python, against pandas'",
            times(full.memory.refresh, mebibytes_held * 2**20),
            mebibytes(full.memory.refresh),
            mebibytes(mebibytes_held * 2**20),
        ),
    ]


@dataclass(frozen=True)
class Plan:
    """What is measured, and how patiently."""

    days: list[int]
    hospital: dict[str, int]
    """Beds of all branches together, branches, seed."""
    occupancy_days: list[int]
    limit: int
    repeats: int


def measure(report: Report, plan: Plan) -> None:
    """Every length of history, the shortest first, which is measured in most detail."""
    load, shortest = psutil.getloadavg()[0], None
    for days in sorted(plan.days):
        with report.part(f"{days:,} days") as keep:
            history = histories.published(days, plan.hospital, report.say)
            try:
                if shortest is None:
                    report.description += _described(history, plan, load)
                    once(report, history, plan)
                script_and_shares(report, history)
                report.say(f"{history.section}: nights")
                nights = night_lines(history, report.say)
                if shortest is not None and shortest.deltas:
                    nights.append(flat_line(history, shortest))
                keep(nights)
                shortest = shortest or history
                keep([simulated_line(history, report.say)])
            finally:
                remove_home(history.home.path)


def once(report: Report, history: History, plan: Plan) -> None:
    """What is measured on one history alone."""
    home, manifest, section = history.home, history.manifest, history.section
    report.say(f"{section}: loading its files")
    with report.part("load") as keep:
        contracts = load_contracts(manifest)["his"]
        keep(load_lines("load", contracts, history.extract.folder, plan.repeats))
    report.say(f"{section}: hourly occupancy")
    occupancy = "hourly occupancy, against joining stays with hours"
    with report.part(occupancy) as keep:
        keep(
            occupancy_lines(occupancy, home, manifest, plan.occupancy_days, plan.limit)
        )
    report.say(f"{section}: pandas")
    with report.part("pandas") as keep:
        keep(pandas_lines(f"pandas, {section}", history))
    report.say(f"{section}: each model by itself")
    with report.part("models") as keep:
        keep(costliest_lines(f"costliest models, {section}", home))


def script_and_shares(report: Report, history: History) -> None:
    """A full refresh beside psql, and where its seconds and bytes are."""
    report.say(f"{history.section}: its SQL by psql")
    with report.part(history.section) as keep:
        keep(histories.by_hand_lines(history))
    with report.part(history.section) as keep:
        keep(histories.share_lines(history))


def _described(history: History, plan: Plan, load: float) -> list[str]:
    with open_warehouse(history.home.settings).connect() as connection:
        machine = describe(connection, load)
    hospital = "{beds} beds in {branches} branches, seed {seed}".format(**plan.hospital)
    return [*machine, f"Data: a hospital of {hospital}, simulated without faults"]


def main(
    days: Annotated[
        list[int] | None,
        typer.Option(help="Lengths of history; default: 1, 3 and 10 years."),
    ] = None,
    beds: Annotated[int, typer.Option(help="Beds of all branches.")] = 300,
    branches: Annotated[int, typer.Option(help="Branches of the hospital.")] = 1,
    occupancy_days: Annotated[
        list[int] | None,
        typer.Option(help="Of hourly occupancy; default: 30, 90 and 365."),
    ] = None,
    limit: Annotated[
        int, typer.Option(help="Seconds after which the join is given up.")
    ] = 120,
    repeats: Annotated[int, typer.Option(help="Turns of loading.")] = 3,
    is_full: Annotated[
        bool, typer.Option("--full", help="A group of 1,500 beds; takes hours.")
    ] = False,
    is_written: Annotated[
        bool, typer.Option("--write", help="Write the table into docs/performance.md.")
    ] = False,
) -> None:
    """Measure Wardline beside what would be used instead."""
    report = Report(Console(width=130), is_written)
    hospital = {"beds": beds, "branches": branches, "seed": SEED}
    plan = Plan(
        days or [365 * it for it in YEARS],
        hospital | (REAL_TARGET if is_full else {}),
        occupancy_days or [30, 90, 365],
        limit,
        repeats,
    )
    try:
        measure(report, plan)
    finally:
        report.show()


if __name__ == "__main__":
    typer.run(main)
