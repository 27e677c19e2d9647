"""Reading simulated extracts back, and the day that they end on."""

from datetime import date
from pathlib import Path

import pandas as pd

from simulator import LAYOUT

END = date(2026, 3, 31)
Tables = dict[str, pd.DataFrame]


def read(folder: Path) -> Tables:
    """Every table of a clean extract, all text."""
    return {
        table: pd.read_csv(folder / f"{table}.csv", dtype=str, keep_default_na=False)
        for table in LAYOUT
    }
