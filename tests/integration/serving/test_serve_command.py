"""`wardline serve` as a process: it starts, waits, recovers, ends, and refuses."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2 as httpx
import pytest

from orchestration import embedded
from orchestration.settings import REPOSITORY
from tests.conftest import Home


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


class Serving:
    """A running `wardline serve`, and what it has said so far."""

    def __init__(self, url: str, said: Path) -> None:
        self.url, self._said = url, said

    @property
    def said(self) -> str:
        return self._said.read_text()

    def get(self, path: str, **more: object) -> httpx.Response:
        # a warehouse that is down is waited for before a page says so
        return httpx.get(self.url + path, timeout=60, **more)

    def health(self, expected: str) -> None:
        """Wait until the server says so of itself."""
        last = ""
        for _ in range(300):
            try:
                last = self.get("/health").json()["status"]
            except httpx.TransportError as failed:
                last = type(failed).__name__
            if last == expected:
                return
            time.sleep(0.1)
        raise AssertionError(f"{last}, not {expected}: {self.said}")


@contextmanager
def serving(home: Home, **environment: str) -> Iterator[Serving]:
    port = free_port()
    said = home.path / f"serve-{port}.log"
    with said.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "orchestration.cli", "serve", "--port", str(port)],
            cwd=REPOSITORY,
            env=os.environ | {"WARDLINE_HOME": str(home.path)} | environment,
            stdout=output,
            stderr=output,
        )
    try:
        yield Serving(f"http://127.0.0.1:{port}", said)
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0, said.read_text()


def test_the_embedded_warehouse_is_served_to_this_machine(hospital: Home):
    with serving(hospital) as server:
        server.health("ready")
        assert server.get("/").status_code == 200
        found = server.get("/api/v1/marts/dim_ward?ward_name=PLANTED")
        assert found.json() == {"rows": [], "next": None}
        assert server.get("/", headers={"Host": "evil.example"}).status_code == 400
        port = server.url.rpartition(":")[2]
        second = hospital.run("serve", "--port", port)
        said = server.said
    assert second.returncode == 2
    assert "in use" in second.stderr
    assert f"{server.url} is open to this machine; Ctrl-C ends it." in said
    assert "GET /api/v1/marts/dim_ward 200" in said
    for hidden in ("PLANTED", "evil", "127.0.0.1:5", "Traceback"):
        assert hidden not in said


@pytest.mark.long
def test_an_empty_warehouse_and_one_that_is_down_are_waited_for(home: Home):
    with serving(home) as server:
        server.health("nothing published")
        assert server.get("/").status_code == 200
        answer = server.get("/api/v1/publication")
        assert answer.status_code == 404
        assert answer.json()["detail"] == "Nothing has been published yet."
        embedded.stop(home.path)
        server.health("warehouse unreachable")
        answer = server.get("/api/v1/publication")
        assert answer.status_code == 503
        assert "try again" in answer.json()["detail"]
        embedded.start(home.path)
        server.health("nothing published")
        said = server.said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("arguments", "environment", "complaint"),
    [
        (["--host", "0.0.0.0"], {}, "others could read along"),  # noqa: S104
        (["--host", "192.0.2.1"], {}, "others could read along"),
        ([], {"WARDLINE_SERVE_USER_HEADER": "X-User"}, "WARDLINE_SERVE_PROXIES"),
        ([], {"WARDLINE_SERVE_RATE": "fast"}, "WARDLINE_SERVE_RATE must be"),
        (
            [],
            {"WARDLINE_DATABASE_URL": "postgresql://w@127.0.0.1:1/w"},
            "WARDLINE_SERVER_PASSWORD is not set",
        ),
    ],
)
def test_a_start_that_would_be_insecure_is_refused(
    home: Home, arguments, environment, complaint
):
    ran = home.run("serve", *arguments, **environment)
    assert ran.returncode == 2
    assert complaint in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.long
def test_a_server_of_ones_own_that_is_down_has_a_page_that_waits(home: Home):
    with serving(
        home,
        WARDLINE_DATABASE_URL="postgresql://w@127.0.0.1:1/w",
        WARDLINE_SERVER_PASSWORD="planted-password",
    ) as server:
        server.health("warehouse unreachable")
        page = server.get("/", headers={"Accept": "text/html", "Cookie": "a=b"})
        said = server.said
    assert page.status_code == 503
    assert "tries again" in page.text
    assert "The warehouse does not answer yet" in said
    assert "planted" not in said
