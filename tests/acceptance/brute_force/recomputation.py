"""All marts of an extract, recomputed: which function makes which mart.

Belongs here: the order of the parts. What a difference looks like: comparison.py.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.acceptance.brute_force import (
    bed_use,
    billing,
    care,
    discharges,
    doctors,
    flow,
    issues,
    occupancy,
    overview,
    parts,
    patients,
    stays,
    unbilled,
)
from tests.acceptance.brute_force.clocks import Clocks
from tests.acceptance.brute_force.extract import read_extract
from tests.acceptance.brute_force.naming import Names

Marts = dict[str, list[dict[str, Any]]]


def recompute(nights: Iterable[Path], secret: bytes) -> Marts:
    """The marts' rows by mart; `nights` are the extract's folders, `secret` the key."""
    extract = read_extract(nights)
    names = Names(extract, secret)
    clocks = Clocks(extract)
    admitted = stays.read_stays(extract, clocks)
    stays.mark_readmissions(admitted)
    days = occupancy.days_of(extract, admitted)
    lain = parts.read_parts(extract, clocks, admitted)
    booked = care.read_appointments(extract)
    treated = care.read_treatments(extract, admitted, booked)
    bills = billing.read_bills(extract, admitted, treated)
    deeds = doctors.read_deeds(extract, admitted, booked, treated, bills)
    found = issues.find_issues(extract, clocks, admitted, booked, treated, bills)
    faulty = {record for entity, record, _, _ in found if entity == "admissions"}
    moved = flow.patient_flow_daily(extract, names, days, admitted, lain)
    occupied = occupancy.bed_occupancy_daily(extract, names, clocks, days, lain)
    people = patients.patient_demographics(extract, names, admitted, booked)
    return {
        "fct_admissions": stays.fct_admissions(names, admitted, bills, faulty),
        "length_of_stay_monthly": discharges.length_of_stay_monthly(names, admitted),
        "outcomes_monthly": discharges.outcomes_monthly(names, admitted),
        "fct_bed_stays": parts.fct_bed_stays(names, lain),
        "bed_occupancy_daily": occupied,
        "bed_occupancy_hourly": occupancy.bed_occupancy_hourly(
            extract, names, clocks, days, lain
        ),
        "patient_flow_daily": moved,
        "fct_appointments": care.fct_appointments(names, booked),
        "appointment_activity_daily": care.appointment_activity_daily(
            extract, names, booked
        ),
        "fct_treatments": care.fct_treatments(names, treated),
        "treatment_costs_monthly": care.treatment_costs_monthly(
            extract, names, treated
        ),
        "fct_bills": billing.fct_bills(names, bills),
        "billing_monthly": billing.billing_monthly(extract, names, bills),
        "receivables_ageing": billing.receivables_ageing(extract, names, bills),
        "dim_patient": patients.dim_patient(extract, names, admitted),
        "patient_demographics": people,
        "patient_demographics_for_release": patients.patient_demographics_for_release(
            people
        ),
        "unbilled_care_monthly": unbilled.unbilled_care_monthly(
            extract, names, admitted, booked, treated, bills
        ),
        "bed_use_monthly": bed_use.bed_use_monthly(moved, occupied),
        "bed_use_yearly": bed_use.bed_use_yearly(moved, occupied),
        "doctor_load_daily": doctors.doctor_load_daily(extract, names, deeds),
        "doctor_load_monthly": doctors.doctor_load_monthly(extract, names, deeds, days),
        "hospital_overview_daily": overview.hospital_overview_daily(
            extract, names, moved, occupied, admitted, booked, bills
        ),
        "fct_quality_issues": issues.fct_quality_issues(names, found),
    }
