"""A MariaDB server as a hospital has one, started for the tests: loopback, passwords.

Debian's mariadb-server; the tests of database sources are skipped where there is none.
"""

import os
import shutil
import socket
import subprocess
import time
from contextlib import closing
from pathlib import Path

import pymysql
import pytest

from tests.conftest import make_home

READER = "wardline"
READERS_PASSWORD = "planted $reader@/:%40 " + "MariaDB-secret"
needs_mariadb = pytest.mark.skipif(
    not (shutil.which("mariadbd") and shutil.which("mariadb-install-db")),
    reason="needs Debian's mariadb-server",
)


class MariaDB:
    """A running server; its root needs a socket, its reader a password."""

    def __init__(self) -> None:
        self.folder = make_home()
        self.socket = self.folder / "socket"
        self.port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._data = self.folder / "data"
        self._user = "root" if os.geteuid() == 0 else None
        with (self.folder / "install.log").open("wb") as log:
            subprocess.run(
                [
                    _program("mariadb-install-db"),
                    "--no-defaults",
                    f"--datadir={self._data}",
                    "--auth-root-authentication-method=normal",
                    "--skip-test-db",
                    *([f"--user={self._user}"] if self._user else []),
                ],
                stdout=log,
                stderr=log,
                check=True,
            )
        self.start()
        # It may look at one database and do nothing else, as the documents say.
        self.run(f"create user {READER}@'%' identified by '{READERS_PASSWORD}'")

    def start(self) -> None:
        """Start the server, and wait until it answers."""
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    _program("mariadbd"),
                    "--no-defaults",
                    f"--datadir={self._data}",
                    f"--socket={self.socket}",
                    f"--pid-file={self.folder / 'pid'}",
                    f"--port={self.port}",
                    "--bind-address=127.0.0.1",
                    "--skip-name-resolve",
                    "--innodb-flush-log-at-trx-commit=0",
                    "--innodb-buffer-pool-size=128M",
                    "--character-set-server=utf8mb4",
                    *([f"--user={self._user}"] if self._user else []),
                ],
                stdout=log,
                stderr=log,
            )
        until = time.monotonic() + 60
        while True:
            try:
                self.connect().close()
            except pymysql.err.OperationalError:
                if time.monotonic() > until or self._process.poll() is not None:
                    raise
                time.sleep(0.1)
            else:
                return

    def halt(self) -> None:
        """Let the server stop, as one that is down; `start` brings it back."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def stop(self) -> None:
        """Stop the server and remove its files."""
        self.halt()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def pid(self) -> int:
        """The server's process."""
        assert self._process is not None
        return self._process.pid

    def connect(self, database: str | None = None) -> pymysql.connections.Connection:
        """A connection of the server's root."""
        return pymysql.connect(
            unix_socket=str(self.socket),
            user="root",
            database=database,
            charset="utf8mb4",
            autocommit=True,
        )

    def run(self, *statements: str, database: str | None = None) -> list[tuple]:
        """Run statements as root; the rows of the last."""
        rows: list[tuple] = []
        with closing(self.connect(database)) as connection:
            for statement in statements:
                with connection.cursor() as cursor:
                    cursor.execute(statement)
                    rows = list(cursor.fetchall())
        return rows

    def load(self, dump: Path) -> None:
        """Load a dump as a person would."""
        with dump.open("rb") as text:
            subprocess.run(
                [
                    _program("mariadb"),
                    "--no-defaults",
                    f"--socket={self.socket}",
                    "--user=root",
                    "--default-character-set=utf8mb4",
                ],
                stdin=text,
                check=True,
            )

    def let_read(self, database: str) -> None:
        """Let the reader read one database."""
        self.run(f"grant select on `{database}`.* to {READER}@'%'")

    def url(self, database: str) -> str:
        """The reader's URL, without its password."""
        return f"mysql://{READER}@127.0.0.1:{self.port}/{database}"


def _program(name: str) -> str:
    return shutil.which(name) or name


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
