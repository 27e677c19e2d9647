"""A hospital of two branches, published on a server with passwords.

The warehouse's owner is no superuser, and a superuser has run hardening.sql, as
docs/operations.md says. Tests only read the marts.
"""

import csv
import os
import subprocess
import threading
from pathlib import Path

import psycopg

from orchestration.settings import Settings
from orchestration.warehouse import Warehouse, locate
from tests.conftest import Home
from tests.servers import DATABASE, Server

READERS_PASSWORD = "planted-reader's $password"
SERVERS_PASSWORD = "planted-server's @password"
KEY = "planted-key-of-the-pseudonyms-32b"


class GuardedHome(Home):
    """A home whose warehouse is a hospital's own server."""

    def __init__(self, server: Server | None = None) -> None:
        super().__init__()
        self.server = server or Server()
        self.secrets = self.path / "secrets"
        self.secrets.mkdir()
        self.environment = {
            "WARDLINE_DATABASE_URL": "postgresql://ward%20owner@127.0.0.1:"
            f"{self.server.port}/{DATABASE}",
            "WARDLINE_DATABASE_PASSWORD_FILE": self._secret(
                "owner", self.server.owners_password + "\n"
            ),
            "WARDLINE_READER_PASSWORD_FILE": self._secret("reader", READERS_PASSWORD),
            "WARDLINE_SERVER_PASSWORD_FILE": self._secret("server", SERVERS_PASSWORD),
            "WARDLINE_PSEUDONYM_KEY": KEY,
        }
        self.settings = Settings(
            home=self.path,
            _env_file=None,
            **{
                name.removeprefix("WARDLINE_").lower(): value
                for name, value in self.environment.items()
            },
        )
        self.command_lines: set[str] = set()
        self.planted: list[str] = []

    @property
    def warehouse(self) -> Warehouse:
        return locate(self.settings)

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
        return super().run(*arguments, **(self.environment | environment))

    def watched(self, *arguments: str) -> subprocess.CompletedProcess:
        """Run a command, and keep every command line of the machine meanwhile."""
        done = threading.Event()
        watcher = threading.Thread(target=self._watch, args=[done])
        watcher.start()
        try:
            return self.run(*arguments)
        finally:
            done.set()
            watcher.join()

    def reader(self) -> psycopg.Connection:
        return self.server.connect("wardline_reader", READERS_PASSWORD)

    def plant(self) -> None:
        """Type personal values into the free texts of the extract, as people do."""
        (folder,) = (self.extracts / "his").iterdir()
        with (folder / "patients.csv").open(newline="") as stream:
            patients = list(csv.DictReader(stream))
        who = next(it for it in patients if it["phone"] and it["birth_date"])
        self.planted = [
            f"{who['patient_name']} called",
            f"call {who['phone']} first",
            f"as for {who['patient_id']} before",
            f"born {who['birth_date']}",
            f"write to {who['email']}",
        ]
        for table, column in (
            ("patients", "insurance_type"),
            ("patients", "sex"),
            ("admissions", "bed_type"),
            ("beds", "bed_type"),
            ("doctors", "specialty"),
            ("treatments", "treatment_type"),
            ("appointments", "reason"),
            ("bills", "payer"),
            ("payments", "payment_method"),
        ):
            _write_over(folder / f"{table}.csv", column, self.planted)

    def _secret(self, name: str, text: str) -> str:
        file = self.secrets / name
        file.touch(mode=0o600)
        file.write_text(text)
        return str(file)

    def _watch(self, done: threading.Event) -> None:
        while not done.wait(0.02):
            for process in Path("/proc").iterdir():
                if process.name.isdigit():
                    try:
                        self.command_lines.add((process / "cmdline").read_text())
                    except OSError:  # it has ended
                        continue


def _write_over(file: Path, column: str, texts: list[str]) -> None:
    """Put texts into the first sound lines of a file, one each."""
    with file.open(newline="") as stream:
        header, *lines = csv.reader(stream)
    sound = [line for line in lines if len(line) == len(header)]
    for line, text in zip(sound, texts, strict=False):
        line[header.index(column)] = text
    with file.open("w", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows([header, *lines])


# Nothing of these tests may come from the machine's own settings.
for variable in [name for name in os.environ if name.startswith("PG")]:
    del os.environ[variable]
