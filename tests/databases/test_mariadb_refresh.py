"""A hospital's MariaDB, read by the nightly refresh from end to end."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from threading import Event, Thread
from typing import Any

import psutil
import pytest

from orchestration.settings import REPOSITORY
from tests.acceptance.test_reference_figures import REAL, REAL_FIGURES, as_text
from tests.conftest import Home, remove_home
from tests.mariadb import READERS_PASSWORD, MariaDB, needs_mariadb

pytestmark = needs_mariadb

FIXTURE = REPOSITORY / "tests" / "fixtures" / "hospital_dashboard.sql"
REAL_DUMP = REAL / "resource_utilization" / "hospital_dashboardDB.sql"
DUMPS = [
    pytest.param((FIXTURE, "hospital_fixture"), id="made-up"),
    pytest.param(
        (REAL_DUMP, "hospital_dashboard_M"),
        id="real",
        marks=pytest.mark.skipif(
            not REAL_DUMP.exists(), reason="the real extracts are not here"
        ),
    ),
]
"""Dumps of MySQL, each with the name of the database that it makes."""
SYSTEM = "RESOURCE_UTILIZATION"


def read_from(mariadb: MariaDB, database: str) -> dict[str, str]:
    """The settings of a home that reads the system from a database."""
    return {
        f"WARDLINE_SOURCE_URL__{SYSTEM}": mariadb.url(database),
        f"WARDLINE_SOURCE_PASSWORD__{SYSTEM}": READERS_PASSWORD,
    }


@contextmanager
def command_lines() -> Iterator[set[str]]:
    """Every command line of the machine meanwhile."""
    seen: set[str] = set()
    done = Event()

    def look() -> None:
        while not done.wait(0.05):
            for process in psutil.process_iter():
                with suppress(psutil.Error):
                    seen.add(" ".join(process.cmdline()))

    watcher = Thread(target=look)
    watcher.start()
    try:
        yield seen
    finally:
        done.set()
        watcher.join()


@pytest.fixture(scope="module", params=DUMPS)
def refreshed(mariadb: MariaDB, request) -> Iterator[tuple[Home, dict, str, str]]:
    """A home that took in one database, without a drop folder; and what it printed."""
    dump, database = request.param
    mariadb.load(dump)
    mariadb.let_read(database)
    home = Home()
    settings = read_from(mariadb, database)
    with command_lines() as seen:
        printed = home.refresh(**settings)
    yield home, settings, database, printed + "".join(seen)
    remove_home(home.path)


MEASURES = [it for it in REAL_FIGURES if it["source_system"] == SYSTEM.lower()]
AS_OF = {
    "hospital_fixture": datetime(2025, 3, 6, 10),
    "hospital_dashboard_M": datetime(2025, 1, 7, 10),
}
OF_THE_FIXTURE = {
    "admissions": [[3]],
    "nights of each stay": [[5], [1], [None]],
    "average length of stay": [["3.0", 2]],
    "discharged": [[2]],
    "occupied at the end": [["ICU", 1]],
    "billed": [["9700.50"]],
    "billed by admission": [["9700.50"]],
    "recorded readmissions": [[1]],
}


def expected(figure: dict[str, Any], database: str) -> list[list[str | None]]:
    """What a measure comes to in a database."""
    if database == "hospital_fixture":
        return as_text(OF_THE_FIXTURE[figure["measure"]])
    return as_text(figure["expected"])


@pytest.mark.parametrize("figure", MEASURES, ids=[it["measure"] for it in MEASURES])
def test_a_figure_is_the_databases_own(refreshed, figure):
    home, _, database, _ = refreshed
    assert as_text(home.rows(figure["sql"])) == expected(figure, database)


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
            AS_OF[database],
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
    home, settings, *_ = refreshed
    before = home.rows("select count(*) from ops.batches", None)
    ran = home.run("check", "--source", SYSTEM.lower(), **settings)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "resource_utilization in database: 7 tables, " in ran.stdout
    assert home.rows("select count(*) from ops.batches", None) == before


def test_no_process_shows_the_password(refreshed):
    *_, printed_and_run = refreshed
    assert "orchestration.cli refresh" in printed_and_run
    assert READERS_PASSWORD not in printed_and_run


def test_no_secret_is_written_anywhere(refreshed):
    home, *_ = refreshed
    secret = READERS_PASSWORD.encode()
    places: list[Path] = [it for it in home.path.rglob("*") if it.is_file()]
    assert len(places) > 50
    assert [it for it in places if secret in it.read_bytes()] == []


def test_no_patients_name_is_in_a_file_but_the_tables(refreshed, mariadb: MariaDB):
    home, _, database, _ = refreshed
    names = [
        name.encode()
        for (name,) in mariadb.run(
            "select patient_name from patients", database=database
        )
    ]
    server = (home.path / "postgres").resolve()
    places = [it for it in home.path.iterdir() if it.name != "postgres"]
    places += [it for it in server.iterdir() if it.name not in ("base", "pg_wal")]
    files = [
        it
        for place in places
        for it in [place, *place.rglob("*")]
        # the server throws its cache of the catalogue away while this reads
        if it.is_file() and it.name != "pg_internal.init"
    ]
    assert len(files) > 50
    assert [it for it in files for name in names if name in it.read_bytes()] == []
