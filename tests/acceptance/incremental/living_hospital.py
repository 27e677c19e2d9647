"""A hospital in which time passes and things happen, as its HIS tells of them.

Belongs here: what its HIS holds. What can happen stands in happenings.py; that the
warehouse keeps pace is nights.py's.
"""

import csv
from copy import deepcopy
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

from simulator import LAYOUT, simulate

Row = dict[str, str]
Tables = dict[str, dict[str, Row]]
"""Rows by table and key."""

STARTED = date(2026, 2, 20)
"""The last day of the first extract; its stays cross the ends of two months."""
# The one puts its clock forward in March; the other's days are never the one's.
TIME_ZONES = {"BR1": "Europe/Berlin", "BR2": "Asia/Kolkata"}

KEPT = "KEPT-"
"""Begins the keys of rows to which nothing happens but what a test says."""
LEFT_ON_THE_20TH = f"{KEPT}STAY"
"""Of January: an admission, and its bed stay."""
TURNS_65_ON_THE_SECOND_DAY = f"{KEPT}PATIENT"
"""A patient of whom no record tells."""


def opened(folder: Path) -> Tables:
    """A small simulated hospital, with its dirt, in two time zones."""
    extract = simulate(
        folder, end=STARTED, days=60, beds=18, branches=2, seed=3, dirt=4
    )
    tables: Tables = {}
    for table, columns in LAYOUT.items():
        with (extract.folder / f"{table}.csv").open(newline="") as text:
            header, *records = csv.reader(text)
        rows = [
            dict(zip(header, it, strict=True))
            for it in records
            if len(it) == len(header)
        ]
        tables[table] = {row[columns[0]]: row for row in rows}
    for branch, row in tables["branches"].items():
        row["time_zone"] = TIME_ZONES[branch]
    _put_on_the_edge(tables)
    return tables


def _put_on_the_edge(tables: Tables) -> None:
    """Bring those of whom the edge nights tell."""
    [*_, like] = tables["patients"].values()
    tables["patients"][TURNS_65_ON_THE_SECOND_DAY] = {
        **like,
        "patient_id": TURNS_65_ON_THE_SECOND_DAY,
        "birth_date": f"{STARTED + timedelta(days=1):1961-%m-%d}",
        "deceased_on": "",
        "merged_into_id": "",
    }
    bed = next(iter(tables["beds"].values()))
    ward = tables["wards"][bed["ward_id"]]
    [stay, *_] = tables["admissions"].values()
    [bed_stay, *_] = tables["bed_stays"].values()
    lies = {"admission_id": LEFT_ON_THE_20TH}
    tables["admissions"][LEFT_ON_THE_20TH] = {
        **stay,
        **lies,
        "branch_id": ward["branch_id"],
        "department_id": ward["department_id"],
        "admitted_at": "2026-01-10 08:00:00",
        "discharged_at": "2026-01-20 09:00:00",
    }
    tables["bed_stays"][LEFT_ON_THE_20TH] = {
        **bed_stay,
        **lies,
        "bed_stay_id": LEFT_ON_THE_20TH,
        "ward_id": bed["ward_id"],
        "bed_id": bed["bed_id"],
        "started_at": "2026-01-10 08:00:00",
        "ended_at": "2026-01-20 09:00:00",
    }


class LivingHospital:
    """Its tables, on a day, and what of them is gone."""

    def __init__(self, tables: Tables) -> None:
        self.tables = deepcopy(tables)
        self.gone: list[tuple[str, Row]] = []
        self.today = STARTED

    @property
    def as_of(self) -> datetime:
        return datetime.combine(self.today, datetime.max.time().replace(microsecond=0))

    def pass_days(self, days: int) -> None:
        self.today += timedelta(days=days)

    def some(self, chance: Random, table: str, most: int = 3) -> list[Row]:
        rows = [
            row for key, row in self.tables[table].items() if not key.startswith(KEPT)
        ]
        return chance.sample(rows, min(len(rows), chance.randint(1, most)))

    def moment(self, chance: Random, before: int = 70) -> str:
        day = self.today - timedelta(days=chance.randint(-1, before))
        return f"{day} {chance.randint(0, 23):02}:{chance.choice((0, 17, 30)):02}:00"

    def day(self, chance: Random) -> str:
        return self.moment(chance)[:10]

    def place(self, chance: Random) -> Row:
        """A branch and one of its departments."""
        row = chance.choice(list(self.tables["departments"].values()))
        return {name: row[name] for name in ("branch_id", "department_id")}

    def one_of(self, chance: Random, table: str) -> str:
        return chance.choice(list(self.tables[table]))

    def add(self, table: str, row: Row) -> str:
        """Let a row be new; returns its key."""
        number = len(self.tables[table]) + 1
        while (name := f"N{table[:2].upper()}{number}") in self.tables[table]:
            number += 1
        self.tables[table][name] = {**row, LAYOUT[table][0]: name}
        return name

    def forget(self, table: str, row: Row) -> None:
        del self.tables[table][row[LAYOUT[table][0]]]
        self.gone.append((table, row))

    def remember(self, chance: Random) -> None:
        """Let a row that vanished be there again, if any has."""
        if self.gone:
            table, row = self.gone.pop(chance.randrange(len(self.gone)))
            self.tables[table][row[LAYOUT[table][0]]] = row
