"""However many rows a table has, reading it takes the same few mebibytes."""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest

from benchmarks.memory import most_held
from orchestration.extracts.contract import Column, ExtractContract
from orchestration.extracts.database.source import SourceDatabase
from orchestration.warehouse import Warehouse
from tests.databases.nightly import Nightly, landed
from tests.mariadb import needs_mariadb

FEW, MANY = 2_000, 400_000
MOST_MIB = 20
"""What two hundred times the rows may take beyond the few; measured are 1 to 4."""
ROWS = ExtractContract(
    "clinic", "notes", (Column("id"), Column("note")), "notes.csv", key=("id",)
)
TEXT = "repeat('a text of some length, ', 8)"


def peak_bytes(conninfo: str, source: SourceDatabase, rows: int) -> int:
    """Read the table in this process, and say the most memory it ever held."""
    warehouse = Warehouse(conninfo, None, is_embedded=True)
    with landed(warehouse, source, ROWS, is_looked_at=False) as (facts, _):
        assert facts.rows_landed == rows
    return most_held()


def in_a_process_of_its_own(clinic: Nightly, rows: int) -> int:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(
            peak_bytes, clinic.warehouse.conninfo, clinic.source, rows
        ).result()


@pytest.mark.parametrize(
    "kind",
    [pytest.param("clinic", marks=needs_mariadb), "postgres_clinic"],
)
def test_memory_does_not_grow_with_the_rows(kind, request):
    clinic: Nightly = request.getfixturevalue(kind)
    peaks = []
    for rows in (FEW, MANY):
        if kind == "clinic":
            request.getfixturevalue("mariadb").run(
                "create or replace table notes"
                f" select seq as id, {TEXT} as note from seq_1_to_{rows}",
                database=clinic.source.url.database,
            )
        else:
            with request.getfixturevalue("postgres")() as owner:
                owner.execute("drop table if exists notes")
                owner.execute(
                    f"create table notes as select seq as id, {TEXT} as note"
                    f" from generate_series(1, {rows}) as seq".encode()
                )
        peaks.append(in_a_process_of_its_own(clinic, rows))
    assert (peaks[1] - peaks[0]) < MOST_MIB * 1024**2
