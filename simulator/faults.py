"""How each fault is made, in the text columns of an extract.

Belongs here: one maker per fault, and the rows it may be made in. How many rows get it,
and which, is decided in dirt.py.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from simulator.layout import Booleans, Ints
from simulator.patients import DAY_AFTER_FIRST_VISIT
from simulator.tables import Table

Tables = dict[str, Table]
Make = Callable[[Tables, Table, Ints], None]
Where = Callable[[Tables, Table], Booleans]


def _anywhere(_: Tables, table: Table) -> Booleans:
    return np.ones(len(table), dtype=np.bool_)


class Fault(NamedTuple):
    """A fault of one table: `make` alters the rows given, `where` says which may be."""

    kind: str
    table: str
    make: Make
    where: Where = _anywhere


def _broken_when_written(_: Tables, table: Table, rows: Ints) -> None:
    """The values stay; files.py breaks the line."""
    for turn, row in enumerate(np.asarray(table.at(rows)).tolist()):
        table.broken[row] = turn % 2 == 1


def _stays_far_below_the_limit(_: Tables, table: Table) -> Booleans:
    """One malformed line in a short table would be more than a gate lets pass (1 %)."""
    return np.full(len(table), len(table) >= 300, dtype=np.bool_)


def _set(column: str, value: str) -> Make:
    def make(_: Tables, table: Table, rows: Ints) -> None:
        table.alter(column, rows, [value] * len(rows))

    return make


def _has(column: str) -> Where:
    return lambda _, table: np.asarray(table.whole(column) != b"")


def _spaces_around(column: str) -> Make:
    def make(_: Tables, table: Table, rows: Ints) -> None:
        values = [
            (f"{value} ", f"  {value}", f" {value}\t")[turn % 3]
            for turn, value in enumerate(table.texts(column, rows))
        ]
        table.alter(column, rows, values)

    return make


def _one_of(column: str, *values: str) -> Make:
    def make(_: Tables, table: Table, rows: Ints) -> None:
        table.alter(column, rows, [values[n % len(values)] for n in range(len(rows))])

    return make


def _february_30(_: Tables, table: Table, rows: Ints) -> None:
    days = table.texts("birth_date", rows)
    table.alter("birth_date", rows, [f"{day[:4]}-02-30" for day in days])


def _hour_25(_: Tables, table: Table, rows: Ints) -> None:
    moments = table.texts("scheduled_at", rows)
    table.alter("scheduled_at", rows, [f"{m[:4]}-06-31 25:61:00" for m in moments])


def _letter_for_zero(_: Tables, table: Table, rows: Ints) -> None:
    values = [
        "see invoice" if turn % 2 else f"{value[:-2]}O{value[-1:]}"
        for turn, value in enumerate(table.texts("cost", rows))
    ]
    table.alter("cost", rows, values)


def _is_discharged_later(_: Tables, table: Table) -> Booleans:
    left = table.whole("discharged_at")
    return np.asarray((left != b"") & (left > table.whole("admitted_at")))


def _moments_exchanged(_: Tables, table: Table, rows: Ints) -> None:
    admitted = table.texts("admitted_at", rows)
    table.alter("admitted_at", rows, table.texts("discharged_at", rows))
    table.alter("discharged_at", rows, admitted)


def _is_last_arrival_inside(_: Tables, table: Table) -> Booleans:
    """Whoever was admitted just before is still there and is someone else."""
    inside = np.zeros(len(table), dtype=np.bool_)
    left, came = table.whole("discharged_at")[:-1], table.whole("admitted_at")
    patient = table.whole("patient_id")
    inside[1:] = (left == b"") | (left > came[1:])
    inside[1:] &= (came[:-1] < came[1:]) & (patient[:-1] != patient[1:])
    return inside


def _patient_of_row_before(_: Tables, table: Table, rows: Ints) -> None:
    table.alter("patient_id", rows, table.texts("patient_id", rows - 1))


def _someone_has_died(tables: Tables, table: Table) -> Booleans:
    dead = tables["patients"].whole("deceased_on")
    first = min(dead[dead != b""].tolist(), default=b"9999")
    return np.asarray(table.whole("admitted_at").astype("S10") > first)


def _patient_who_died(tables: Tables, table: Table, rows: Ints) -> None:
    """The one who died last before the admission."""
    patients = tables["patients"]
    died = patients.whole("deceased_on")
    dead = np.flatnonzero(died != b"")
    dead = dead[np.argsort(died[dead], kind="stable")]
    days = [moment[:10].encode() for moment in table.texts("admitted_at", rows)]
    before = np.searchsorted(died[dead], np.array(days, dtype=died.dtype)) - 1
    table.alter("patient_id", rows, patients.texts("patient_id", dead[before]))


def _registered_after(_: Tables, table: Table, rows: Ints) -> None:
    table.alter("registered_on", rows, table.texts(DAY_AFTER_FIRST_VISIT, rows))


def _admission_unknown(tables: Tables, table: Table, rows: Ints) -> None:
    known = tables["admissions"].keys().max(initial=0)
    unknown = "A999999" if known < 999_999 else "A99999999"
    table.alter("admission_id", rows, [unknown] * len(rows))


def _name_of_another(_: Tables, table: Table, rows: Ints) -> None:
    names = table.texts("patient_name", (rows + 1) % len(table))
    table.alter("patient_name", rows, names)


def _is_behind_another(_: Tables, table: Table) -> Booleans:
    """The stay begun just before, in another bed of the branch, is not over.

    Every second row, so that nobody is given a bed that was taken from someone.
    """
    behind = np.zeros(len(table), dtype=np.bool_)
    left, came = table.whole("ended_at")[:-1], table.whole("started_at")
    ward, bed = table.whole("ward_id"), table.whole("bed_id")
    behind[1:] = (left == b"") | (left > came[1:])
    branch = np.char.partition(ward, b"-")[:, 0]
    behind[1:] &= (branch[:-1] == branch[1:]) & (bed[:-1] != bed[1:])
    behind[::2] = False
    return behind


def _bed_of_row_before(_: Tables, table: Table, rows: Ints) -> None:
    for column in ("ward_id", "bed_id"):
        table.alter(column, rows, table.texts(column, rows - 1))


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
        _has(DAY_AFTER_FIRST_VISIT),
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
        _admission_unknown,
        _has("admission_id"),
    ),
    Fault("missing_optional", "bills", _set("payer", "")),
    Fault("double_booked_bed", "bed_stays", _bed_of_row_before, _is_behind_another),
)
