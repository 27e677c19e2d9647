"""Drop folders on real servers, and a home beside each that receives from them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from orchestration.extracts.arrivals import Received
from orchestration.extracts.contract import Column, ExtractContract
from orchestration.inbox.receiving import receive
from orchestration.settings import Settings
from tests.remotes import S3, SSHD, Sftp

NIGHT = "his/2026-03-01"
CONTRACTS = [
    ExtractContract("his", "visits", (Column("visit_id"),), file="visits.csv"),
    ExtractContract("his", "wards", (Column("ward"),), file="wards.csv"),
]


@pytest.fixture(scope="session")
def sftp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sftp]:
    if SSHD is None:
        pytest.skip("there is no sshd (apt-get install openssh-server)")
    with Sftp(tmp_path_factory.mktemp("sftp") / "server").up() as server:
        yield server


@pytest.fixture(scope="session")
def s3() -> Iterator[S3]:
    with S3().up() as server:
        yield server


@dataclass
class Source:
    """A drop folder of its own on one of the servers, and a home that receives it."""

    server: Any
    url: str
    prefix: str
    home: Path

    @property
    def inbox(self) -> Path:
        return self.home / "inbox"

    def settings(self, **changes: Any) -> Settings:
        given = {
            name.removeprefix("WARDLINE_").lower(): value
            for name, value in self.server.environment.items()
        }
        own = {"home": self.home, "extracts": self.url}
        return Settings(_env_file=None, **(given | own | changes))

    def put(self, name: str, content: str | bytes) -> None:
        data = content if isinstance(content, bytes) else content.encode()
        self.server.put(f"{self.prefix}/{name}", data)

    def remove(self, name: str) -> None:
        self.server.remove(f"{self.prefix}/{name}")

    def deliver(self, night: str = NIGHT) -> None:
        self.put(f"{night}/visits.csv", "visit_id\n1\n")
        self.put(f"{night}/wards.csv", "ward\nA\n")

    def receive(
        self, contracts: list[ExtractContract] = CONTRACTS, **changes: Any
    ) -> Received:
        return receive(self.settings(**changes), contracts)

    def copies(self) -> dict[str, tuple[bytes, int, int]]:
        """Content, time and inode of all files in the inbox."""
        return {
            str(it.relative_to(self.inbox)): (
                it.read_bytes(),
                it.stat().st_mtime_ns,
                it.stat().st_ino,
            )
            for it in self.inbox.rglob("*")
            if it.is_file()
        }


@pytest.fixture(params=["sftp", "s3"])
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Source:
    """Each test is run on either kind of server."""
    server = request.getfixturevalue(request.param)
    prefix = f"test-{tmp_path.name}"
    url = server.environment["WARDLINE_EXTRACTS"]
    return Source(server, f"{url}/{prefix}", prefix, tmp_path / "home")
