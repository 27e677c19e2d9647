"""Every row of the marts, recomputed from the same extracts by brute force.

The recomputation reads the CSV files and the measures' definitions, never the SQL: it
loops over stays, nights and hours. Each world holds several simulated hospitals, a seed
each, with all kinds of dirt; their keys begin with the seed.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from psycopg.rows import dict_row

from orchestration import dbt
from orchestration.warehouse import Role, open_warehouse
from tests.acceptance.brute_force.comparison import GRAINS, comparable, differences
from tests.acceptance.brute_force.recomputation import Marts, recompute
from tests.acceptance.brute_force.worlds import World
from tests.conftest import Home, remove_home

WORLDS = {
    "three hospitals": World(seeds=(1, 2, 3), end=date(2026, 2, 28)),
    "a leap year": World(seeds=(4, 5, 6, 7, 8), end=date(2024, 3, 10)),
    "two nights over a year's end": World(
        seeds=(9, 10, 11, 12, 13), end=date(2026, 1, 12), nights=(7, 0)
    ),
    "clocks put forward": World(
        seeds=(14, 15, 16, 17, 18),
        end=date(2025, 4, 8),
        time_zones=("Europe/Berlin", "America/New_York"),
        moments=(
            "2025-03-09 02:30:00",
            "2025-03-09 03:00:00",
            "2025-03-30 01:59:59",
            "2025-03-30 02:15:00",
            "2025-03-30 03:00:00",
        ),
    ),
    "clocks put back": World(
        seeds=(19, 20, 21, 22, 23),
        end=date(2025, 11, 10),
        time_zones=(
            "Europe/Berlin",
            "America/New_York",
            "Australia/Lord_Howe",
            "Mars/Olympus_Mons",
            "",
        ),
        moments=(
            "2025-10-05 02:15:00",
            "2025-10-26 02:00:00",
            "2025-10-26 02:30:00",
            "2025-10-26 03:00:00",
            "2025-11-02 01:00:00",
            "2025-11-02 01:30:00",
        ),
    ),
}
IN_EVERY_RUN = ("three hospitals",)
RECOMPUTED = (
    "appointment_activity_daily",
    "bed_occupancy_daily",
    "bed_occupancy_hourly",
    "bed_use_monthly",
    "bed_use_yearly",
    "billing_monthly",
    "dim_patient",
    "doctor_load_daily",
    "doctor_load_monthly",
    "fct_admissions",
    "fct_appointments",
    "fct_bed_stays",
    "fct_bills",
    "fct_quality_issues",
    "fct_treatments",
    "hospital_overview_daily",
    "length_of_stay_monthly",
    "outcomes_monthly",
    "patient_demographics",
    "patient_demographics_for_release",
    "patient_flow_daily",
    "receivables_ageing",
    "treatment_costs_monthly",
    "unbilled_care_monthly",
)
REGISTERS = {
    "dim_bed",
    "dim_branch",
    "dim_date",
    "dim_department",
    "dim_doctor",
    "dim_ward",
    "publication",
}
"""Marts without a measure."""


class Reckoning:
    """A world's marts twice: as published, and recomputed."""

    def __init__(self, home: Home, world: World) -> None:
        nights = world.write(home.extracts)
        home.refresh("--source", "his")
        secret = home.settings.pseudonym_key_path.read_bytes()
        self.recomputed: Marts = recompute(nights, secret)
        self.marts = {it.name: it for it in dbt.marts(dbt.manifest(home.settings))}
        self._warehouse = open_warehouse(home.settings)

    def published(self, mart: str) -> list[dict[str, Any]]:
        with self._warehouse.connect(Role.READER) as connection:
            cursor = connection.cursor(row_factory=dict_row)
            return cursor.execute(f"select * from marts.{mart}").fetchall()


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(world, marks=() if name in IN_EVERY_RUN else pytest.mark.long)
        for name, world in WORLDS.items()
    ],
    ids=WORLDS,
)
def reckoning(request: pytest.FixtureRequest) -> Iterator[Reckoning]:
    home = Home()
    yield Reckoning(home, request.param)
    remove_home(home.path)


@pytest.mark.parametrize("mart", RECOMPUTED)
def test_every_row_of_a_mart_is_what_brute_force_makes_of_the_extract(reckoning, mart):
    published = comparable(mart, reckoning.published(mart))
    grain = GRAINS.get(mart, reckoning.marts[mart].grain)
    found = differences(grain, published, reckoning.recomputed[mart])
    assert published
    assert not found, f"{len(found)} rows differ:\n" + "\n".join(found[:10])


def test_every_mart_with_a_measure_is_recomputed(reckoning):
    assert reckoning.marts.keys() - REGISTERS == set(RECOMPUTED)
    assert reckoning.recomputed.keys() == set(RECOMPUTED)


def test_a_difference_in_any_row_or_column_is_told():
    row = {"day": 1, "beds": 2}
    assert differences(["day"], [row], [row]) == []
    assert differences(["day"], [row], [row | {"beds": 3}]) == [
        "1: beds published 2, recomputed 3"
    ]
    assert differences(["day"], [row | {"new": None}], [row]) == [
        "1: new published None, recomputed nowhere"
    ]
    assert len(differences(["day"], [row], [])) == 1
    assert len(differences(["day"], [], [row])) == 1
    assert len(differences(["day"], [row, row], [row])) == 1
