"""What compose.yaml starts, started here: a night launched, watched and run again.

The same commands, environments, health checks and proxy, against a PostgreSQL with
passwords that docker/database.sh has prepared.
"""

import os
import secrets
import ssl
import subprocess
import time
from collections.abc import Iterator
from datetime import date
from typing import Any

import httpx2 as httpx
import psycopg
import pytest

from orchestration import embedded
from simulator import simulate
from tests.conftest import Home, remove_home
from tests.deployment.composed import DOCKER, Service, compose, furnish_proxy
from tests.servers import Server

pytestmark = pytest.mark.long

ORDER = ("prepare", "code", "webserver", "daemon", "serve", "proxy")
NAME = "localhost"
LAUNCH = """
mutation ($parameters: ExecutionParams!) {
  launchRun(executionParams: $parameters) {
    __typename
    ... on LaunchRunSuccess { run { runId } }
    ... on PythonError { message }
  }
}"""
RUN_AGAIN = """
mutation ($parameters: ReexecutionParams!) {
  launchRunReexecution(reexecutionParams: $parameters) {
    __typename
    ... on LaunchRunSuccess { run { runId } }
    ... on PythonError { message }
  }
}"""
STATUS = """
query ($id: ID!) {
  runOrError(runId: $id) { ... on Run { status parentRunId } }
}"""
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
REPOSITORY_OF_HOME = {
    "repositoryLocationName": "wardline",
    "repositoryName": "__repository__",
}


