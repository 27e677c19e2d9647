"""A home whose nights the real daemon runs, by a clock that the test sets.

Its warehouse and Dagster's storage are a server of the hospital's own; code location
and daemon are processes, as services start them.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psutil

from orchestration.settings import REPOSITORY
from tests.conftest import make_home
from tests.integration.guarded import GuardedHome
from tests.nights.clock import Clock
from tests.projects import copied_project
from tests.servers import DATABASE, OWNER, Server
from tests.unit.alerts.receivers import Posts

ZONE = ZoneInfo("Europe/Berlin")
_PATIENCE_SECONDS = 600
_QUIET, _BUSY = timedelta(seconds=61), timedelta(seconds=10)


class NightWatch:
    """Dagster's daemon over a home, on a clock that the test sets."""

    def __init__(self, posts: Posts, start: datetime) -> None:
        self.posts = posts
        folder = make_home()
        folder.chmod(0o755)
        self.clock = Clock(folder, start.replace(tzinfo=ZONE))
        self.home = GuardedHome(Server(self.clock.environment))
        self.project = _project_of_long_ago(self.home.path)
        with self.home.server.superuser() as connection:
            connection.execute(f'create database dagster owner "{OWNER}"')
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        made = self.home.run("init-db", **self.environment)
        assert made.returncode == 0, made.stdout + made.stderr
        self._processes = [self._start("code")]
        while not self._is_ready():
            assert self._processes[0].poll() is None, self.log()
        self._processes.append(self._start("daemon"))
        self.until(self._is_watching, "the daemon looks at the schedule")

    @property
    def environment(self) -> dict[str, str]:
        url = self.home.environment["WARDLINE_DATABASE_URL"].rpartition("/")[0]
        return (
            self.home.environment
            | self.clock.environment
            | {
                "WARDLINE_HOME": str(self.home.path),
                "WARDLINE_DBT_PROJECT": str(self.project),
                "WARDLINE_TIME_ZONE": ZONE.key,
                "WARDLINE_FIRST_NIGHT": f"{self.clock.now():%Y}-01-01",
                "WARDLINE_ALERT_WEBHOOK_URL": self.posts.url,
                "WARDLINE_DAGSTER_DATABASE_URL": f"{url}/dagster",
                "WARDLINE_DAGSTER_DATABASE_PASSWORD": self.home.server.owners_password,
                "WARDLINE_DAGSTER_CODE_PORT": str(self.port),
            }
        )

    def at(self, moment: datetime) -> None:
        """Let it be a moment of the hospital's time of day."""
        self.clock.go_to(moment.replace(tzinfo=ZONE))

    def until(self, holds: Callable[[], Any], what: str) -> Any:
        """Let time pass quickly until something holds; returns what it gave.

        A minute a second, or ten seconds while a run is under way, which would
        otherwise take hours and be given up by the daemon.
        """
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not (found := holds()):
            assert all(it.poll() is None for it in self._processes), self.log()
            assert time.monotonic() < deadline, f"waited in vain: {what}\n{self.log()}"
            self.clock.go_on(_QUIET if self.is_idle() else _BUSY)
        return found

    def strike(self, hour: datetime) -> None:
        """Let it be the hour of the schedule, and time real until it has asked."""
        before = self._scheduled()
        self.at(hour)
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while self._scheduled() == before:
            assert time.monotonic() < deadline, f"the schedule is silent\n{self.log()}"
            time.sleep(0.2)

    def rows(self, sql: str, database: str = DATABASE) -> list[tuple[Any, ...]]:
        """What the warehouse, or Dagster's storage, answers its owner."""
        server = self.home.server
        with server.connect(OWNER, server.owners_password, database) as connection:
            return connection.execute(sql.encode()).fetchall()

    def ended(self) -> list[tuple[str, str, str]]:
        """The refreshes that have ended: run, how, and who started them."""
        return self.rows(
            "select run_id, event, split_part(started_by, ', ', 2) from ops.run_events"
            " where event <> 'started' order by run_event_id"
        )

    def told(self) -> list[tuple[str, str, str]]:
        """Every alert that was sent: what became of it, its kind, its subject.

        But for warnings, which come and go with what a gate finds strange.
        """
        return [it for it in self._sent() if it[1] != "warning"]

    def warned(self) -> dict[str, bool]:
        """The subjects that a warning was sent of, and whether it still holds."""
        return {
            subject: event == "raised"
            for event, kind, subject in self._sent()
            if kind == "warning"
        }

    def _sent(self) -> list[tuple[str, str, str]]:
        return [
            (it["event"], it["kind"], it["subject"])
            for payload in self.posts.payloads
            for it in payload["alerts"]
        ]

    def is_idle(self) -> bool:
        """Whether no run is under way, or about to be."""
        [(unfinished,)] = self.rows(
            "select count(*) from runs"
            " where status not in ('SUCCESS', 'FAILURE', 'CANCELED')",
            "dagster",
        )
        return unfinished == 0

    def kill_the_run(self) -> None:
        """SIGKILL to the process of the run that is under way."""
        code = psutil.Process(self._processes[0].pid)
        for process in code.children(recursive=True):
            with suppress(psutil.Error):
                process.kill()

    def stop(self) -> None:
        """End both, the daemon first, and the server."""
        for process in reversed(self._processes):
            process.terminate()
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
        self.home.server.stop()

    def log(self) -> str:
        """The last lines of what they said."""
        files = self.home.path.glob("*.log")
        return "\n".join(it.read_text()[-3000:] for it in files)

    def _is_ready(self) -> bool:
        """Whether the code location answers; only then the daemon looks for it."""
        checked = self.home.run("dagster", "code", "--check", **self.environment)
        return checked.returncode == 0

    def _scheduled(self) -> int:
        """The runs that the schedule has asked for."""
        tag = "select count(*) from run_tags where key = 'dagster/schedule_name'"
        return int(self.rows(tag, "dagster")[0][0])

    def _is_watching(self) -> bool:
        beats = "select 1 from daemon_heartbeats where daemon_type = 'SCHEDULER'"
        return bool(self.rows(beats, "dagster"))

    def _start(self, process: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "orchestration.cli", "dagster", process],
            cwd=REPOSITORY,
            env=os.environ | self.environment,
            stdout=(self.home.path / f"{process}.log").open("wb"),
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _project_of_long_ago(folder: Path) -> Path:
    """A copy of the project, older than any night that the test lets come.

    What dbt knows of a project counts until a file of it is newer, and the files that a
    test finds are of today.
    """
    project = copied_project(folder)
    for place in (project, *project.rglob("*")):
        os.utime(place, (0, 0))
    return project
