"""The sample that `make refresh` writes for whoever has no extracts yet."""

from datetime import date
from pathlib import Path

from orchestration.warehouse import Warehouse

BEDS, DAYS, END, SEED = 120, 90, date(2026, 3, 31), 7


def is_due(warehouse: Warehouse, folder: Path) -> bool:
    """Whether nothing lies in the drop folder and nothing was ever loaded.

    An emptied drop folder of a hospital is no reason to invent patients.
    """
    if folder.exists() and any(folder.iterdir()):
        return False
    with warehouse.connect() as connection:
        found = connection.execute("select exists (select from ops.batches)").fetchone()
    return found == (False,)


def write_sample(folder: Path) -> str:
    """Simulate ninety days of one hospital; returns a sentence that says so."""
    from simulator import simulate

    extract = simulate(folder, beds=BEDS, days=DAYS, end=END, seed=SEED)
    return f"simulated {DAYS} days of a hospital of {BEDS} beds into {extract.folder}."
