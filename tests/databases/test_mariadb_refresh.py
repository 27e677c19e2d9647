"""A hospital's MariaDB, read by the nightly refresh from end to end."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from orchestration.settings import REPOSITORY
from tests.conftest import Home, remove_home
from tests.mariadb import READERS_PASSWORD, MariaDB, needs_mariadb

pytestmark = needs_mariadb

FIXTURE = REPOSITORY / "tests" / "fixtures" / "hospital_dashboard.sql"
SHARED = (
    REPOSITORY.parent / "shared" / "extracts" / "resource_utilization"
) / "hospital_dashboardDB.sql"
SYSTEM = "RESOURCE_UTILIZATION"


def read_from(mariadb: MariaDB, database: str) -> dict[str, str]:
    """The settings of a home that reads the system from a database."""
    return {
        f"WARDLINE_SOURCE_URL__{SYSTEM}": mariadb.url(database),
        f"WARDLINE_SOURCE_PASSWORD__{SYSTEM}": READERS_PASSWORD,
    }


@pytest.fixture(
    scope="module",
    params=[
        pytest.param((FIXTURE, "hospital_fixture"), id="made-up"),
        pytest.param(
            (SHARED, "hospital_dashboard_M"),
            id="real",
            marks=pytest.mark.skipif(
                not SHARED.exists(), reason="the real extracts are not here"
            ),
        ),
    ],
)
def refreshed(mariadb: MariaDB, request) -> Iterator[tuple[Home, dict, str, str]]:
    """A home that took in one database, without a drop folder; and what it printed."""
    dump, database = request.param
    mariadb.load(dump)
    mariadb.let_read(database)
    home = Home()
    settings = read_from(mariadb, database)
    printed = home.refresh(**settings)
    yield home, settings, database, printed
    remove_home(home.path)


FIGURES = {
    "hospital_fixture": {
        "nights": [1, 5, None],
        "average": "3.0000",
        "discharges": 2,
        "in_house": [("ICU", 1)],
        "billed": "9700.50",
        "recorded_readmissions": 1,
        "as_of": datetime(2025, 3, 6, 10),
    },
    "hospital_dashboard_M": {
        "nights": [2, 3, 3, 4, None],
        "average": "3.0000",
        "discharges": 4,
        "in_house": [("ICU", 1)],
        "billed": "665000.00",
        "recorded_readmissions": 1,
        "as_of": datetime(2025, 1, 7, 10),
    },
}


def test_the_figures_are_the_databases_own(refreshed):
    home, _, database, _ = refreshed
    expected = FIGURES[database]
    nights = home.rows(
        "select length_of_stay_nights from marts.fct_admissions"
        " order by length_of_stay_nights nulls last"
    )
    assert [it for (it,) in nights] == expected["nights"]
    assert home.rows(
        "select cast(round(sum(bed_days) / sum(discharges), 4) as text),"
        " cast(sum(discharges) as integer) from marts.length_of_stay_monthly"
    ) == [(expected["average"], expected["discharges"])]
    assert home.rows(
        "select bed_type, cast(count(*) as integer) from marts.fct_admissions"
        " where discharged_at is null group by 1"
    ) == expected["in_house"]
    assert home.rows(
        "select cast(sum(billed_amount) as text) from marts.fct_bills"
    ) == [(expected["billed"],)]
    assert home.rows(
        "select cast(sum(recorded_readmissions) as integer) from marts.outcomes_monthly"
    ) == [(expected["recorded_readmissions"],)]


def test_raw_holds_the_servers_own_texts(refreshed, mariadb: MariaDB):
    home, _, database, _ = refreshed
    asked = "patient_name, age, gender, insurance_type"
    theirs = mariadb.run(
        f"select {asked} from patients order by patient_id", database=database
    )
    ours = home.rows(
        f"select {asked} from raw_resource_utilization.patients"
        " order by cast(patient_id as integer)",
        None,
    )
    assert [tuple(None if it is None else str(it) for it in row) for row in theirs] == (
        ours
    )


def test_the_record_names_the_table_and_no_login(refreshed, mariadb: MariaDB):
    home, _, database, _ = refreshed
    assert home.rows(
        "select path, file_name, as_of, rows_received = rows_appended + rows_malformed"
        " from ops.batches join ops.files using (batch_id)"
        " where table_name = 'admissions'",
        None,
    ) == [
        (
            f"mysql://127.0.0.1:{mariadb.port}/{database}/admissions",
            "admissions",
            FIGURES[database]["as_of"],
            True,
        )
    ]


def test_reading_the_same_again_changes_nothing(refreshed):
    home, settings, *_ = refreshed
    before = home.marts()
    batches = home.rows("select count(*) from ops.batches", None)
    assert "No new batches" in home.refresh(**settings)
    assert home.rows("select count(*) from ops.batches", None) == batches
    after = home.marts()
    del before["publication"], after["publication"]
    assert after == before


def test_check_reads_the_database_and_loads_nothing(refreshed):
    home, settings, database, _ = refreshed
    before = home.rows("select count(*) from ops.batches", None)
    ran = home.run("check", "--source", SYSTEM.lower(), **settings)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "resource_utilization.admissions" in ran.stdout
    assert home.rows("select count(*) from ops.batches", None) == before


def test_no_secret_is_written_anywhere(refreshed, mariadb: MariaDB):
    home, *_, printed = refreshed
    secret = READERS_PASSWORD.encode()
    assert READERS_PASSWORD not in printed
    places: list[Path] = [it for it in home.path.rglob("*") if it.is_file()]
    assert len(places) > 50
    assert [it for it in places if secret in it.read_bytes()] == []
