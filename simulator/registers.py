"""The registers: branches, departments, wards, beds and doctors as they are written.

Belongs here: the columns of the five small tables, on the last day of a calendar. What
they are made from: hospital.py.
"""

from collections.abc import Sequence

import numpy as np

from simulator.calendar import Calendar
from simulator.chance import Chance
from simulator.hospital import BED_TYPES, DEPARTMENTS, Hospital, branch_name
from simulator.layout import Ints, Texts
from simulator.names import person_names
from simulator.tables import Table
from simulator.texts import Column, Part, Rows, constant, encoded, small


def tables(chance: Chance, hospital: Hospital, calendar: Calendar) -> dict[str, Table]:
    """The tables branches, departments, wards, beds and doctors."""
    unit = np.arange(len(hospital.units))
    department = unit % len(DEPARTMENTS)
    bed = np.flatnonzero(hospital.bed_opened < calendar.days)
    ward = np.flatnonzero(hospital.ward_opened < calendar.days)
    number = len(hospital.branches)
    ward_number = np.array([int(w.rsplit("-W", 1)[1]) for w in hospital.wards])
    names = [d.name for d in DEPARTMENTS]
    hours = hospital.doctor_shifts_per_week * hospital.shift_hours()
    doctor_unit = hospital.doctor_unit
    flags = encoded(["false", "true"])

    def of(texts: Texts | Sequence[str], which: Ints | None = None) -> Column:
        found = encoded(texts)
        rows = np.arange(len(found)) if which is None else which
        return lambda some: [Part(found, rows[some])]

    def doctor_names(some: Rows) -> list[Part]:
        doctor = np.arange(len(hospital.doctors))[some]
        return person_names(chance, "doctor", doctor, doctor % 2 == 0)

    return {
        "branches": Table(
            slice(0, number),
            {
                "branch_id": of(hospital.branches),
                "branch_name": of([branch_name(n) for n in range(number)]),
                "time_zone": lambda _: [constant("UTC")],
            },
        ),
        "departments": Table(
            slice(0, len(unit)),
            {
                "department_id": of(hospital.units),
                "branch_id": lambda some: [hospital.branch_of(unit[some])],
                "department_name": of(names, department),
            },
        ),
        "wards": Table(
            ward,
            {
                "ward_id": of(hospital.wards),
                "branch_id": lambda some: [
                    hospital.branch_of(hospital.ward_unit[some])
                ],
                "department_id": of(hospital.units, hospital.ward_unit),
                "ward_name": lambda some: [
                    Part(encoded(names), department[hospital.ward_unit[some]]),
                    constant(" "),
                    small(ward_number[some]),
                ],
            },
        ),
        "beds": Table(
            bed,
            {
                "bed_id": of(hospital.beds),
                "ward_id": of(hospital.wards, hospital.bed_ward),
                "bed_type": of(BED_TYPES, hospital.bed_type),
                "opened_on": lambda some: calendar.dates(hospital.bed_opened[some]),
                "closed_on": lambda some: calendar.dates(hospital.bed_closed[some]),
                "is_staffed": lambda some: [
                    Part(flags, hospital.bed_staffed[some].astype(np.int64))
                ],
            },
        ),
        "doctors": Table(
            slice(0, len(hospital.doctors)),
            {
                "doctor_id": of(hospital.doctors),
                "doctor_name": doctor_names,
                "branch_id": lambda some: [hospital.branch_of(doctor_unit[some])],
                "department_id": of(hospital.units, doctor_unit),
                "specialty": of(names, doctor_unit % len(DEPARTMENTS)),
                "contracted_hours_per_week": lambda some: [small(hours[some])],
            },
        ),
    }
