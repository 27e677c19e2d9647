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
from typing import Any
from zoneinfo import ZoneInfo

import psutil

from orchestration.settings import REPOSITORY
from tests.conftest import make_home
from tests.integration.guarded import GuardedHome
from tests.nights.clock import Clock
from tests.servers import OWNER, Server
from tests.unit.alerts.receivers import Posts

ZONE = ZoneInfo("Europe/Berlin")
_PATIENCE_SECONDS = 600
_A_TICK = timedelta(seconds=61)
"""The sensors look once a minute."""


class NightWatch:
    """Dagster's daemon over a home, on a clock that the test sets."""

    def __init__(self, posts: Posts, start: datetime) -> None:
        self.posts = posts
        folder = make_home()
        folder.chmod(0o755)
        self.clock = Clock(folder, start.replace(tzinfo=ZONE))
        self.home = GuardedHome(Server(self.clock.environment))
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

    @property
    def environment(self) -> dict[str, str]:
        url = self.home.environment["WARDLINE_DATABASE_URL"].rpartition("/")[0]
        return (
            self.home.environment
            | self.clock.environment
            | {
                "WARDLINE_HOME": str(self.home.path),
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
        """Let a minute pass each second until something holds; returns what it gave.

        While a refresh runs, time is real: the daemon's work would take its place.
        """
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not (found := holds()):
            assert all(it.poll() is None for it in self._processes), self.log()
            assert time.monotonic() < deadline, f"waited in vain: {what}\n{self.log()}"
            if self.is_idle():
                self.clock.go_on(_A_TICK)
            else:
                time.sleep(1)
        return found

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What the warehouse answers its owner."""
        with self.home.server.connect(OWNER, self.home.server.owners_password) as it:
            return it.execute(sql.encode()).fetchall()

    def ended(self) -> list[tuple[str, str, str]]:
        """The refreshes that have ended: run, how, and who started them."""
        return self.rows(
            "select run_id, event, split_part(started_by, ', ', 2) from ops.run_events"
            " where event <> 'started' order by run_event_id"
        )

    def told(self) -> list[tuple[str, str, str]]:
        """Every alert that was sent: what became of it, its kind, its subject."""
        return [
            (it["event"], it["kind"], it["subject"])
            for payload in self.posts.payloads
            for it in payload["alerts"]
        ]

    def is_idle(self) -> bool:
        """Whether every run that began has ended, and is on record."""
        [(open_runs,)] = self.rows(
            "select count(*) from (select run_id from ops.run_events group by run_id"
            " having bool_and(event = 'started')) as under_way"
        )
        return open_runs == 0

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

    def _start(self, process: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "orchestration.cli", "dagster", process],
            cwd=REPOSITORY,
            env=os.environ | self.environment,
            stdout=(self.home.path / f"{process}.log").open("wb"),
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
