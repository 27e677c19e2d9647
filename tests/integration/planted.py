"""A small hospital whose every personal value is marked, and how it is spoiled."""

import csv
import re
import shutil
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path

from simulator import simulate

MARK = "PLANTED"
# Marked by being days that no hospital has otherwise: no mark fits a date's form.
BIRTH_DATE, BROKEN_DATE = "1903-02-17", "1903-02-31"
MARKS = (MARK, BIRTH_DATE, BROKEN_DATE)

_IDS = re.compile(r"\b[PAETBYS]\d{6,7}\b")
Rows = list[dict[str, str]]


def plant(out: Path, end: date) -> Path:
    """Write one night in which nobody's value is without its mark; returns its folder.

    Keys of patients, admissions, stays, appointments, treatments, bills and payments,
    names, telephone numbers, addresses, e-mails, insurance numbers, dates of birth and
    free text are marked; so is the name of a column that no contract knows.
    """
    folder = simulate(out, end=end, days=21, beds=9, seed=3, dirt=0).folder
    for file in folder.glob("*.csv"):
        file.write_text(_IDS.sub(rf"{MARK}-\g<0>", file.read_text()))
    change(folder / "patients.csv", _mark_patients)
    change(folder / "appointments.csv", _mark_reasons)
    return folder


def change(file: Path, how: Callable[[Rows], Iterable[dict[str, str]]]) -> None:
    """Write a CSV file anew, with its rows changed."""
    with file.open(newline="") as before:
        rows = list(how(list(csv.DictReader(before))))
    with file.open("w", newline="") as after:
        writer = csv.DictWriter(after, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _mark_patients(rows: Rows) -> Rows:
    return [
        row
        | {
            "patient_name": f"{MARK} Name {place}",
            "birth_date": BIRTH_DATE,
            "phone": f"{MARK}-phone-{place}",
            "email": f"{MARK}.{place}@example.org",
            "address": f"{place} {MARK} Street, Town",
            "insurance_number": f"{MARK}-insurance-{place}",
            f"{MARK.lower()}_column": f"{MARK}-extra-{place}",
        }
        for place, row in enumerate(rows)
    ]


def _mark_reasons(rows: Rows) -> Rows:
    return [row | {"reason": f"{MARK} reason"} for row in rows]


def quarantine_some(folder: Path) -> None:
    """Values that do not fit their column, and records that do not fit their file."""

    def broken(rows: Rows) -> Rows:
        return [
            row | ({"birth_date": BROKEN_DATE} if place < 9 else {})
            for place, row in enumerate(rows)
        ]

    change(folder / "patients.csv", broken)
    with (folder / "appointments.csv").open("a") as appointments:
        appointments.write(f"{MARK}-E0000001,too,few,{MARK} fields\n")


def spoil(folder: Path) -> None:
    """Let every table fail in its own way."""
    headerless = (folder / "patients.csv").read_text().split("\n", 1)[1]
    (folder / "patients.csv").write_text(headerless)
    change(folder / "admissions.csv", lambda rows: rows + rows[:9])
    change(
        folder / "bills.csv",
        lambda rows: [
            {MARK.lower() if name == "payer" else name: it for name, it in row.items()}
            for row in rows
        ],
    )
    change(folder / "payments.csv", lambda rows: [r | {"payment_id": ""} for r in rows])
    change(
        folder / "doctors.csv", lambda rows: [r | {f"{MARK} note": MARK} for r in rows]
    )
    with (folder / "appointments.csv").open("a") as appointments:
        appointments.write(f"{MARK},too,few\n" * 99)
    with (folder / "treatments.csv").open("ab") as treatments:
        treatments.write(f"{MARK}-T,\xff,{MARK}\n".encode("latin-1") * 99)
    with (folder / "bed_stays.csv").open("a") as bed_stays:
        bed_stays.write(f'{MARK}-S,"{MARK} never closed\n')
    (folder / "wards.csv").write_text(f"{MARK};{MARK}_ward\n{MARK};1\n")
    (folder / "beds.csv").write_bytes(b"\x1f\x8b" + MARK.encode())
    shutil.copy(folder / "departments.csv", folder / f"{MARK} patients.csv")
