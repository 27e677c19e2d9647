"""The sample that `make refresh` writes into an empty drop folder."""

from datetime import date
from pathlib import Path

SAMPLE = {"beds": 120, "branches": 1, "days": 90, "end": date(2026, 3, 31), "seed": 7}


def write_sample(folder: Path) -> str:
    """Simulate ninety days of one hospital; returns a sentence that says so."""
    from simulator import simulate

    extract = simulate(folder, **SAMPLE)
    return (
        f"simulated {SAMPLE['days']} days of a hospital of {SAMPLE['beds']} beds "
        f"into {extract.folder}."
    )
