"""docker/database.sh on servers: what it makes and refuses, and what its check sees."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestration import embedded
from orchestration.settings import REPOSITORY
from tests.deployment.composed import DOCKER, compose, instructions
from tests.servers import Server

SERVICE = compose()["services"]["database"]
(MOUNTED,) = (
    place.split(":")[1] for place in SERVICE["volumes"] if "database.sh" in place
)
HARDENING = REPOSITORY / "orchestration" / "hardening.sql"


@pytest.fixture(scope="module")
def started() -> Iterator[Server]:
    made = Server()
    yield made
    made.stop()


@pytest.fixture
def server(started: Server) -> Iterator[Server]:
    """A server of which the script has made nothing."""
    yield started
    with started.superuser() as connection:
        for database in ("wardline", "dagster"):
            connection.execute(f"drop database if exists {database}")
        connection.execute("drop role if exists wardline, wardline_dagster")


@pytest.fixture
def secrets(tmp_path: Path, server: Server) -> Path:
    (tmp_path / "database").write_text("the owner's 'own'\n")
    (tmp_path / "dagster-database").write_text("another $one\n")
    (tmp_path / "superuser").write_text(server.superusers_password + "\n")
    return tmp_path


def run(
    server: Server, secrets: Path, command: list[str], text: str = "", **more: str
) -> subprocess.CompletedProcess[str]:
    """A command of the container, beside the server and with its secrets."""
    places = {MOUNTED: str(DOCKER / "database.sh"), "/run/secrets": str(secrets)}

    def here(value: str) -> str:
        for there, place in places.items():
            value = value.replace(there, place)
        return value

    given = {key: here(value) for key, value in SERVICE["environment"].items()}
    path = {"PATH": f"{embedded.binaries()}:{os.environ['PATH']}"}
    return subprocess.run(
        [here(it) for it in command],
        env=given | path | {"PGPORT": str(server.port)} | more,
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )


def first_start(server: Server, secrets: Path) -> subprocess.CompletedProcess[str]:
    """As the image's entry point runs the script: as its superuser, logged in."""
    superuser = {
        "PGHOST": "127.0.0.1",
        "PGUSER": "postgres",
        "PGPASSWORD": server.superusers_password,
    }
    return run(server, secrets, ["bash", MOUNTED], **superuser)


def check(server: Server, secrets: Path) -> subprocess.CompletedProcess[str]:
    return run(server, secrets, SERVICE["healthcheck"]["test"][1:])


def roles(server: Server) -> set[str]:
    with server.superuser() as connection:
        found = connection.execute("select rolname from pg_roles").fetchall()
    return {name for (name,) in found if name.startswith("wardline")}


def test_the_first_start_makes_both_logins_and_the_check_sees_them(server, secrets):
    assert "wardline" in check(server, secrets).stderr
    assert check(server, secrets).returncode != 0
    made = first_start(server, secrets)
    assert made.returncode == 0, made.stderr
    assert roles(server) == {"wardline", "wardline_dagster"}
    seen = check(server, secrets)
    assert (seen.returncode, seen.stdout, seen.stderr) == (0, "", "")
    with server.superuser() as connection:
        connection.execute("drop database dagster")
    assert check(server, secrets).returncode != 0


@pytest.mark.parametrize("name", ["database", "dagster-database"])
@pytest.mark.parametrize("content", [None, "", "\n"])
def test_a_secret_that_cannot_be_read_is_named_and_nothing_is_made(
    server, secrets, name, content
):
    (secrets / name).unlink()
    if content is not None:
        (secrets / name).write_text(content)
    refused = first_start(server, secrets)
    assert refused.returncode != 0
    assert f"The secret {secrets / name} is empty or cannot be read" in refused.stderr
    assert roles(server) == set()


def test_hardening_is_handed_to_the_server_as_the_superuser(server, secrets):
    (typed,) = (line for line in instructions() if "hardening.sql" in line)
    words, _, file = typed.partition(" < ")
    inside = words.removeprefix("docker compose exec -T database ")
    assert inside != words
    assert (DOCKER / file).resolve() == HARDENING
    assert first_start(server, secrets).returncode == 0
    ran = run(
        server,
        secrets,
        ["bash", "-c", inside],
        text="select 'as ' || current_user || ' in ' || current_database();",
        PGHOST="127.0.0.1",
    )
    assert "as postgres in wardline" in ran.stdout, ran.stderr
