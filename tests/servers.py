"""A PostgreSQL server as a hospital has one: TCP, passwords, not Wardline's own.

Made from the embedded server's binaries.
"""

import os
import secrets
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import psycopg

from orchestration import embedded
from tests.conftest import make_home

OWNER, DATABASE = "ward owner", "warehouse"


class Server:
    """A running server; its superuser, and an owner of the warehouse who is none."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._environment = os.environ | (environment or {})
        library = embedded._library()
        self._binaries = library.POSTGRES_VERSIONS[library.TARGET_POSTGRES_VERSION]
        self._user = None
        self.folder = make_home()
        if os.geteuid() == 0:
            self._user = "pgserver"
            library.ensure_user_exists(self._user)
            shutil.chown(self.folder, self._user)
        self.port = library.find_suitable_port()
        self.superusers_password = secrets.token_urlsafe(12)
        self.owners_password = "planted $owner@/" + secrets.token_urlsafe(12)
        self._start()
        with self.superuser() as connection:
            connection.execute("set log_statement = none")
            connection.execute(
                f'create role "{OWNER}" login createrole'
                f" password '{self.owners_password}'"
            )
            connection.execute(f'create database {DATABASE} owner "{OWNER}"')

    @property
    def log(self) -> Path:
        """What the server logs: every statement."""
        return self.folder / "log"

    def superuser(self, database: str = "postgres") -> psycopg.Connection:
        """A connection of the server's superuser."""
        return self.connect("postgres", self.superusers_password, database)

    def connect(
        self, user: str, password: str, database: str = DATABASE
    ) -> psycopg.Connection:
        """A connection of anybody, by password."""
        return psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user=user,
            password=password,
            dbname=database,
            autocommit=True,
        )

    def stop(self) -> None:
        """Stop the server and remove its files."""
        self._run("pg_ctl", "-D", self.data, "-m", "immediate", "-w", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _start(self) -> None:
        self.data = self.folder / "data"
        password_file = self.folder / "password"
        password_file.write_text(self.superusers_password)
        password_file.chmod(0o644)
        self._run(
            "initdb", "-D", self.data, "-U", "postgres", "-A", "scram-sha-256",
            f"--pwfile={password_file}", "--no-sync", "-E", "UTF8",
        )  # fmt: skip
        self._run(
            "pg_ctl", "-D", self.data, "-w", "-l", self.log, "-o",
            f"-p {self.port} -c listen_addresses=127.0.0.1 -k '' -c fsync=off"
            " -c log_statement=all -c log_min_messages=debug1 -c shared_buffers=64MB",
            "start",
        )  # fmt: skip

    def _run(self, program: str, *arguments: object) -> None:
        with (self.folder / "output").open("ab") as output:
            subprocess.run(
                [str(self._binaries / program), *map(str, arguments)],
                env=self._environment,
                user=self._user,
                stdout=output,
                stderr=output,
                check=True,
            )
