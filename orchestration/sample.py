"""The sample that `make refresh` writes for whoever has no extracts yet."""

import shutil
from datetime import date
from pathlib import Path

from orchestration.warehouse import Warehouse

BEDS, DAYS, END, SEED = 120, 90, date(2026, 3, 31), 7


def is_due(warehouse: Warehouse, folder: Path, has_databases: bool) -> bool:
    """Whether nothing lies in the drop folder and nothing was ever loaded.

    An emptied drop folder of a hospital is no reason to invent patients, nor is one
    that it does not use because its systems' own databases are read.
    """
    if has_databases:
        return False
    if folder.exists() and any(folder.iterdir()):
        return False
    with warehouse.connect() as connection:
        found = connection.execute("select exists (select from ops.batches)").fetchone()
    return found == (False,)


def write_sample(folder: Path) -> str:
    """Simulate ninety days of one hospital; returns a sentence that says so."""
    from simulator import simulate

    # Beside the drop folder first: half a sample would be taken for an extract.
    unfinished = folder.with_name(f"{folder.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    extract = simulate(unfinished, beds=BEDS, days=DAYS, end=END, seed=SEED)
    folder.mkdir(parents=True, exist_ok=True)
    for system in unfinished.iterdir():
        system.rename(folder / system.name)
    unfinished.rmdir()
    night = folder / extract.folder.relative_to(unfinished)
    return f"simulated {DAYS} days of a hospital of {BEDS} beds into {night}."
