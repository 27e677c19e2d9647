"""One run of the simulated hospital, from an empty house to a written extract.

Belongs here: the order in which the parts are called, and where the files go.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from simulator import world
from simulator.calendar import Calendar
from simulator.chance import Chance
from simulator.cores import spread
from simulator.dirt import Dirt, Planted, soil
from simulator.files import write
from simulator.layout import LAYOUT
from simulator.tables import Table

SOURCE_SYSTEM = "his"
_MANY_ROWS = 2_000_000
"""Rows for which it pays to write tables side by side."""


@dataclass(frozen=True)
class SimulatedExtract:
    """An extract on disk: its folder, rows by table, and what dirt it holds.

    `rows` counts the lines under the header, malformed ones included. `dirty_rows` are
    the rows of each fault as "table.key", `planted` their number.
    """

    folder: Path
    end: date
    rows: dict[str, int]
    dirty_rows: dict[str, list[str]]

    @property
    def planted(self) -> dict[str, int]:
        """Dirty rows by fault."""
        return {kind: len(keys) for kind, keys in self.dirty_rows.items()}


def simulate(
    out: Path,
    *,
    end: date,
    days: int = 90,
    beds: int = 120,
    branches: int = 1,
    seed: int = 7,
    dirt: Dirt | float = 1.0,
) -> SimulatedExtract:
    """Write `out`/his/`end`/<table>.csv for every table of the layout.

    The extract speaks for `days` days up to the last minute of `end`. `beds` are all
    beds of the first day, shared out among the branches; they open empty on it, so
    occupancy climbs for about ten days. From the second year on some wards open and
    some close. `dirt` is a Dirt, or a factor of the default one (0: clean). The
    same arguments give the same bytes; one day more of both `days` and `end` gives the
    same hospital a day later.
    Raises ValueError for fewer than 9 beds a branch, no day or branch, negative dirt.
    """
    if days < 1:
        raise ValueError(f"an extract needs at least one day, not {days}")
    shares = dirt if isinstance(dirt, Dirt) else Dirt().times(dirt)
    chance, calendar = Chance(seed), Calendar(end, days)
    life = world.live(chance, calendar, beds=beds, branches=branches)
    tables = world.tables(life, calendar)
    planted = soil(chance, tables, shares)
    return put(out, end, tables, planted)


def put(
    out: Path, end: date, tables: dict[str, Table], planted: Planted
) -> SimulatedExtract:
    """Write the tables into the folder of the night that they speak for."""
    folder = out / SOURCE_SYSTEM / end.isoformat()
    folder.mkdir(parents=True, exist_ok=True)
    rows = {name: len(tables[name]) for name in LAYOUT}

    def write_table(name: str) -> None:
        write(folder / f"{name}.csv", tables[name], LAYOUT[name])

    largest_first = sorted(rows, key=lambda name: -rows[name])
    spread(write_table, largest_first, is_large=sum(rows.values()) > _MANY_ROWS)
    return SimulatedExtract(folder, end, rows, planted.keys)
