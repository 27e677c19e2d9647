"""Admissions and bed stays as they are written.

Belongs here: the columns of the two tables. What happened to whom: bed_stays.py.
"""

import numpy as np

from simulator.admissions import Plans
from simulator.bed_stays import Stays
from simulator.calendar import Calendar
from simulator.chance import Chance
from simulator.hospital import BED_TYPES, Hospital
from simulator.layout import Ints
from simulator.tables import Table
from simulator.texts import Part, Parts, Rows, counted, encoded, numbered

_OUTCOMES = encoded(["", "Recovered", "Improved", "Transferred", "Deceased"])
_TYPES = encoded(["Scheduled", "Emergency"])


def tables(
    chance: Chance,
    hospital: Hospital,
    calendar: Calendar,
    plans: Plans,
    stays: Stays,
    patients: Ints,
) -> dict[str, Table]:
    """The tables admissions and bed_stays, as known by the calendar's closing.

    `patients` are the numbers in all persons' ids.
    """
    wards, beds = encoded(hospital.wards), encoded(hospital.beds)
    kinds = encoded(BED_TYPES)
    first_bed = np.zeros(len(stays.plan), dtype=np.int64)
    # Written backwards, so that the first stay of an admission is what remains.
    first_bed[stays.stay_admission[::-1]] = stays.stay_bed[::-1]

    def outcome(some: Rows) -> Parts:
        plan = stays.plan[some]
        found = 1 + chance.pick("stay.outcome", plan, [0.6, 0.4])
        found = np.where(plans.is_transfer_out[plan], 3, found)
        found = np.where(plans.is_death[plan], 4, found)
        found = np.where(stays.discharged_at[some] > calendar.closing, 0, found)
        return [Part(_OUTCOMES, found)]

    admitted = np.searchsorted(stays.admitted_at, calendar.closing, "right")
    begun = np.searchsorted(stays.started_at, calendar.closing, "right")
    return {
        "admissions": Table(
            slice(0, int(admitted)),
            {
                "admission_id": lambda some: numbered("A", 6, counted(some)),
                "patient_id": lambda some: numbered(
                    "P", 6, patients[stays.person[some]]
                ),
                "branch_id": lambda some: [hospital.branch_of(stays.unit[some])],
                "department_id": lambda some: [hospital.unit_of(stays.unit[some])],
                "doctor_id": lambda some: [hospital.doctor_of(stays.doctor[some])],
                "admission_type": lambda some: [
                    Part(_TYPES, plans.is_emergency[stays.plan[some]].astype(np.int64))
                ],
                "admitted_at": lambda some: calendar.moments(stays.admitted_at[some]),
                "discharged_at": lambda some: calendar.moments(
                    stays.discharged_at[some]
                ),
                "bed_type": lambda some: [
                    Part(kinds, hospital.bed_type[first_bed[some]])
                ],
                "outcome": outcome,
            },
            prefix="A",
            digits=6,
        ),
        "bed_stays": Table(
            slice(0, int(begun)),
            {
                "bed_stay_id": lambda some: numbered("S", 7, counted(some)),
                "admission_id": lambda some: numbered(
                    "A", 6, stays.stay_admission[some] + 1
                ),
                "ward_id": lambda some: [
                    Part(wards, hospital.bed_ward[stays.stay_bed[some]])
                ],
                "bed_id": lambda some: [Part(beds, stays.stay_bed[some])],
                "started_at": lambda some: calendar.moments(stays.started_at[some]),
                "ended_at": lambda some: calendar.moments(stays.ended_at[some]),
            },
            prefix="S",
            digits=7,
        ),
    }
