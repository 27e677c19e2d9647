"""Files made to fill the memory: each is taken or refused within a bound.

Each is landed in a process of its own, which says how much it grew.
"""

import gzip
import io
import os
import resource
import zipfile
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pytest
from pyarrow import parquet

from benchmarks.memory import most_held
from orchestration.extracts.errors import ExtractRefusedError
from orchestration.extracts.landing import land
from orchestration.warehouse import Role, Warehouse
from tests.acceptance.hostile.specification import GOOD, HEADER, Case, loaded
from tests.acceptance.hostile.workbooks import bomb_of_texts

MOST_MIB = 100
"""Beyond what a small file of the same kind takes; measured are 5 to 11."""
MOST_MIB_OF_A_SHEET = 300
"""Of a full sheet the library keeps a little for each row and each different text."""
ADDRESS_SPACE = 6 << 30
"""A bomb that goes off ends its own process, not the machine."""
SOUND = HEADER + GOOD


def lines(line: str, count: int) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        opener = gzip.open if path.suffix == ".gz" else open
        with opener(path, "wt") as file:
            file.write(SOUND)
            for _ in range(100):
                file.write(line * (count // 100))

    return write


def sheet(path: Path, rows: Iterable[bytes]) -> None:
    """A workbook with these rows below its header, written as fast as they come."""
    book = openpyxl.Workbook()
    book.active.append(["visit_id", "ward", "note"])
    book.save(saved := io.BytesIO())
    with (
        zipfile.ZipFile(saved) as old,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for info in old.infolist():
            before, end, after = old.read(info).partition(b"</sheetData>")
            with new.open(info.filename, "w") as part:
                part.write(before)
                if end:
                    part.writelines(rows)
                part.write(end + after)
        # So that it is not the sizes that give it away.
        new.writestr("xl/media/x.png", os.urandom(3_000_000))


def write_parquet(path: Path, ward: Any) -> None:
    """A file of as many records as there are values, in one row group."""
    columns = {
        "visit_id": pa.array(range(len(ward))).cast(pa.string()),
        "ward": ward,
        "note": pa.nulls(len(ward), pa.string()),
    }
    parquet.write_table(pa.table(columns), path, row_group_size=1 << 24)


def many_rows(path: Path) -> None:
    """A million, their texts all different."""
    write_parquet(path, pa.array([f"W{it}" * 5 for it in range(1_000_000)]))


def one_text(path: Path) -> None:
    """Kept once, and meant three thousand times."""
    at = pa.array([0] * 3_000, pa.int32())
    write_parquet(path, pa.DictionaryArray.from_arrays(at, ["x" * 1_000_000]))


CELL = b'<c t="inlineStr"><is><t>%b</t></is></c>'


def full_sheet(path: Path) -> None:
    """As long as Excel allows, its keys all different texts."""
    row = b"<row>" + CELL + b"<c><v>%d</v></c>" + CELL % b"x" + b"</row>"
    sheet(path, (row % (b"V%d" % n, n) for n in range(1_048_575)))


def one_cell(path: Path) -> None:
    """With 200 MB in a cell."""
    start, end = (b"<row>" + CELL % b"|" + b"</row>").split(b"|")
    sheet(path, [start, *[b"x" * 1_048_576] * 200, end])


HEAVY: dict[str, tuple[Callable[[Path], None], str, str]] = {
    "10 MB in one field": (lines("1,W," + "x" * 100_000, 100), ".csv", "2 records"),
    "300 MB in one packed line": (lines("x" * 1_000_000, 300), ".csv.gz", "200 times"),
    "100,000 columns": (
        lambda path: path.write_text(",".join(f"c{n}" for n in range(100_000))),
        ".csv",
        "at most 300",
    ),
    "five million records that do not fit": (
        lines("1,W\n", 5_000_000), ".csv", "do not fit",
    ),
    "600,000 records, a third of which do not fit": (
        lines("1,W\n2,W,x\n3,W,x\n", 200_000), ".csv", "600001 records",
    ),
    "quotes that open and never close": (
        lines('1,W,"' + '""\n' * 400, 1_000), ".csv", "do not fit",
    ),
    "twenty million blank lines": (lines("\n", 20_000_000), ".csv", "1 records"),
    "a workbook of six million texts": (bomb_of_texts, ".xlsx", "more in it than"),
    "a workbook with 200 MB in a cell": (one_cell, ".xlsx", "more in it than"),
    "a million records as Parquet": (many_rows, ".parquet", "1000000 records"),
    "a megabyte again and again, as Parquet": (
        one_text, ".parquet", "200 times its size",
    ),
}  # fmt: skip


def landed(conninfo: str, path: Path, small: Path) -> tuple[str, float]:
    """Land a small file, then a heavy one: what was said, and the growth in MiB."""
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    contract = Case("heavy", "", loaded(0)).contract_as("heavy")
    with Warehouse(conninfo, None, is_embedded=True).connect(Role.LOADER) as connection:
        connection.autocommit = True
        land(connection, contract, small)
        before = most_held()
        try:
            said = f"{land(connection, contract, path).rows_received} records"
        except ExtractRefusedError as refused:
            said = str(refused)
        grown = most_held() - before
    return said, grown / 1024**2


def growth(
    warehouse: Warehouse, folder: Path, make, ending: str, sentence: str
) -> float:
    """MiB by which landing a file grows a process, once it said what it must."""
    small, path = folder / f"small{ending}", folder / f"heavy{ending}"
    if ending == ".xlsx":
        book = openpyxl.Workbook()
        book.active.append(["visit_id", "ward", "note"])
        book.save(small)
    elif ending == ".parquet":
        write_parquet(small, ["W1"])
    else:
        lines("", 100)(small)
    make(path)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        said, grown = pool.submit(landed, warehouse.conninfo, path, small).result()
    path.unlink()
    assert sentence in said
    return grown


@pytest.mark.parametrize("case", HEAVY)
def test_a_heavy_file_takes_little_memory(warehouse: Warehouse, tmp_path: Path, case):
    assert growth(warehouse, tmp_path, *HEAVY[case]) < MOST_MIB


@pytest.mark.long
def test_the_longest_workbook_takes_little_memory(warehouse: Warehouse, tmp_path: Path):
    grown = growth(warehouse, tmp_path, full_sheet, ".xlsx", "1048575 records")
    assert grown < MOST_MIB_OF_A_SHEET
