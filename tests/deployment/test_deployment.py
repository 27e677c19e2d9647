"""What compose.yaml starts, started here: a night launched, watched and run again."""

import time
from collections.abc import Iterator
from datetime import date

import psycopg
import pytest

from simulator import simulate
from tests.deployment.deployed import (
    LAUNCHED,
    ORDER,
    REPOSITORY_OF_HOME,
    STATUS,
    Deployment,
    deployed,
)

pytestmark = pytest.mark.long

RUN_AGAIN = (
    """
mutation ($parameters: ReexecutionParams!) {
  launchRunReexecution(reexecutionParams: $parameters) {"""
    + LAUNCHED
)
TERMINATE = """
mutation ($id: String!) {
  terminateRun(runId: $id) { __typename }
}"""
AUTOMATION = """
query ($selector: RepositorySelector!) {
  repositoryOrError(repositorySelector: $selector) {
    ... on Repository {
      schedules { name scheduleState { status } }
      sensors { name sensorState { status } }
    }
  }
}"""


@pytest.fixture(scope="module")
def deployment() -> Iterator[Deployment]:
    """One night waits in its drop folder."""
    day = date(2026, 2, 28)
    with deployed(
        lambda it: simulate(it.home.extracts, end=day, days=31, beds=12, seed=7)
    ) as made:
        yield made


@pytest.fixture(scope="module")
def first_run(deployment: Deployment) -> str:
    """Launched as somebody would in the UI; it has published."""
    run_id = deployment.launch()
    assert deployment.wait_for(run_id, "SUCCESS") == "SUCCESS"
    return run_id


def test_a_launched_night_is_published(deployment: Deployment, first_run):
    with deployment.owner() as connection:
        published = connection.execute(
            "select run_id, as_of::date from ops.publications"
        ).fetchall()
        rows = connection.execute("select count(*) from marts.fct_admissions")
        assert rows.fetchone()[0] > 20
    assert published == [(first_run, date(2026, 2, 28))]


def test_dagsters_runs_are_in_its_own_database(deployment: Deployment, first_run):
    with deployment.owner("dagster") as connection:
        kept = connection.execute("select run_id, status from runs").fetchall()
        events = connection.execute("select count(*) from event_logs").fetchone()
    assert (first_run, "SUCCESS") in kept
    assert events[0] > 100
    assert not list((deployment.home.path / "dagster").rglob("*.db"))


def test_dagsters_login_has_no_way_into_the_warehouse(deployment: Deployment):
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        deployment.server.connect(
            "wardline_dagster", deployment.plain["dagster-database"], "wardline"
        )


def test_a_night_is_run_again_and_others_wait_for_it(deployment: Deployment, first_run):
    again = deployment.ask(
        RUN_AGAIN, parameters={"parentRunId": first_run, "strategy": "ALL_STEPS"}
    )
    run_id = again["run"]["runId"]
    deployment.wait_for(run_id, "STARTED")
    second = deployment.launch()
    statuses = set()
    while deployment.status(run_id) == "STARTED":
        statuses.add(deployment.status(second))
        time.sleep(0.5)
    assert "QUEUED" in statuses
    assert deployment.status(run_id) == "SUCCESS"
    assert deployment.ask(STATUS, id=run_id)["parentRunId"] == first_run
    deployment.ask(TERMINATE, id=second)
    with deployment.owner() as connection:
        appended = connection.execute(
            "select count(*), count(distinct batch_id) from ops.batches"
        ).fetchone()
    assert appended == (13, 13)


def test_the_schedule_and_the_sensor_are_on(deployment: Deployment):
    found = deployment.ask(AUTOMATION, selector=REPOSITORY_OF_HOME)
    schedules = {it["name"]: it["scheduleState"]["status"] for it in found["schedules"]}
    sensors = {it["name"]: it["sensorState"]["status"] for it in found["sensors"]}
    assert schedules["nightly"] == "RUNNING"
    assert sensors["alerts"] == "RUNNING"


def test_nobody_reaches_dagster_without_a_login(deployment: Deployment):
    with deployment.client() as stranger:
        assert stranger.get(f"{deployment.dagster}/server_info").status_code == 401
    with deployment.client(auth=("anna", "wrong")) as stranger:
        assert stranger.get(f"{deployment.dagster}/graphql").status_code == 401
    with deployment.client(auth=deployment.login) as anna:
        assert anna.get(f"{deployment.dagster}/server_info").status_code == 200
        elsewhere = anna.post(
            f"{deployment.dagster}/graphql",
            json={"query": "{ version }"},
            headers={"Origin": "https://elsewhere.example"},
        )
    assert elsewhere.status_code == 403


@pytest.mark.usefixtures("first_run")
def test_the_dashboard_is_served_and_asks_for_a_login(deployment: Deployment):
    with deployment.client() as browser:
        assert browser.get(f"{deployment.site}/health").json() == {"status": "ready"}
        page = browser.get(f"{deployment.site}/", headers={"Accept": "text/html"})
        assert page.status_code in {302, 303}
        assert page.headers["location"].startswith("/login")
        assert "max-age" in page.headers["strict-transport-security"]
        refused = browser.get(f"{deployment.site}/api/v1/marts/dim_ward")
    assert refused.status_code == 401


@pytest.mark.usefixtures("first_run")
def test_no_secret_is_in_a_file_of_the_home_or_a_log(deployment: Deployment):
    for file in deployment.home.path.rglob("*"):
        if not file.is_file() or file.is_relative_to(deployment.secrets):
            continue
        held = file.read_bytes()
        for name, secret in deployment.plain.items():
            assert secret.encode() not in held, (file, name)


def test_all_end_when_they_are_told_to(deployment: Deployment):
    """The last of this module: afterwards nothing runs any more."""
    for name in reversed(ORDER[1:]):
        service = deployment.services[name]
        # A server that has closed everything may hand the signal on to the system.
        assert service.stop() in {0, -15}, service.said
        assert "Traceback" not in service.said, name
    with deployment.server.superuser() as connection:
        left = connection.execute(
            "select count(*) from pg_stat_activity where usename like 'wardline%'"
        ).fetchone()
    assert left == (0,)
