"""Simulated hospitals with all kinds of dirt, several of them in one extract.

Belongs here: how the extracts are made. One refresh then answers for many seeds: each
seed is a hospital of its own, whose ids begin with the seed, so that a row that differs
names the seed.
"""

import csv
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from simulator import simulate
from tests.acceptance.brute_force.trouble import Tables, Trouble


@dataclass(frozen=True)
class World:
    """What to simulate: an extract per night, each of `days` days up to the last."""

    seeds: tuple[int, ...]
    end: date
    days: int = 45
    beds: int = 40
    branches: int = 2
    dirt: float = 5.0
    nights: tuple[int, ...] = (0,)
    """Days before `end` of which there is an extract."""
    time_zones: tuple[str, ...] = ("UTC",)
    """Of the branches, by turns; one may be empty or misspelt."""
    moments: tuple[str, ...] = ()
    """Local times, around a clock change, at which stays begin and end as well."""

    def write(self, extracts: Path) -> list[Path]:
        """Write the extracts into the drop folder; returns the folder of each night."""
        return [self._write_night(extracts, days_ago) for days_ago in self.nights]

    def _write_night(self, extracts: Path, days_ago: int) -> Path:
        end = self.end - timedelta(days=days_ago)
        folder = extracts / "his" / end.isoformat()
        folder.mkdir(parents=True)
        whole: Tables = {}
        broken: dict[str, list[list[str]]] = {}
        for seed in self.seeds:
            for table, (rows, misfits) in self._hospital(seed, end, days_ago).items():
                whole.setdefault(table, []).extend(rows)
                broken.setdefault(table, []).extend(misfits)
        for turn, branch in enumerate(whole["branches"]):
            branch["time_zone"] = self.time_zones[turn % len(self.time_zones)]
        for table, rows in whole.items():
            with (folder / f"{table}.csv").open("w", newline="") as file:
                write = csv.writer(file)
                write.writerow(rows[0])
                write.writerows(row.values() for row in rows)
                write.writerows(broken[table])
        return folder

    def _hospital(
        self, seed: int, end: date, days_ago: int
    ) -> dict[str, tuple[list[dict[str, str]], list[list[str]]]]:
        """Each table's rows, and its records with a wrong number of fields."""
        with TemporaryDirectory() as scratch:
            simulated = simulate(
                Path(scratch),
                end=end,
                days=self.days - days_ago,
                beds=self.beds,
                branches=self.branches,
                seed=seed,
                dirt=self.dirt,
            )
            files = sorted(simulated.folder.glob("*.csv"))
            read = {file.stem: _read(file) for file in files}
        tables = {table: rows for table, (rows, _) in read.items()}
        trouble = Trouble(tables, end, seed)
        trouble.plant()
        trouble.plant_at(self.moments)
        for rows in tables.values():
            for row in rows:
                for column, value in row.items():
                    if value and column.endswith(("_id", "email")):
                        row[column] = f"{seed}-{value}"
        return read


def _read(file: Path) -> tuple[list[dict[str, str]], list[list[str]]]:
    with file.open(newline="") as text:
        header, *records = csv.reader(text)
    rows = [
        dict(zip(header, record, strict=True))
        for record in records
        if len(record) == len(header)
    ]
    return rows, [record for record in records if len(record) != len(header)]
