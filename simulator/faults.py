"""How each fault is made, in the text columns of an extract.

Belongs here: one maker per fault, and the rows it may be made in. How many rows get it,
and which, is decided in dirt.py.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from simulator.layout import Booleans, Ints, Table

Tables = dict[str, Table]
Make = Callable[[Tables, Table, Ints], None]
Where = Callable[[Tables, Table], Booleans]


def _anywhere(_: Tables, table: Table) -> Booleans:
    return np.ones(len(next(iter(table.values()))), dtype=np.bool_)


class Fault(NamedTuple):
    """A fault of one table: `make` alters the rows given, `where` says which may be."""

    kind: str
    table: str
    make: Make
    where: Where = _anywhere


def _broken_when_written(_: Tables, table: Table, rows: Ints) -> None:
    """The values stay; files.py breaks the line."""


def _stays_far_below_the_limit(_: Tables, table: Table) -> Booleans:
    """One malformed line in a short table would be more than a gate lets pass (1 %)."""
    rows = len(next(iter(table.values())))
    return np.full(rows, rows >= 300, dtype=np.bool_)


def _set(column: str, value: str) -> Make:
    def make(_: Tables, table: Table, rows: Ints) -> None:
        table[column][rows] = value

    return make


def _has(column: str) -> Where:
    return lambda _, table: np.asarray(table[column] != "")


def _spaces_around(column: str) -> Make:
    def make(_: Tables, table: Table, rows: Ints) -> None:
        for turn, row in enumerate(rows):
            value = table[column][row]
            table[column][row] = (f"{value} ", f"  {value}", f" {value}\t")[turn % 3]

    return make


def _one_of(column: str, *values: str) -> Make:
    def make(_: Tables, table: Table, rows: Ints) -> None:
        table[column][rows] = np.array(values, dtype=object)[
            np.arange(len(rows)) % len(values)
        ]

    return make


def _february_30(_: Tables, table: Table, rows: Ints) -> None:
    years = [value[:4] for value in table["birth_date"][rows]]
    table["birth_date"][rows] = np.array([f"{y}-02-30" for y in years], dtype=object)


def _hour_25(_: Tables, table: Table, rows: Ints) -> None:
    years = [value[:4] for value in table["scheduled_at"][rows]]
    table["scheduled_at"][rows] = np.array(
        [f"{y}-06-31 25:61:00" for y in years], object
    )


def _letter_for_zero(_: Tables, table: Table, rows: Ints) -> None:
    for turn, row in enumerate(rows):
        value = table["cost"][row]
        table["cost"][row] = "see invoice" if turn % 2 else f"{value[:-2]}O{value[-1:]}"


def _is_discharged_later(_: Tables, table: Table) -> Booleans:
    closed = table["discharged_at"] != ""
    return np.asarray(closed & (table["discharged_at"] > table["admitted_at"]))


def _moments_exchanged(_: Tables, table: Table, rows: Ints) -> None:
    admitted = table["admitted_at"][rows]
    table["admitted_at"][rows] = table["discharged_at"][rows]
    table["discharged_at"][rows] = admitted


def _is_last_arrival_inside(_: Tables, table: Table) -> Booleans:
    """Whoever was admitted just before is still there and is someone else."""
    inside = np.zeros(len(table["patient_id"]), dtype=np.bool_)
    left, came = table["discharged_at"][:-1], table["admitted_at"]
    inside[1:] = (left == "") | (left > came[1:])
    inside[1:] &= (came[:-1] < came[1:]) & (
        table["patient_id"][:-1] != table["patient_id"][1:]
    )
    return inside


def _patient_of_row_before(_: Tables, table: Table, rows: Ints) -> None:
    table["patient_id"][rows] = table["patient_id"][rows - 1]


def _someone_has_died(tables: Tables, table: Table) -> Booleans:
    dead = tables["patients"]["deceased_on"]
    first = min(dead[dead != ""], default="9999")
    return np.asarray(
        [moment[:10] > first for moment in table["admitted_at"]], dtype=np.bool_
    )


def _patient_who_died(tables: Tables, table: Table, rows: Ints) -> None:
    """The one who died last before the admission."""
    patients = tables["patients"]
    dead = np.flatnonzero(patients["deceased_on"] != "")
    dead = dead[np.argsort(patients["deceased_on"][dead], kind="stable")]
    days = patients["deceased_on"][dead]
    for row in rows:
        before = int(np.searchsorted(days, table["admitted_at"][row][:10])) - 1
        table["patient_id"][row] = patients["patient_id"][dead[before]]


def _seen_at_clinic(tables: Tables, table: Table) -> Booleans:
    first = _first_appointments(tables)
    return np.array(
        [patient in first for patient in table["patient_id"]], dtype=np.bool_
    )


def _registered_after(tables: Tables, table: Table, rows: Ints) -> None:
    """Registered on the day after the first appointment."""
    first = _first_appointments(tables)
    for row in rows:
        day = np.datetime64(first[table["patient_id"][row]][:10]) + 1
        table["registered_on"][row] = str(day)


def _first_appointments(tables: Tables) -> dict[str, str]:
    """The first completed appointment of each patient, if before the last full day."""
    booked = tables["appointments"]
    last = max(tables["admissions"]["admitted_at"], default="")[:10]
    first: dict[str, str] = {}
    for patient, moment, status in zip(
        booked["patient_id"], booked["scheduled_at"], booked["status"], strict=True
    ):
        if (
            status == "Completed"
            and moment < last
            and moment < first.get(patient, "9999")
        ):
            first[patient] = moment
    return first


def _name_of_another(_: Tables, table: Table, rows: Ints) -> None:
    names = table["patient_name"]
    table["patient_name"][rows] = names[(rows + 1) % len(names)]


# The order matters: who died is settled before someone is admitted after their death,
# and statuses are read before they are spoilt.
FAULTS = (
    Fault(
        "malformed_line",
        "appointments",
        _broken_when_written,
        _stays_far_below_the_limit,
    ),
    Fault(
        "malformed_line", "treatments", _broken_when_written, _stays_far_below_the_limit
    ),
    Fault(
        "malformed_line", "payments", _broken_when_written, _stays_far_below_the_limit
    ),
    Fault(
        "missing_death_date", "patients", _set("deceased_on", ""), _has("deceased_on")
    ),
    Fault(
        "appointment_before_registration",
        "patients",
        _registered_after,
        _seen_at_clinic,
    ),
    Fault("impossible_date", "patients", _february_30),
    Fault("shared_name", "patients", _name_of_another),
    Fault("stray_whitespace", "patients", _spaces_around("patient_name")),
    Fault("missing_optional", "patients", _set("insurance_type", "")),
    Fault(
        "discharge_before_admission",
        "admissions",
        _moments_exchanged,
        _is_discharged_later,
    ),
    Fault(
        "overlapping_stay",
        "admissions",
        _patient_of_row_before,
        _is_last_arrival_inside,
    ),
    Fault("admission_after_death", "admissions", _patient_who_died, _someone_has_died),
    Fault("impossible_moment", "appointments", _hour_25),
    Fault(
        "unknown_status",
        "appointments",
        _one_of("status", "Rescheduled", "??", "arrived"),
    ),
    Fault("orphan_doctor", "appointments", _set("doctor_id", "D9999")),
    Fault("stray_whitespace", "appointments", _spaces_around("status")),
    Fault("missing_optional", "appointments", _set("reason", "")),
    Fault("text_in_number", "treatments", _letter_for_zero),
    Fault(
        "orphan_admission",
        "treatments",
        _set("admission_id", "A999999"),
        _has("admission_id"),
    ),
    Fault("missing_optional", "bills", _set("payer", "")),
)
