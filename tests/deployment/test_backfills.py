"""Nights taken in again from Dagster's UI: what it asks of the web server, asked here.

The marts are those of nights that came in time.
"""

import shutil
import time
from collections.abc import Iterator
from typing import Any

import pytest

from orchestration.settings import Settings
from tests.conftest import Home, remove_home
from tests.deployment.deployed import REPOSITORY_OF_HOME, Deployment, deployed
from tests.nights.archive import NIGHTS, write_archive
from tests.nights.marts import marts_of

pytestmark = pytest.mark.long

Key = list[str]
SHUFFLED = [NIGHTS[place] for place in (3, 0, 4, 2, 1)]
SENSOR = """
query ($selector: SensorSelector!) {
  sensorOrError(sensorSelector: $selector) { ... on Sensor { id } }
}"""
SWITCH_OFF = """
mutation ($id: String!) {
  stopSensor(id: $id) { __typename }
}"""
ASSETS = "query { assetNodes { assetKey { path } isExecutable } }"
BACKFILL = """
mutation ($parameters: LaunchBackfillParams!) {
  launchPartitionBackfill(backfillParams: $parameters) {
    __typename
    ... on LaunchBackfillSuccess { backfillId }
    ... on PythonError { message }
  }
}"""
BACKFILLED = """
query ($id: String!) {
  partitionBackfillOrError(backfillId: $id) {
    ... on PartitionBackfill {
      status
      error { message }
      runs(limit: 20) { runId status }
    }
  }
}"""


class Person:
    """Somebody at Dagster's UI, who looks at the warehouse as well."""

    def __init__(self, deployment: Deployment) -> None:
        self.deployment = deployment

    def switch_off(self, sensor: str) -> None:
        """It would take in by itself what lies in the drop folder."""
        selector = REPOSITORY_OF_HOME | {"sensorName": sensor}
        found = self.deployment.ask(SENSOR, selector=selector)
        self.deployment.ask(SWITCH_OFF, id=found["id"])

    def assets(self) -> list[Key]:
        """All that can be materialized."""
        found = self.deployment.ask(ASSETS)
        return [it["assetKey"]["path"] for it in found if it["isExecutable"]]

    def materialize(self, night: str, *assets: Key) -> str:
        """Some assets of one night, from their page; returns the run."""
        run_id = self.deployment.launch(
            "__ASSET_JOB",
            assetSelection=[{"path": it} for it in assets],
            tags={"dagster/partition": night},
        )
        self.deployment.wait_for(run_id, "SUCCESS")
        return run_id

    def backfill(self, nights: list[str], assets: list[Key], **more: Any) -> list[str]:
        """Some assets of several nights; returns the runs, the first one first."""
        launched = self.deployment.ask(
            BACKFILL,
            parameters={
                "assetSelection": [{"path": it} for it in assets],
                "partitionNames": nights,
            }
            | more,
        )
        assert launched["__typename"] == "LaunchBackfillSuccess", launched
        for _ in range(600):
            found = self.deployment.ask(BACKFILLED, id=launched["backfillId"])
            if found["status"] != "REQUESTED":
                break
            time.sleep(1)
        assert found["status"] == "COMPLETED_SUCCESS", found
        return [it["runId"] for it in reversed(found["runs"])]

    def rows(self, sql: str) -> list[tuple]:
        with self.deployment.owner() as connection:
            return connection.execute(sql.encode()).fetchall()

    def taken_in(self) -> set[tuple[str, str]]:
        """The run and the night of each batch."""
        return set(self.rows("select run_id, as_of::date::text from ops.batches"))

    def published(self) -> list[str]:
        """The runs that published, in order."""
        found = self.rows("select run_id from ops.publications order by publication_id")
        return [run_id for (run_id,) in found]


@pytest.fixture(scope="module")
def person(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Person]:
    with deployed(lambda it: it.home.extracts.mkdir()) as deployment:
        made = Person(deployment)
        made.switch_off("arrivals")
        folder = deployment.home.extracts / "his"
        folder.mkdir()
        write_archive(folder, tmp_path_factory.mktemp("desk"))
        yield made


@pytest.fixture(scope="module")
def in_time(person: Person) -> Iterator[dict[str, list[tuple]]]:
    """What is published if each night comes in its time."""
    key = person.deployment.secrets / "pseudonym-key"
    home = Home()
    home.settings = Settings(home=home.path, pseudonym_key_file=key, _env_file=None)
    shutil.copytree(person.deployment.home.extracts, home.extracts)
    home.refresh(
        "--each-night",
        WARDLINE_PSEUDONYM_KEY_FILE=str(key),
        WARDLINE_TIME_ZONE="Europe/Berlin",
    )
    yield marts_of(lambda sql: home.rows(sql, None))
    remove_home(home.path)


def test_one_table_of_one_night(person: Person):
    run_id = person.materialize(NIGHTS[2], ["raw_his", "admissions"])
    found = person.rows("select run_id, table_name, as_of::date::text from ops.batches")
    assert found == [(run_id, "admissions", NIGHTS[2])]
    assert person.published() == []


def test_one_source_of_nights_with_others_between(person: Person):
    """Dagster's ranges have no gaps, so each is a run; raw alone changes no mart."""
    before = person.taken_in()
    raw = [it for it in person.assets() if it[0] == "raw_his"]
    runs = person.backfill([NIGHTS[3], NIGHTS[0]], raw)
    new = person.taken_in() - before
    assert {night for _, night in new} == {NIGHTS[0], NIGHTS[3]}
    assert {run_id for run_id, _ in new} == set(runs)
    assert len(runs) == 2
    assert person.published() == []


def test_the_job_is_one_run_however_many_nights(person: Person, in_time):
    before = person.taken_in(), person.published()
    [run_id] = person.backfill(
        SHUFFLED,
        person.assets(),
        selector={
            "partitionSetName": "nightly_refresh_partition_set",
            "repositorySelector": REPOSITORY_OF_HOME,
        },
    )
    new = person.taken_in() - before[0]
    assert new == {(run_id, night) for night in (NIGHTS[1], NIGHTS[2], NIGHTS[4])}
    assert person.published() == [*before[1], run_id]
    assert marts_of(person.rows) == in_time
