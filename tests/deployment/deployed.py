"""Containers' services as processes here, with the server they share: a deployment.

The same commands, environments, health checks and proxy as compose.yaml's, against a
PostgreSQL with passwords that docker/database.sh has prepared.
"""

import os
import secrets
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx2 as httpx
import psycopg

from orchestration import embedded
from tests.conftest import Home, remove_home
from tests.deployment.composed import (
    DOCKER,
    Service,
    compose,
    free_ports,
    furnish_proxy,
)
from tests.servers import Server

ORDER = ("prepare", "code", "webserver", "daemon", "serve", "proxy")
NAME = "localhost"
LAUNCHED = """
    __typename
    ... on LaunchRunSuccess { run { runId } }
    ... on PythonError { message }
  }
}"""
LAUNCH = (
    """
mutation ($parameters: ExecutionParams!) {
  launchRun(executionParams: $parameters) {"""
    + LAUNCHED
)
STATUS = """
query ($id: ID!) {
  runOrError(runId: $id) { ... on Run { status parentRunId } }
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
        self.ports = free_ports("code", "webserver", "serve", "dagster", "site", "up")
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

    def launch(self, job: str = "nightly_refresh", **selected: Any) -> str:
        """Start a run as the UI does: of a job, some of its assets, with tags."""
        tags = selected.pop("tags", {})
        selector = REPOSITORY_OF_HOME | {"pipelineName": job} | selected
        parameters = {
            "selector": selector,
            "mode": "default",
            "runConfigData": {},
            "executionMetadata": {
                "tags": [{"key": key, "value": it} for key, it in tags.items()]
            },
        }
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


@contextmanager
def deployed(fill: Callable[[Deployment], None]) -> Iterator[Deployment]:
    """All of it up and healthy; `fill` puts something into the drop folder first."""
    made = Deployment()
    try:
        fill(made)
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
