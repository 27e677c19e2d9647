"""A hospital with one night published and the next one's extracts waiting.

Made anew in a moment, from a template database, as often as a test wants to spoil it.
"""

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from orchestration.settings import REPOSITORY
from orchestration.warehouse import Role, Warehouse, locate
from simulator import simulate
from tests.conftest import Home

FIRST, SECOND = "night_one", "night_two"
PATIENCE_SECONDS = 300


def wait_until(holds: Callable[[], Any], what: str) -> Any:
    """Look again and again until something holds; returns what it gave."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (found := holds()):
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.005)
    return found


class Refresh:
    """A refresh under way, in a process group of its own."""

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            command,
            cwd=REPOSITORY,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def kill(self, whole_tree: bool = True) -> None:
        """SIGKILL, and make sure that nothing of it lives on."""
        if whole_tree:
            os.killpg(self.process.pid, signal.SIGKILL)
        else:
            os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()
        wait_until(lambda: not self.is_alive(), "the refresh's children end with it")

    def is_alive(self) -> bool:
        try:
            os.killpg(self.process.pid, 0)
        except ProcessLookupError:
            return False
        return True

    def ends(self) -> tuple[int, str]:
        """Wait for its end; its exit code and what it printed."""
        printed, _ = self.process.communicate(timeout=PATIENCE_SECONDS)
        return self.process.returncode, printed

    def wait_until(self, holds: Callable[[], Any], what: str) -> Any:
        """The same, while it runs; its end instead is told with its own words."""

        def holds_while_it_runs() -> Any:
            if self.process.poll() is not None:
                raise AssertionError(f"ended before {what}: {self.ends()}")
            return holds()

        return wait_until(holds_while_it_runs, what)


class Stage:
    """A database `night_two` to refresh, and the home that refreshes it."""

    def __init__(self, hospital: Home) -> None:
        self.hospital = hospital
        self.home = Home()
        simulate(self.home.extracts, end=date(2026, 3, 1), days=60, beds=30, seed=11)
        self._server = locate(hospital.settings)
        self._command(f"drop database if exists {FIRST} with (force)")
        # As soon as the last session of the first night is gone.
        wait_until(lambda: self._copy("postgres", FIRST), "the first night is copied")
        self.renew()
        self.before = self.rows()

    def renew(self) -> None:
        """The first night is published, the second one's extracts wait."""
        self._command(f"drop database if exists {SECOND} with (force)")
        wait_until(lambda: self._copy(FIRST, SECOND), "the second night is copied")
        # A copied sequence believes that the log has its next 32 numbers. It is in the
        # template's log that they are, so a crash would give them out again.
        self._command("checkpoint")

    def environment(self) -> dict[str, str]:
        return os.environ | {
            "WARDLINE_HOME": str(self.home.path),
            "WARDLINE_DATABASE_URL": self._warehouse().url(),
            "WARDLINE_READER_URL": self._warehouse().url(Role.READER),
            "WARDLINE_PSEUDONYM_KEY_FILE": str(
                self.hospital.settings.pseudonym_key_path
            ),
            "DAGSTER_HOME": str(self.home.settings.dagster_home),
        }

    def refresh(self) -> Refresh:
        """Start `wardline refresh`."""
        command = [sys.executable, "-m", "orchestration.cli", "refresh"]
        return Refresh(command, self.environment())

    def job(self) -> Refresh:
        """Start Dagster's own command with the nightly job."""
        dagster = str(Path(sys.executable).with_name("dagster"))
        module = ["-m", "orchestration.definitions", "-j", "nightly_refresh"]
        return Refresh([dagster, "job", "execute", *module], self.environment())

    def connect(self, role: Role | None = None) -> psycopg.Connection[Any]:
        connection = self._warehouse().connect(role)
        connection.autocommit = True
        return connection

    def ask(self, sql: str) -> Any:
        """The first value of a question, as the owner."""
        with self.connect() as connection:
            found = connection.execute(sql.encode()).fetchone()
        return found[0] if found else None

    def rows(self) -> dict[str, str]:
        """Every published row with its place and its writer: a sum for each mart."""
        return self._sums("marts", "row(t.ctid, t.xmin, t)::text")

    def result(self) -> dict[str, str]:
        """What a night yields: each mart, the raw rows, the rows set aside.

        Without the stamps, which tell of the run and not of the night.
        """
        raw = self._sums("raw_his", "(to_jsonb(t) - '_batch_id')::text")
        aside = self._sums("quarantine", "(to_jsonb(t) - 'batch_id')::text")
        marts = self._sums("marts", "t::text")
        del marts["publication"]
        return raw | {"malformed_rows": aside["malformed_rows"]} | marts

    def assert_accounts_add_up(self) -> None:
        """No half batch: raw holds what the ledger says, and nothing else."""
        with self.connect() as connection:
            batches = connection.execute(
                "select batch_id, table_name, rows_appended, rows_deleted,"
                " rows_malformed, (select count(*) from quarantine.malformed_rows as m"
                "  where m.batch_id = b.batch_id)"
                " from ops.batches as b where status = 'accepted'"
            ).fetchall()
            for table in {batch[1] for batch in batches}:
                found = {
                    batch_id: counts
                    for batch_id, *counts in connection.execute(
                        f"select _batch_id, count(*) filter (where not _is_deleted),"
                        f" count(*) filter (where _is_deleted)"
                        f" from raw_his.{table} group by 1"
                    )
                }
                said = {
                    batch_id: [appended, deleted]
                    for batch_id, name, appended, deleted, *_ in batches
                    if name == table and appended + deleted
                }
                assert found == said, table
            assert [b for b in batches if b[4] != b[5]] == []

    @contextmanager
    def locked(self, table: str, mode: str) -> Iterator[Callable[[], str | None]]:
        """Hold a table, so that a refresh stops exactly where it needs it.

        Yields a question: the statement that waits for it, or None.
        """
        holder = self.connect()
        try:
            holder.execute(f"begin; lock table {table} in {mode} mode".encode())
            pid = holder.info.backend_pid
            yield lambda: self.ask(
                "select left(regexp_replace(query, '\\s+', ' ', 'g'), 60)"
                f" from pg_stat_activity where {pid} = any(pg_blocking_pids(pid))"
            )
        finally:
            holder.close()

    def postmaster(self) -> int:
        """The process of the server."""
        data = self.hospital.path / "postgres" / "postmaster.pid"
        return int(data.read_text().split()[0])

    @contextmanager
    def quota(self, limit: int) -> Iterator[None]:
        """Let no file of the server grow beyond so many bytes.

        The server must write its log in segments smaller than that.
        """
        self._limit_files(limit)
        try:
            yield
        finally:
            self._limit_files(resource.RLIM_INFINITY)

    def _limit_files(self, limit: int) -> None:
        """As the server's own user: root need not have the right to."""
        user = (self.hospital.path / "postgres").resolve().stat().st_uid
        server = self.postmaster()
        limits = (limit, resource.RLIM_INFINITY)
        child = os.fork()
        if child == 0:
            try:
                os.setuid(user)
                resource.prlimit(server, resource.RLIMIT_FSIZE, limits)
            except BaseException:
                os._exit(1)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        assert status == 0, "the server's limit could not be set"

    def _sums(self, schema: str, row: str) -> dict[str, str]:
        with self.connect() as connection:
            tables = connection.execute(
                "select tablename from pg_tables where schemaname = %s", [schema]
            ).fetchall()
            return {
                f"{table}": connection.execute(
                    f"select count(*) || ' ' || coalesce(md5(string_agg({row}, '\n'"
                    f" order by {row})), '') from {schema}.{table} as t".encode()
                ).fetchone()[0]
                for (table,) in tables
            }

    def _warehouse(self) -> Warehouse:
        server = self._server
        return Warehouse(
            make_conninfo(server.conninfo, dbname=SECOND),
            make_conninfo(str(server.reader_conninfo), dbname=SECOND),
            is_embedded=False,
        )

    def _copy(self, template: str, name: str) -> bool:
        try:
            self._command(f"create database {name} template {template}")
        except psycopg.errors.ObjectInUse:
            return False
        return True

    def _command(self, sql: str) -> None:
        conninfo = make_conninfo(self._server.conninfo, dbname="template1")
        with psycopg.connect(conninfo, autocommit=True) as connection:
            connection.execute(sql.encode())
