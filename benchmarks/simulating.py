"""The simulator measured, in a process that holds nothing else.

Belongs here: what that process runs; it imports nothing heavy, for that would count.
"""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from time import perf_counter

from benchmarks.memory import most_held
from simulator import SimulatedExtract, simulate


def simulated(
    out: Path, end: date, days: int, hospital: Mapping[str, int]
) -> tuple[SimulatedExtract, float, int]:
    """An extract without faults, its seconds, and the bytes that this process held."""
    start = perf_counter()
    extract = simulate(out, end=end, days=days, dirt=0, **hospital)
    return extract, perf_counter() - start, most_held()
