"""A `his` extract as the hospital sent it, read again from docs/his-layout.md.

Belongs here: casting, and which rows are too broken to count. What the rows mean for a
measure does not. Nothing in this folder knows Wardline's SQL.
"""

import csv
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace as Row
from typing import Any

from tests.acceptance.brute_force.merges import unite_merged
from tests.acceptance.brute_force.notes import withhold_notes

Rows = list[Row]
FIRST_KNOWN = date(1900, 1, 1)


class BrokenValueError(ValueError):
    """A value that is not of its column's type: the row goes to quarantine."""


def _text(value: str) -> str:
    return value


def _day(value: str) -> date:
    return date.fromisoformat(value)


def _moment(value: str) -> datetime:
    return datetime.fromisoformat(value)


def _number(value: str) -> Decimal:
    if not re.fullmatch(r"[+-]?\d+(\.\d+)?", value):
        raise BrokenValueError(value)
    return Decimal(value)


def _hours(most: int) -> Callable[[str], Decimal]:
    def read(value: str) -> Decimal:
        if not 0 <= _number(value) <= most:
            raise BrokenValueError(value)
        return _number(value)

    return read


def _minutes(value: str) -> int:
    if not re.fullmatch(r"\d{1,9}", value) or int(value) > 24 * 60:
        raise BrokenValueError(value)
    return int(value)


def _boolean(value: str) -> bool:
    if value.lower() not in ("true", "false"):
        raise BrokenValueError(value)
    return value.lower() == "true"


def _one_of(*words: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value not in words:
            raise BrokenValueError(value)
        return value

    return read


@dataclass(frozen=True)
class Table:
    """Columns other than text, and what must not be empty; the key comes first."""

    required: str
    readers: dict[str, Callable[[str], Any]]


TABLES = {
    "patients": Table(
        "patient_id",
        {"birth_date": _day, "registered_on": _day, "deceased_on": _day},
    ),
    "branches": Table("branch_id branch_name", {}),
    "departments": Table("department_id branch_id department_name", {}),
    "wards": Table("ward_id branch_id", {}),
    "beds": Table(
        "bed_id ward_id",
        {"opened_on": _day, "closed_on": _day, "is_staffed": _boolean},
    ),
    "doctors": Table("doctor_id", {"contracted_hours_per_week": _hours(168)}),
    "admissions": Table(
        "admission_id patient_id branch_id admitted_at",
        {
            "admission_type": _one_of("Emergency", "Scheduled"),
            "admitted_at": _moment,
            "discharged_at": _moment,
            "outcome": _one_of("Recovered", "Improved", "Transferred", "Deceased"),
        },
    ),
    "bed_stays": Table(
        "bed_stay_id admission_id ward_id started_at",
        {"started_at": _moment, "ended_at": _moment},
    ),
    "appointments": Table(
        "appointment_id patient_id scheduled_at status",
        {
            "booked_at": _moment,
            "scheduled_at": _moment,
            "duration_minutes": _minutes,
            "status": _one_of(
                "Scheduled",
                "Completed",
                "No-show",
                "Cancelled by patient",
                "Cancelled by hospital",
                "Cancelled",
            ),
        },
    ),
    "treatments": Table(
        "treatment_id treated_on", {"treated_on": _day, "cost": _number}
    ),
    "bills": Table(
        "bill_id patient_id billed_on amount",
        {
            "billed_on": _day,
            "amount": _number,
            "room_amount": _number,
            "medicine_amount": _number,
            "procedure_amount": _number,
        },
    ),
    "payments": Table(
        "payment_id bill_id paid_on amount status",
        {"paid_on": _day, "amount": _number, "status": _one_of("Paid", "Failed")},
    ),
    "doctor_shifts": Table(
        "shift_id doctor_id shift_date",
        {
            "shift_date": _day,
            "rostered_hours": _hours(72),
            "worked_hours": _hours(72),
        },
    ),
}


@dataclass(frozen=True)
class Extract:
    """The sound rows of the last night, and every version of the doctors."""

    as_of: datetime
    tables: dict[str, Rows]
    doctor_versions: Rows
    reused_patients: frozenset[str]
    """Patients whose name and day of birth both changed from one night to the next."""

    @property
    def as_of_day(self) -> date:
        """The last day that the extract speaks for."""
        return self.as_of.date()

    def __getattr__(self, table: str) -> Rows:
        if table not in TABLES:
            raise AttributeError(table)
        return self.tables[table]


def read_extract(folders: Iterable[Path]) -> Extract:
    """Read the nights, the oldest first, each a folder named for its day D.

    Each night is a snapshot, so the last one alone counts, except for doctors. It
    speaks for all of D: to 23:59:59.
    """
    nights = sorted(folders)
    last = date.fromisoformat(nights[-1].name)
    tables = {table: read_table(nights[-1], table) for table in TABLES}
    withhold_notes(tables)
    unite_merged(tables)
    return Extract(
        as_of=datetime.combine(last, time(23, 59, 59)),
        tables=tables,
        doctor_versions=_versions(nights),
        reused_patients=frozenset(_reused(nights)),
    )


def _reused(nights: list[Path]) -> Iterator[str]:
    for earlier, later in pairwise(nights):
        before = {it.patient_id: it for it in read_table(earlier, "patients")}
        for it in read_table(later, "patients"):
            was = before.get(it.patient_id)
            if was and (
                was.patient_name != it.patient_name and was.birth_date != it.birth_date
            ):
                yield it.patient_id


def read_table(folder: Path, table: str) -> Rows:
    """The sound rows: of the header's number of fields, and each value readable."""
    with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        header, *records = csv.reader(file)
    whole = (record for record in records if len(record) == len(header))
    rows = (_sound(TABLES[table], header, record) for record in whole)
    return [row for row in rows if row is not None]


def _sound(table: Table, header: list[str], record: list[str]) -> Row | None:
    values: dict[str, Any] = {}
    for column, field in zip(header, record, strict=True):
        trimmed = field.strip()
        try:
            reader = table.readers.get(column, _text)
            values[column] = reader(trimmed) if trimmed else None
        except ValueError:
            return None
    if any(values[column] is None for column in table.required.split()):
        return None
    return Row(**values)


def _versions(nights: list[Path]) -> Rows:
    """Doctors by period: each begins on the day of the night that first told it."""
    versions: Rows = []
    held: dict[str, Row] = {}
    for night in nights:
        day = date.fromisoformat(night.name)
        told = {row.doctor_id: vars(row) for row in read_table(night, "doctors")}
        for doctor, before in list(held.items()):
            if told.get(doctor) != before.facts:
                before.valid_to = day
                del held[doctor]
        known = {version.doctor_id for version in versions}
        for doctor, facts in told.items():
            if doctor not in held:
                begins = day if doctor in known else FIRST_KNOWN
                held[doctor] = Row(
                    **facts, facts=facts, valid_from=begins, valid_to=None
                )
                versions.append(held[doctor])
    return versions
