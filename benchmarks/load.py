"""All files of an extract to raw, against psql's copy into the same columns.

Belongs here: both ways over the same files on one server, in turn. The one file of
loading.py, with landing and appending apart, is that module's.
"""

import subprocess
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from statistics import median
from time import perf_counter

from benchmarks.loading import psql
from benchmarks.table import Line, at_most, seconds, times
from orchestration.extracts.batches import append
from orchestration.extracts.contract import ExtractContract
from orchestration.extracts.landing import land
from orchestration.warehouse import Role, Warehouse, open_warehouse
from tests.conftest import Home, forget_batches, remove_home

AS_OF = datetime(2025, 12, 31, 23, 59, 59)


def load_lines(
    section: str, contracts: Sequence[ExtractContract], folder: Path, repeats: int
) -> list[Line]:
    """The medians of both ways, in a warehouse of their own.

    Args:
        section: of the table.
        contracts: of the tables in the folder.
        folder: with a file for each, without faults.
        repeats: turns of each way.
    """
    home = Home()
    copied, loaded = [], []
    try:
        warehouse = open_warehouse(home.settings)
        for _ in range(repeats):
            copied.append(_copy(warehouse, contracts, folder))
            loaded.append(_load(warehouse, contracts, folder))
    finally:
        remove_home(home.path)
    ours, theirs = median(loaded), median(copied)
    size = sum(_file(it, folder).stat().st_size for it in contracts)
    return [
        Line(
            section,
            f"file to raw, {size / 1e6:,.0f} MB, against psql \\copy",
            times(ours, theirs),
            seconds(ours),
            seconds(theirs),
            at_most(1.5),
        )
    ]


def _load(
    warehouse: Warehouse, contracts: Sequence[ExtractContract], folder: Path
) -> float:
    with warehouse.connect(Role.LOADER) as connection:
        connection.autocommit = True
        start = perf_counter()
        for contract in contracts:
            landed = land(connection, contract, _file(contract, folder), contracts)
            append(connection, contract, landed, AS_OF, "benchmark")
        spent = perf_counter() - start
    with warehouse.connect() as owner:
        owner.execute(f"drop schema {contracts[0].raw_schema} cascade".encode())
        forget_batches(owner)
    return spent


def _copy(
    warehouse: Warehouse, contracts: Sequence[ExtractContract], folder: Path
) -> float:
    """Seconds of one psql that copies one file after the other."""
    made, lines = ["create schema copied"], []
    for it in contracts:
        columns = ", ".join(f"{name} text" for name in it.column_names)
        made.append(f"create table copied.{it.table} ({columns})")
        lines.append(f"\\copy copied.{it.table} from '{_file(it, folder)}' csv header")
    with warehouse.connect() as owner:
        owner.execute(";".join(made).encode())
    start = perf_counter()
    subprocess.run(
        [psql(), "-qX", "-v", "ON_ERROR_STOP=1", "-f", "-", warehouse.conninfo],
        input="\n".join(lines),
        text=True,
        check=True,
    )
    spent = perf_counter() - start
    with warehouse.connect() as owner:
        owner.execute("set client_min_messages = warning")
        owner.execute("drop schema copied cascade")
    return spent


def _file(contract: ExtractContract, folder: Path) -> Path:
    return folder / f"{contract.table}.csv"
