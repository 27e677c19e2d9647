"""Incremental equals full: whatever happens, in whatever order, row for row.

Every table of staging, quarantine, intermediate and candidate that was built from what
changed, and every mart that was merged from it, is compared with what is built from
nothing.
"""

from collections.abc import Iterator

import pytest

from tests.acceptance.incremental.happenings import HAPPENINGS, OF_PATIENTS, happen
from tests.acceptance.incremental.life import KINDS, Life
from tests.acceptance.incremental.living_hospital import (
    LEFT_ON_THE_20TH,
    TURNS_65_ON_THE_SECOND_DAY,
    LivingHospital,
    Tables,
    opened,
)
from tests.acceptance.incremental.nights import Nights
from tests.conftest import TURN, Home

BUILT_FROM_BED_CELLS = {
    "bed_moments",
    "local_hours",
    "bed_cell_hours",
    "bed_cell_nights",
    "bed_occupancy_daily",
    "bed_occupancy_hourly",
}
ON_THE_15TH = "2026-01-15 09:00:00"
BUILT_FROM_DOCTORS = {"doctor_load_daily", "doctor_load_monthly"}
WITH_NAMES_OF_PLACES = {
    "bed_occupancy_daily",
    "bed_occupancy_hourly",
    "doctor_load_daily",
    "doctor_load_monthly",
    "fct_admissions",
    "fct_appointments",
    "fct_bed_stays",
    "fct_bills",
    "fct_treatments",
    "unbilled_care_monthly",
}
# WARDLINE_TEST_DAY plays one again that failed.
SEEDS = range(2) if TURN is None else [TURN]


@pytest.fixture(scope="module")
def nights(home: Home) -> Nights:
    assert home.run("init-db").returncode == 0
    return Nights(home)


@pytest.fixture(scope="module")
def first(home: Home) -> Tables:
    return opened(home.path / "simulated")


@pytest.fixture
def hospital(nights: Nights, first: Tables) -> Iterator[LivingHospital]:
    """A hospital whose first extract is published."""
    made = LivingHospital(first)
    nights.forget()
    nights.load(made.tables, made.as_of)
    assert nights.build()
    nights.publish()
    return made


def test_a_night_of_patients_is_built_in_parts(nights, hospital):
    hospital.pass_days(1)
    for number, what in enumerate(OF_PATIENTS):
        happen(hospital, what, number)
    hospital.tables["admissions"][LEFT_ON_THE_20TH]["discharged_at"] = ON_THE_15TH
    hospital.tables["bed_stays"][LEFT_ON_THE_20TH]["ended_at"] = ON_THE_15TH
    nights.load(hospital.tables, hospital.as_of)
    tables = nights.tables()
    assert nights.build()
    # A model that was built as a whole is another table.
    assert nights.tables() == tables
    assert nights.changed() >= BUILT_FROM_BED_CELLS | BUILT_FROM_DOCTORS
    nights.publish()
    assert nights.difference() == {}


def test_changed_beds_and_contracts_are_built_in_parts(nights, hospital):
    closed, new, left, *_ = hospital.tables["beds"].values()
    closed["is_staffed"] = {"true": "false"}.get(closed["is_staffed"], "true")
    new["bed_type"] = "Isolation"
    hospital.forget("beds", left)
    # Of whom it is told in no bed any more, he lies in another cell.
    hospital.forget("bed_stays", hospital.tables["bed_stays"][LEFT_ON_THE_20TH])
    for doctor in hospital.tables["doctors"].values():
        doctor["contracted_hours_per_week"] = "17"
    hospital.pass_days(1)
    nights.load(hospital.tables, hospital.as_of)
    tables = nights.tables()
    assert nights.build()
    built = BUILT_FROM_BED_CELLS | BUILT_FROM_DOCTORS
    assert built <= nights.changed()
    assert {it: nights.tables()[it] for it in built} == {it: tables[it] for it in built}
    nights.publish()
    assert nights.difference() == {}


def test_time_alone_makes_people_older_and_rewrites_no_past(nights, hospital):
    past = ("intermediate.bed_cell_hours", "date_day < '2026-02-01'")
    hours = nights.places(*past)
    born = hospital.tables["patients"][TURNS_65_ON_THE_SECOND_DAY]["birth_date"]
    band = f"select age_band from intermediate.patients where birth_date = '{born}'"
    assert nights.rows(band) == [("40-64",)]
    hospital.pass_days(1)
    nights.load(hospital.tables, hospital.as_of)
    assert nights.build()
    assert nights.rows(band) == [("65-79",)]
    assert nights.places(*past) == hours
    nights.publish()
    assert nights.difference() == {}


@pytest.mark.long
def test_a_place_with_another_name_has_only_its_own_facts_built_anew(nights, hospital):
    for department in hospital.tables["departments"].values():
        department["department_name"] += "*"
    nights.load(hospital.tables, hospital.as_of)
    tables = nights.tables()
    assert nights.build()
    told_anew = {it: tables[it] for it in tables.keys() & WITH_NAMES_OF_PLACES}
    assert told_anew.keys() == WITH_NAMES_OF_PLACES & nights.changed()
    assert told_anew.items() <= nights.tables().items()
    nights.publish()
    assert nights.difference() == {}


@pytest.mark.long
def test_a_night_in_which_everything_happens(nights, hospital):
    hospital.pass_days(1)
    for number, what in enumerate(HAPPENINGS):
        happen(hospital, what, number)
    nights.load(hospital.tables, hospital.as_of)
    assert nights.build()
    nights.publish()
    assert nights.difference() == {}


@pytest.mark.long
@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_happens(nights, first, seed, record_property):
    life = Life(nights, first, seed)
    nights.forget()
    life.night()
    compared = 0
    for is_published in life.go_on():
        # Every other one, that what one left is built upon by the next.
        if is_published and life.published % 2 == 0:
            assert nights.difference() == {}, life.told
            compared += 1
    assert {f"{it.__name__}:" for it in KINDS} <= set(life.told)
    record_property("published_nights", life.published)
    record_property("compared_nights", compared)
