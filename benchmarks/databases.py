"""A table of MariaDB to landing and raw, against `mysqldump | psql` of the same table.

Run with `python -m benchmarks.databases [--rows N] [--repeats N]`. All read one table
of one server over TCP into text columns of another, in turn, in one run; only their
ratio travels to another machine. `mariadb | psql` with COPY is what somebody would
write who knows both servers well.
"""

import os
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Annotated

import psutil
import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table
from sqlalchemy import make_url

from benchmarks.loading import in_new_process, psql
from benchmarks.memory import most_held
from orchestration.extracts.batches import append
from orchestration.extracts.contract import Column, ExtractContract
from orchestration.extracts.database.landing import land_table
from orchestration.extracts.database.snapshot import snapshot_of
from orchestration.extracts.database.source import SourceDatabase, with_driver
from orchestration.settings import Settings
from orchestration.warehouse import Role, Warehouse, open_warehouse
from tests.conftest import forget_batches, remove_home
from tests.mariadb import READER, READERS_PASSWORD, MariaDB

COLUMNS = {
    "appointment_id": "int primary key",
    "patient_id": "varchar(10)",
    "doctor_id": "varchar(10)",
    "appointment_date": "date",
    "appointment_time": "time",
    "reason_for_visit": "varchar(30)",
    "status": "varchar(20)",
    "fee": "decimal(10, 2)",
}
CONTRACT = ExtractContract(
    source_system="benchmark",
    table="appointments",
    columns=tuple(Column(name) for name in COLUMNS),
    file="appointments.csv",
    key=("appointment_id",),
)
_FILL = """
insert into appointments select seq, concat('P', lpad(seq * 7919 % 200000, 6, '0')),
concat('D', lpad(seq % 300, 3, '0')), date_add('2023-01-01', interval seq % 365 day),
sec_to_time(28800 + seq % 36 * 900),
elt(1 + seq % 5, 'Therapy', 'Consultation', 'Follow-up', 'Checkup', 'Emergency'),
elt(1 + seq * 31 % 4, 'Scheduled', 'No-show', 'Cancelled', 'Completed'),
seq % 100000 / 100 from seq_1_to_{rows}
"""
_IN_CANDIDATE = "options='-c search_path=candidate'"
DUMP = (
    "mysqldump",
    *("--no-create-info", "--compact", "--skip-quote-names", "--skip-lock-tables"),
    *("--single-transaction", "bench", "appointments"),
)
CLIENT = (
    "mariadb",
    *("--batch", "--raw", "--quick", "--skip-column-names"),
    *("--execute=select * from appointments", "bench"),
)
AS_OF = datetime(2024, 1, 1, 23, 59, 59)


def fill(server: MariaDB, rows: int) -> None:
    """Make a table of believable appointments, always the same."""
    columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
    server.run("create or replace database bench character set utf8mb4")
    server.let_read("bench")
    server.run(
        f"create table appointments ({columns})",
        _FILL.format(rows=rows),
        database="bench",
    )


def source_of(server: MariaDB) -> SourceDatabase:
    """The way to the table, as a hospital would have it."""
    url = make_url(server.url("bench")).set(password=READERS_PASSWORD)
    return SourceDatabase("benchmark", with_driver(url))


def piped(
    warehouse: Warehouse, server: MariaDB, first: Sequence[str], copy: str
) -> float:
    """Seconds of one of MariaDB's programs into psql; `copy` is psql's command."""
    with warehouse.connect() as connection:
        columns = ", ".join(f"{name} text" for name in COLUMNS)
        connection.execute("drop table if exists candidate.appointments")
        connection.execute(f"create table candidate.appointments ({columns})".encode())
    login = [f"-u{READER}", "-h127.0.0.1", f"-P{server.port}"]
    start = perf_counter()
    with subprocess.Popen(
        [first[0], "--no-defaults", *login, *first[1:]],
        env={"MYSQL_PWD": READERS_PASSWORD, "PATH": os.defpath},
        stdout=subprocess.PIPE,
    ) as reading:
        command = ["-c", copy] if copy else []
        subprocess.run(
            [psql(), "-q", "-1", *command, f"{warehouse.conninfo} {_IN_CANDIDATE}"],
            stdin=reading.stdout,
            check=True,
        )
    seconds = perf_counter() - start
    with warehouse.connect() as connection:
        connection.execute("drop table candidate.appointments")
    return seconds


