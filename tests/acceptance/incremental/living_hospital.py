"""A hospital in which things happen: it admits, corrects, merges, closes and forgets.

Belongs here: what its HIS holds, and one method for each thing that can happen to it,
drawn by Hypothesis. That the warehouse keeps pace is nights.py's.
"""

import csv
from collections.abc import Callable
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


def opened(folder: Path) -> Tables:
    """A small simulated hospital, with its dirt."""
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
    return tables


class LivingHospital:
    """Its tables, and chance as a number that says which rows are meant."""

    def __init__(self, tables: Tables) -> None:
        self.tables = deepcopy(tables)
        self.today = STARTED

    @property
    def as_of(self) -> datetime:
        return datetime.combine(self.today, datetime.max.time().replace(microsecond=0))

    def pass_days(self, days: int) -> None:
        self.today += timedelta(days=days)

    def happen(self, what: str, chance: int) -> None:
        """Let one of HAPPENINGS happen to rows that chance picks."""
        HAPPENINGS[what](self, Random(chance))  # noqa: S311 (drawn by Hypothesis)

    def _some(self, chance: Random, table: str, most: int = 3) -> list[Row]:
        rows = list(self.tables[table].values())
        return chance.sample(rows, min(len(rows), chance.randint(1, most)))

    def _moment(self, chance: Random, before: int = 70) -> str:
        day = self.today - timedelta(days=chance.randint(-1, before))
        return f"{day} {chance.randint(0, 23):02}:{chance.choice((0, 17, 30)):02}:00"

    def _add(self, table: str, row: Row) -> None:
        key = LAYOUT[table][0]
        number = len(self.tables[table]) + 1
        while (name := f"N{table[:2].upper()}{number}") in self.tables[table]:
            number += 1
        self.tables[table][name] = {**row, key: name}


def _discharge_moves(it: LivingHospital, chance: Random) -> None:
    for row in it._some(chance, "admissions"):
        row["discharged_at"] = chance.choice(["", it._moment(chance)])


def _admission_moves(it: LivingHospital, chance: Random) -> None:
    for row in it._some(chance, "admissions", 2):
        row["admitted_at"] = it._moment(chance, before=100)


def _bed_type_changes(it: LivingHospital, chance: Random) -> None:
    for row in it._some(chance, "admissions", 2):
        row["bed_type"] = chance.choice(["call 0151 234567", "General", ""])


def _somebody_comes(it: LivingHospital, chance: Random) -> None:
    for row in it._some(chance, "admissions", 2):
        it._add(
            "admissions",
            {**row, "admitted_at": it._moment(chance), "discharged_at": ""},
        )


def _bed_stay_changes(it: LivingHospital, chance: Random) -> None:
    beds = list(it.tables["beds"].values())
    for row in it._some(chance, "bed_stays"):
        bed = chance.choice(beds)
        row |= {"bed_id": bed["bed_id"], "ward_id": bed["ward_id"]}
        row[chance.choice(["started_at", "ended_at"])] = it._moment(chance)


def _row_vanishes(it: LivingHospital, chance: Random) -> None:
    table = chance.choice(
        ["admissions", "bed_stays", "appointments", "treatments", "bills", "payments",
         "doctor_shifts", "patients", "doctors"]
    )  # fmt: skip
    for row in it._some(chance, table, 2):
        del it.tables[table][row[LAYOUT[table][0]]]


def _appointment_changes(it: LivingHospital, chance: Random) -> None:
    for row in it._some(chance, "appointments"):
        row["status"] = chance.choice(["Completed", "No-show", "Cancelled", "??"])
        if chance.random() < 0.3:
            row["scheduled_at"] = it._moment(chance)
        if chance.random() < 0.3:
            row["reason"] = chance.choice(["call 0151 234567", "Follow-up", ""])


def _money_changes(it: LivingHospital, chance: Random) -> None:
    for row in it._some(chance, "bills"):
        row["amount"] = f"{chance.randint(1, 900)}.50"
        row["billed_on"] = chance.choice([it._moment(chance)[:10], row["billed_on"]])
        row["payer"] = chance.choice(["Patient", "aunt Mary, tel. 020 7946 0000", ""])
    for row in it._some(chance, "payments"):
        row["status"] = chance.choice(["Paid", "Failed"])
        row["paid_on"] = it._moment(chance)[:10]


def _treatment_changes(it: LivingHospital, chance: Random) -> None:
    for row in it._some(chance, "treatments"):
        row["cost"] = chance.choice([f"{chance.randint(1, 90)}.25", "see invoice", ""])
        row["treated_on"] = it._moment(chance)[:10]
        if chance.random() < 0.3:
            row["treatment_type"] = chance.choice(["tel. 0151 234567", "X-Ray", ""])


def _patients_merge(it: LivingHospital, chance: Random) -> None:
    rows = list(it.tables["patients"].values())
    one, other = chance.sample(rows, 2)
    one["merged_into_id"] = chance.choice([other["patient_id"], "", "P-nobody"])


def _patient_changes(it: LivingHospital, chance: Random) -> None:
    for row in it._some(chance, "patients"):
        row["birth_date"] = f"{chance.randint(1930, 2010)}-{it.today:%m-%d}"
        row["deceased_on"] = chance.choice(["", it._moment(chance)[:10]])
        row["insurance_type"] = chance.choice(["Public", "Private", ""])


def _register_changes(it: LivingHospital, chance: Random) -> None:
    for row in it._some(chance, "beds", 2):
        row["closed_on"] = chance.choice(["", it._moment(chance)[:10]])
        row["is_staffed"] = chance.choice(["true", "false"])
    if chance.random() < 0.3:
        [row] = it._some(chance, "departments", 1)
        row["department_name"] += "*"


def _roster_changes(it: LivingHospital, chance: Random) -> None:
    for row in it._some(chance, "doctor_shifts"):
        row["worked_hours"] = str(chance.randint(0, 12))
    for row in it._some(chance, "doctors", 1):
        row["contracted_hours_per_week"] = str(chance.choice([20, 30, 40]))


def _records_are_attached_elsewhere(it: LivingHospital, chance: Random) -> None:
    admissions = [*it.tables["admissions"], "A-unknown", ""]
    for table in ("treatments", "bills", "bed_stays"):
        for row in it._some(chance, table, 2):
            row["admission_id"] = chance.choice(admissions)
    patients = [*it.tables["patients"], "P-unknown"]
    for table in ("admissions", "appointments", "bills"):
        for row in it._some(chance, table, 2):
            row["patient_id"] = chance.choice(patients)


HAPPENINGS: dict[str, Callable[[LivingHospital, Random], None]] = {
    "a discharge moves": _discharge_moves,
    "an admission moves": _admission_moves,
    "a bed type changes": _bed_type_changes,
    "somebody comes": _somebody_comes,
    "a bed stay changes": _bed_stay_changes,
    "a row vanishes": _row_vanishes,
    "an appointment changes": _appointment_changes,
    "money changes": _money_changes,
    "a treatment changes": _treatment_changes,
    "patients merge": _patients_merge,
    "a patient changes": _patient_changes,
    "a register changes": _register_changes,
    "a roster changes": _roster_changes,
    "records are attached elsewhere": _records_are_attached_elsewhere,
}