class Deployment:
    """The services, the server they share, and a browser of somebody who may enter."""

    def __init__(self) -> None:
        self.home = Home()
        self.server = Server()
        self.secrets = self.home.path / "secrets"
        self.secrets.mkdir()
        self.plain = {
            name: f"planted-{name} 'of a $test'/{secrets.token_urlsafe(24)}"
            for name in (
                "superuser", "database", "dagster-database", "reader", "server",
                "pseudonym-key", "session-key",
            )
        }  # fmt: skip
        for name, secret in self.plain.items():
            file = self.secrets / name
            file.touch(mode=0o600)
            file.write_text(secret + "\n")
        self.login = ("anna", "correct horse battery staple")
        furnish_proxy(self.secrets, [NAME], self.login)
        self.ports = _free_ports("code", "webserver", "serve", "dagster", "site", "up")
        self.services = self._services()

    def prepare_database(self) -> None:
        """Run what the database's image runs, on an empty server."""
        environment = {
            "PATH": f"{embedded.binaries()}:{os.environ['PATH']}",
            "PGHOST": "127.0.0.1",
            "PGPORT": str(self.server.port),
            "PGUSER": "postgres",
            "PGPASSWORD": self.server.superusers_password,
            "WARDLINE_DATABASE_PASSWORD_FILE": str(self.secrets / "database"),
            "WARDLINE_DAGSTER_DATABASE_PASSWORD_FILE": str(
                self.secrets / "dagster-database"
            ),
        }
        script = DOCKER / "database.sh"
        subprocess.run(["bash", script], env=environment, check=True)  # noqa: S607

    def owner(self, database: str = "wardline") -> psycopg.Connection:
        user, secret = {
            "wardline": ("wardline", "database"),
            "dagster": ("wardline_dagster", "dagster-database"),
        }[database]
        return self.server.connect(user, self.plain[secret], database)

    def client(self, **more: Any) -> httpx.Client:
        """Through the proxy, which it knows by the hospital's own certificate."""
        trusted = ssl.create_default_context(cafile=self.secrets / "certificate.pem")
        return httpx.Client(verify=trusted, timeout=60, **more)

    @property
    def dagster(self) -> str:
        return f"https://{NAME}:{self.ports['dagster']}"

    @property
    def site(self) -> str:
        return f"https://{NAME}:{self.ports['site']}"

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        with self.client(auth=self.login) as browser:
            answer = browser.post(
                f"{self.dagster}/graphql",
                json={"query": query, "variables": variables},
                headers={"Origin": self.dagster},
            )
        assert answer.status_code == 200, answer.text
        body = answer.json()
        assert "errors" not in body, body
        (found,) = body["data"].values()
        return found

    def launch(self) -> str:
        selector = REPOSITORY_OF_HOME | {"pipelineName": "nightly_refresh"}
        parameters = {"selector": selector, "mode": "default", "runConfigData": {}}
        launched = self.ask(LAUNCH, parameters=parameters)
        assert launched["__typename"] == "LaunchRunSuccess", launched
        return str(launched["run"]["runId"])

    def status(self, run_id: str) -> str:
        return str(self.ask(STATUS, id=run_id)["status"])

    def wait_for(self, run_id: str, *statuses: str) -> str:
        for _ in range(600):
            found = self.status(run_id)
            if found in statuses:
                return found
            assert found not in {"FAILURE", "CANCELED"}, self.services["code"].said[
                -5000:
            ]
            time.sleep(1)
        raise AssertionError(f"{found}: {self.services['daemon'].said}")

    def _services(self) -> dict[str, Service]:
        given = {
            "WARDLINE_TIME_ZONE": "Europe/Berlin",
            "WARDLINE_SERVE_NAMES": NAME,
            "EXTRACTS_FOLDER": "/srv/his",
            "IMAGE_VERSION": "0.1.0",
        }
        port = self.ports
        here = {
            "/home": str(self.home.path),
            "/srv/extracts": str(self.home.extracts),
            "/run/secrets": str(self.secrets),
            "/etc/caddy": str(DOCKER),
            "@database:5432": f"@127.0.0.1:{self.server.port}",
            "172.30.61.2": "127.0.0.1",
            "0.0.0.0": "127.0.0.1",  # noqa: S104 (what is replaced)
        }
        found = compose(given)["services"]
        for name, numbers in {
            "code": {"WARDLINE_DAGSTER_CODE_PORT": port["code"]},
            "webserver": {
                "WARDLINE_DAGSTER_PORT": port["webserver"],
                "WARDLINE_DAGSTER_CODE_HOST": "127.0.0.1",
                "WARDLINE_DAGSTER_CODE_PORT": port["code"],
            },
            "daemon": {
                "WARDLINE_DAGSTER_CODE_HOST": "127.0.0.1",
                "WARDLINE_DAGSTER_CODE_PORT": port["code"],
            },
            "serve": {"WARDLINE_SERVE_PORT": port["serve"]},
            "proxy": {
                "DASHBOARD": f"127.0.0.1:{port['serve']}",
                "DASHBOARD_PORT": port["site"],
                "DAGSTER": f"127.0.0.1:{port['webserver']}",
                "DAGSTER_PORT": port["dagster"],
                "HEALTH_PORT": port["up"],
                "XDG_CONFIG_HOME": self.home.path,
                "XDG_DATA_HOME": self.home.path,
            },
        }.items():
            assert set(numbers) <= set(found[name]["environment"])
            found[name]["environment"] |= numbers
        ports = {
            "serve": {":8000/": f":{port['serve']}/"},
            "proxy": {":2020/": f":{port['up']}/"},
        }
        return {
            name: Service(
                name,
                found[name],
                here | ports.get(name, {}),
                self.home.path / f"{name}.said",
            )
            for name in ORDER
        }


def _free_ports(*names: str) -> dict[str, int]:
    library = embedded._library()
    found: dict[str, int] = {}
    for name in names:
        while (port := library.find_suitable_port()) in found.values():
            continue
        found[name] = port
    return found


@pytest.fixture(scope="module")
def deployment() -> Iterator[Deployment]:
    """All of it up and healthy, and one night waiting in the drop folder."""
    made = Deployment()
    try:
        simulate(made.home.extracts, end=date(2026, 2, 28), days=31, beds=12, seed=7)
        made.prepare_database()
        made.services["prepare"].run()
        for name in ORDER[1:]:
            made.services[name].start()
            made.services[name].wait_until_healthy()
        yield made
    finally:
        for service in made.services.values():
            service.end()
        made.server.stop()
        remove_home(made.home.path)


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