def read(warehouse: Warehouse, source: SourceDatabase) -> tuple[float, float, int]:
    """Seconds of landing and of appending to raw, and the rows."""
    with warehouse.connect(Role.LOADER) as connection:
        connection.autocommit = True
        start = perf_counter()
        with snapshot_of(source) as snapshot:
            landed = land_table(connection, CONTRACT, snapshot, source.place(CONTRACT))
        middle = perf_counter()
        result = append(connection, CONTRACT, landed, AS_OF, "benchmark")
        return middle - start, perf_counter() - middle, result.rows_appended


def peak_memory_mib(conninfo: str, source: SourceDatabase) -> float:
    """Read the table in this process and say the most memory it ever held."""
    read(Warehouse(conninfo, None, is_embedded=True), source)
    return most_held() / 2**20


def clean(warehouse: Warehouse) -> None:
    """Forget all that was loaded."""
    with warehouse.connect() as connection:
        connection.execute("drop schema if exists raw_benchmark cascade")
        forget_batches(connection)


@contextmanager
def both_servers() -> Iterator[tuple[Warehouse, MariaDB]]:
    """A warehouse and a hospital's server, both gone afterwards."""
    home = Path(tempfile.mkdtemp(prefix="wardline-")).resolve()
    home.chmod(0o755)
    server = MariaDB()
    try:
        yield open_warehouse(Settings(home=home, _env_file=None)), server  # type: ignore[call-arg]
    finally:
        server.stop()
        remove_home(home)


def main(
    rows: Annotated[int, typer.Option(help="Rows of the table.")] = 2_000_000,
    repeats: Annotated[int, typer.Option(help="Turns of each way.")] = 3,
) -> None:
    """Measure the reading of a database against mysqldump and psql."""
    console = Console()
    with both_servers() as (warehouse, server):
        source = source_of(server)
        fill(server, rows // 10)
        small = in_new_process(peak_memory_mib, warehouse.conninfo, source)
        clean(warehouse)
        fill(server, rows)
        seconds: dict[str, list[float]] = {}
        for _ in track(range(repeats), "Reading"):
            dump = piped(warehouse, server, DUMP, "")
            seconds.setdefault("mysqldump | psql", []).append(dump)
            copy = piped(warehouse, server, CLIENT, "copy appointments from stdin")
            seconds.setdefault("mariadb --batch | psql copy", []).append(copy)
            landing, appending, loaded = read(warehouse, source)
            assert loaded == rows  # noqa: S101
            clean(warehouse)
            seconds.setdefault("table to landing", []).append(landing)
            seconds.setdefault("table to raw", []).append(landing + appending)
        memory = in_new_process(peak_memory_mib, warehouse.conninfo, source)
        console.print(report(seconds, rows))
        console.print(
            f"Peak memory of the reading process: {memory:.0f} MiB, and {small:.0f} "
            f"MiB for a tenth of the rows. Load of the "
            f"machine: {psutil.getloadavg()[0]:.1f} on {psutil.cpu_count()} cores."
        )


def report(seconds: dict[str, list[float]], rows: int) -> Table:
    """The medians, and how many times as fast as mysqldump | psql each is."""
    table = Table(title=f"{rows:,} rows of {len(COLUMNS)} columns, median of repeats")
    for heading in ("", "seconds", "rows/s", "times as fast"):
        table.add_column(heading, justify="right" if heading else "left")
    baseline = median(seconds["mysqldump | psql"])
    for way, them in seconds.items():
        value = median(them)
        ratio = f"{baseline / value:.2f}"
        table.add_row(way, f"{value:.2f}", f"{rows / value:,.0f}", ratio)
    return table


if __name__ == "__main__":
    typer.run(main)
