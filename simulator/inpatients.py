"""Admissions and bed stays as they are written.

Belongs here: the columns of the two tables. What happened to whom: bed_stays.py.
"""

import numpy as np

from simulator.admissions import Plans
from simulator.bed_stays import Stays
from simulator.chance import Chance
from simulator.hospital import Hospital
from simulator.layout import Table, Texts

_OUTCOMES = np.array(
    ["", "Recovered", "Improved", "Transferred", "Deceased"], dtype=object
)


def tables(
    chance: Chance, hospital: Hospital, plans: Plans, stays: Stays, patients: Texts
) -> dict[str, Table]:
    """The tables admissions and bed_stays; `patients` are the ids of all persons."""
    calendar = hospital.calendar
    ids = np.array([f"A{n:06d}" for n in range(1, len(stays.plan) + 1)], dtype=object)
    plan = stays.plan
    first_bed = np.zeros(len(plan), dtype=np.int64)
    # Written backwards, so that the first stay of an admission is what remains.
    first_bed[stays.stay_admission[::-1]] = stays.stay_bed[::-1]
    outcome = 1 + chance.pick("stay.outcome", plan, [0.6, 0.4])
    outcome = np.where(plans.is_transfer_out[plan], 3, outcome)
    outcome = np.where(plans.is_death[plan], 4, outcome)
    outcome = np.where(stays.discharged_at > calendar.closing, 0, outcome)
    numbers = range(1, len(stays.stay_bed) + 1)
    return {
        "admissions": {
            "admission_id": ids,
            "patient_id": patients[stays.person],
            "branch_id": hospital.branch_of(stays.unit),
            "department_id": hospital.units[stays.unit],
            "doctor_id": hospital.doctors[stays.doctor],
            "admission_type": np.where(
                plans.is_emergency[plan], "Emergency", "Scheduled"
            ).astype(object),
            "admitted_at": calendar.moments(stays.admitted_at),
            "discharged_at": calendar.moments(stays.discharged_at),
            "bed_type": hospital.bed_type[first_bed],
            "outcome": _OUTCOMES[outcome],
        },
        "bed_stays": {
            "bed_stay_id": np.array([f"S{n:07d}" for n in numbers], dtype=object),
            "admission_id": ids[stays.stay_admission],
            "ward_id": hospital.wards[hospital.bed_ward[stays.stay_bed]],
            "bed_id": hospital.beds[stays.stay_bed],
            "started_at": calendar.moments(stays.started_at),
            "ended_at": calendar.moments(stays.ended_at),
        },
    }
