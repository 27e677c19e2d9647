"""The sample that `make refresh` writes into an empty drop folder."""

from datetime import date
from pathlib import Path

BEDS, DAYS, END, SEED = 120, 90, date(2026, 3, 31), 7


def write_sample(folder: Path) -> str:
    """Simulate ninety days of one hospital; returns a sentence that says so."""
    from simulator import simulate

    extract = simulate(folder, beds=BEDS, days=DAYS, end=END, seed=SEED)
    return f"simulated {DAYS} days of a hospital of {BEDS} beds into {extract.folder}."
