"""Patients by age, sex, insurance and the branch that they last came to.

Belongs here: who the patients are. What was done for them: doctors.py and others.
"""

from collections import Counter, defaultdict
from datetime import date
from typing import Any

from tests.acceptance.brute_force.extract import Extract, Rows
from tests.acceptance.brute_force.naming import SOURCE, Names

SMALLEST_RELEASED = 11
AGE_BANDS = ((17, "0-17"), (39, "18-39"), (64, "40-64"), (79, "65-79"), (89, "80-89"))


def age_band(birth_date: date | None, as_of: date) -> str | None:
    """Completed years at as_of."""
    if birth_date is None:
        return None
    had_birthday = (as_of.month, as_of.day) >= (birth_date.month, birth_date.day)
    age = as_of.year - birth_date.year - (not had_birthday)
    return next((band for limit, band in AGE_BANDS if age <= limit), "90 and over")


def recorded_deaths(extract: Extract, stays: Rows) -> dict[str, date]:
    """The register's day of death, else the first discharge by death, by patient."""
    deaths: dict[str, date] = {}
    for stay in stays:
        if stay.is_death:
            day = stay.discharged_at.date()
            deaths[stay.patient_id] = min(day, deaths.get(stay.patient_id, day))
    for patient in extract.patients:
        if patient.deceased_on is not None:
            deaths[patient.patient_id] = patient.deceased_on
    return deaths


def dim_patient(extract: Extract, names: Names, stays: Rows) -> list[dict[str, Any]]:
    """One row per registered patient."""
    deaths = recorded_deaths(extract, stays)
    return [
        {
            "source_system": SOURCE,
            "patient_key": names.pseudonym("patient", it.patient_id),
            "sex": it.sex,
            "age_band": age_band(it.birth_date, extract.as_of_day),
            "insurance_type": it.insurance_type,
            "is_deceased": it.patient_id in deaths,
        }
        for it in extract.patients
    ]


def patient_demographics(
    extract: Extract, names: Names, stays: Rows, appointments: Rows
) -> list[dict[str, Any]]:
    """One row per branch of the latest visit, sex, age band and insurance.

    Who did not come made no visit, and one without a branch tells nothing; of two at
    one moment, the first branch counts.
    """
    visits = [(it.admitted_at, it.branch_id, it.patient_id) for it in stays]
    visits += [
        (it.scheduled_at, it.place[0], it.patient_id)
        for it in appointments
        if it.became == "completed"
    ]
    told = [it for it in visits if it[1] is not None and it[0] <= extract.as_of]
    told.sort(key=lambda it: it[1], reverse=True)
    told.sort(key=lambda it: it[0])
    homes = {patient: branch for _, branch, patient in told}
    groups = Counter(
        (
            homes.get(it.patient_id),
            it.sex,
            age_band(it.birth_date, extract.as_of_day),
            it.insurance_type,
        )
        for it in extract.patients
    )
    return [
        {
            "source_system": SOURCE,
            **names.branch(branch),
            "sex": sex,
            "age_band": band,
            "insurance_type": insurance,
            "patients": patients,
        }
        for (branch, sex, band, insurance), patients in groups.items()
    ]


def patient_demographics_for_release(
    demographics: list[dict[str, Any]],
) -> list[dict[str, Any]]:
    """The same rows, without a branch's small numbers, smallest others and total.

    A branch of small numbers only is left out.
    """
    branches = defaultdict(list)
    for row in demographics:
        branches[row["branch_key"]].append(row)
    released = []
    for rows in branches.values():
        small = [it for it in rows if it["patients"] < SMALLEST_RELEASED]
        large = [it["patients"] for it in rows if it["patients"] >= SMALLEST_RELEASED]
        if small and not large:
            continue
        hidden = {it["patients"] for it in small} | ({min(large)} if small else set())
        for row in rows:
            is_withheld = row["patients"] in hidden
            released.append(
                row
                | {
                    "patients": None if is_withheld else row["patients"],
                    "is_withheld": is_withheld,
                    "branch_patients": (
                        None if small else sum(it["patients"] for it in rows)
                    ),
                }
            )
    return released
