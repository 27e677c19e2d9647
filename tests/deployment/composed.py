"""docker/compose.yaml read as Docker Compose would, and its services as processes here.

Commands, environments and health checks are the file's own; only addresses, ports and
folders are this machine's.
"""

import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx2 as httpx
import yaml

from orchestration import embedded
from orchestration.settings import REPOSITORY

DOCKER = REPOSITORY / "docker"
BIN = Path(sys.executable).parent
_VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")


def interpolated(text: str, environment: Mapping[str, str]) -> str:
    """A text with ${NAME}, ${NAME:-default} and ${NAME:?complaint} filled in."""

    def fill(found: re.Match[str]) -> str:
        name, kind, rest = found.groups()
        value = environment.get(name) or (rest if kind == "-" else "")
        assert value, f"{name} is not set: {rest}"
        return value

    return _VARIABLE.sub(fill, text)


def compose(environment: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The file, with its variables filled in where an environment is given."""
    text = (DOCKER / "compose.yaml").read_text()
    if environment is not None:
        lines = (line.partition(" #")[0] for line in text.splitlines())
        text = interpolated("\n".join(lines), environment)
    found: dict[str, Any] = yaml.safe_load(text)
    return found


def instructions() -> list[str]:
    """What docs/operations.md has typed to start the containers, line by line."""
    text = (REPOSITORY / "docs" / "operations.md").read_text()
    block = re.search(r"^```\n(cd docker\n.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert block
    return block[1].splitlines()


def furnish_proxy(folder: Path, names: Sequence[str], login: tuple[str, str]) -> None:
    """The proxy's secrets: a certificate for names, and one who may use Dagster."""
    subprocess.run(
        [  # noqa: S607 (of the system)
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
            "-subj", f"/CN={names[0]}",
            "-addext", "subjectAltName=" + ",".join(f"DNS:{it}" for it in names),
            "-keyout", folder / "certificate.key", "-out", folder / "certificate.pem",
        ],
        capture_output=True,
        check=True,
    )  # fmt: skip
    hashed = subprocess.run(
        [BIN / "caddy", "hash-password", "--plaintext", login[1]],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    (folder / "dagster-users").write_text(f"{login[0]} {hashed}")


class Service:
    """A service of the file, as a process."""

    def __init__(
        self, name: str, described: dict[str, Any], here: dict[str, str], log: Path
    ) -> None:
        self.name, self._here, self._log = name, here, log
        given = dict(described["environment"])
        self._environment = {key: self._moved(str(it)) for key, it in given.items()}
        self._command = [self._moved(it) for it in described["command"]]
        check = described.get("healthcheck", {}).get("test", ["CMD"])
        self._check = [self._moved(it) for it in check[1:]]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def said(self) -> str:
        return self._log.read_text()

    def run(self) -> None:
        """Run it to its end, which has to be a good one."""
        self.start()
        assert self._process
        assert self._process.wait(300) == 0, self.said

    def start(self) -> None:
        self._log.touch()
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(
                self._program(self._command),
                env=self._all(),
                cwd=REPOSITORY,
                stdout=output,
                stderr=output,
            )

    def wait_until_healthy(self) -> None:
        for _ in range(120):
            assert self._process
            assert self._process.poll() is None, self.said
            if self._is_healthy():
                return
            time.sleep(1)
        raise AssertionError(f"{self.name} is not healthy: {self.said}")

    def stop(self) -> int:
        """As Docker does, by SIGTERM; how it ended."""
        assert self._process
        self._process.terminate()
        return self._process.wait(300)  # a run that is under way ends first

    def end(self) -> None:
        """Whatever became of it, leave nothing behind."""
        if self._process and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def _is_healthy(self) -> bool:
        if self._check[0] == "wget":
            try:
                return httpx.get(self._check[-1]).status_code == 200
            except httpx.TransportError:
                return False
        ran = subprocess.run(
            self._program(self._check),
            env=self._all(),
            cwd=REPOSITORY,
            capture_output=True,
            check=False,
        )
        return ran.returncode == 0

    def _program(self, command: list[str]) -> list[str]:
        return [str(BIN / command[0]), *command[1:]]

    def _all(self) -> dict[str, str]:
        return os.environ | {"WARDLINE_HOME": self._here["/home"]} | self._environment

    def _moved(self, text: str) -> str:
        """A text with the container's places replaced by this machine's."""
        for there, here in self._here.items():
            text = text.replace(there, here)
        return text


def free_ports(*names: str) -> dict[str, int]:
    library = embedded._library()
    found: dict[str, int] = {}
    for name in names:
        while (port := library.find_suitable_port()) in found.values():
            continue
        found[name] = port
    return found
