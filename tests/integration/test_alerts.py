"""Whoever starts a refresh, and however it ends: it is recorded, told and told over."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import dagster as dg
import pytest

from orchestration.defs.alerting import alerts_sensor
from orchestration.defs.jobs import nightly_refresh, nightly_schedule
from orchestration.settings import REPOSITORY
from simulator import simulate
from tests.conftest import Home
from tests.remotes import free_port
from tests.unit.alerts.receivers import Inbox, Posts, http, smtp


@dataclass
class Ward:
    """A home with yesterday's extract of a small hospital, and whoever is told."""

    home: Home
    inbox: Inbox
    posts: Posts

    @property
    def environment(self) -> dict[str, str]:
        return {
            "WARDLINE_HOME": str(self.home.path),
            "WARDLINE_ALERT_LABEL": "St. Elsewhere",
            "WARDLINE_ALERT_EMAIL_TO": "night@hospital.example",
            "WARDLINE_ALERT_SMTP_URL": f"smtp://127.0.0.1:{self.inbox.port}",
            "WARDLINE_ALERT_WEBHOOK_URL": self.posts.url,
        }

    def run(self, *arguments: str, **more: str) -> subprocess.CompletedProcess:
        return self.home.run(*arguments, **self.environment | more)

    def dagster(self, group: str, command: str, workspace: Path, *more: str) -> str:
        """What Dagster's own command says of a workspace, well or badly."""
        ran = self._dagster(group, command, *more, "-w", str(workspace))
        return ran.stdout + ran.stderr

    def look(self, workspace: Path) -> str:
        """Let the sensor of alerts look, as the daemon does."""
        return self.dagster("sensor", "preview", workspace, "alerts")

    def scheduled_night(self) -> subprocess.CompletedProcess:
        """A run that takes itself for one of the schedule's."""
        return self._dagster(
            *("job", "execute", "-m", "orchestration.definitions"),
            *("-j", "nightly_refresh", "--tags"),
            '{"dagster/schedule_name": "nightly"}',
        )

    def _dagster(self, *arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [str(Path(sys.executable).with_name("dagster")), *arguments],
            cwd=REPOSITORY,
            env=os.environ
            | self.environment
            | {"DAGSTER_HOME": str(self.home.path / "dagster")},
            capture_output=True,
            text=True,
            check=False,
        )

    def told(self) -> list[str]:
        """Each alert that was told since this was asked last, as `event kind`."""
        new = [
            f"{it['event']} {it['kind']}"
            for payload in self.posts.payloads
            for it in payload["alerts"]
        ]
        self.posts.bodies.clear()
        return new

    def last_run(self) -> tuple[str, str]:
        return self.home.rows(
            "select event, started_by from ops.run_events"
            " order by run_event_id desc limit 1",
            None,
        )[0]


def broken_project(ward: Ward) -> str:
    """A dbt project with a model that dbt cannot read."""
    project = ward.home.path / "project"
    (project / "models").mkdir(parents=True, exist_ok=True)
    shutil.copy(REPOSITORY / "dbt_project" / "dbt_project.yml", project)
    (project / "models" / "broken.sql").write_text("select {{ nothing")
    return str(project)


@contextmanager
def served(ward: Ward, **more: str) -> Iterator[Path]:
    """The code location, served as a service does; the workspace to ask it by."""
    more["WARDLINE_DAGSTER_CODE_PORT"] = str(free_port())
    server = subprocess.Popen(
        [sys.executable, "-m", "orchestration.cli", "dagster", "code"],
        cwd=REPOSITORY,
        env=os.environ | ward.environment | more,
    )
    try:
        while ward.run("dagster", "code", "--check", **more).returncode != 0:
            assert server.poll() is None
        yield ward.home.path / "dagster" / "workspace.yaml"
    finally:
        # Where SIGINT is ignored, as in a job of a shell, Dagster ignores SIGTERM too.
        server.kill()
        server.wait()


@pytest.fixture(scope="module")
def ward(home: Home) -> Iterator[Ward]:
    yesterday = date.today() - timedelta(days=1)
    simulate(home.extracts, end=yesterday, days=21, beds=9, seed=3, dirt=0)
    with smtp(Inbox()) as inbox, http() as posts:
        yield Ward(home, inbox, posts)


def test_a_test_message_goes_over_each_channel(ward: Ward):
    ran = ward.run("alert", "--test")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.splitlines() == ["email: sent.", "webhook: sent."]
    assert ward.inbox.mails[0]["Subject"] == "[Wardline St. Elsewhere] test"
    assert len(ward.posts.bodies) == 1
    assert ward.told() == []


def test_a_test_message_that_is_not_taken_is_exit_code_3(ward: Ward):
    ran = ward.run("alert", "--test", WARDLINE_ALERT_SMTP_URL="smtp://127.0.0.1:1")
    assert ran.returncode == 3
    assert "email: not sent. 127.0.0.1:1 cannot be reached" in ran.stdout
    assert ward.told() == []


def test_a_warehouse_that_is_away_is_told_from_the_command_line(ward: Ward):
    nowhere = "postgresql://me:planted-secret@127.0.0.1:1/x"
    for _ in range(2):
        ran = ward.run("refresh", WARDLINE_DATABASE_URL=nowhere)
        assert ran.returncode == 3
    assert ward.told() == ["raised refresh_failed"]
    assert "cannot be reached" in ward.inbox.mails[-1].get_content()
    assert "planted-secret" not in ward.inbox.mails[-1].get_content()


def test_a_project_that_cannot_be_parsed_is_told(ward: Ward):
    ran = ward.run("refresh", WARDLINE_DBT_PROJECT=broken_project(ward))
    assert ran.returncode == 3, ran.stdout + ran.stderr
    assert ward.told() == ["raised refresh_failed"]
    assert "dbt cannot parse the project" in ward.inbox.mails[-1].get_content()


def test_a_refresh_that_was_killed_is_told_by_whoever_looks_next(ward: Ward):
    ward.run("init-db")
    refresh = subprocess.Popen(
        [sys.executable, "-m", "orchestration.cli", "refresh"],
        cwd=REPOSITORY,
        env=os.environ | ward.environment,
        stdout=subprocess.DEVNULL,
    )
    started = "select count(*) from ops.run_events where event = 'started'"
    while ward.home.rows(started, None) == [(0,)] and refresh.poll() is None:
        time.sleep(0.2)
    refresh.send_signal(signal.SIGKILL)
    refresh.wait()
    ward.told()
    for status in (["status"], ["status", "--all"]):
        assert "command line began at" in (said := ward.run(*status).stdout), said
        assert "ended without a word" in said
    ran = ward.run("alert")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "The refresh died: its process was killed" in ran.stdout
    assert ward.told() == ["raised refresh_failed"]
    assert ward.last_run()[0] == "died"


def test_a_wrong_threshold_is_told_by_the_night_that_it_stops(ward: Ward):
    gates = ward.home.path / "gates.yml"
    gates.write_text("his.beds: {max_malformed: 10}")
    assert ward.scheduled_night().returncode != 0
    gates.unlink()
    assert ward.last_run()[0] == "failed"
    assert ward.told() == ["raised refresh_failed"]
    said = ward.inbox.mails[-1].get_content()
    assert "there is no threshold 'max_malformed'" in said


def test_dagster_tells_the_same_and_is_recorded_as_who_started_it(ward: Ward):
    ran = ward.scheduled_night()
    assert ran.returncode == 0, ran.stderr[-2000:]
    outcome, who = ward.last_run()
    assert (outcome, who.split(", ")[1]) == ("published", "schedule nightly")
    assert set(ward.told()) == {"resolved refresh_failed"}
    assert ward.inbox.mails[-1]["Subject"].startswith(
        "[Wardline St. Elsewhere] resolved: refresh failed"
    )


def test_the_record_says_who_published_when_and_why(ward: Ward):
    printed = ward.run("history").stdout
    for words in ("publish: publication 1", "schedule nightly", "Both gates passed"):
        assert words in printed


def test_a_channel_that_fails_fails_no_refresh(ward: Ward):
    (ward.home.extracts / "his" / "2026-01-01").mkdir()  # a night without any file
    ran = ward.run("refresh", WARDLINE_ALERT_SMTP_URL="smtp://127.0.0.1:1")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    faults = ward.home.rows(
        "select distinct channel, fault is null from ops.alert_deliveries"
        " where alert_id = (select max(alert_id) from ops.alert_deliveries)"
        " order by 1",
        None,
    )
    assert faults == [("email", False), ("webhook", True)]
    assert set(ward.told()) == {"raised warning"}  # one for each table without a file


def test_schedule_and_sensor_are_on_where_nobody_has_switched_them_off(ward: Ward):
    schedule = nightly_schedule(nightly_refresh(), ward.home.settings)
    assert schedule.default_status is dg.DefaultScheduleStatus.RUNNING
    assert alerts_sensor().default_status is dg.DefaultSensorStatus.RUNNING


def test_the_sensor_tells_and_starts_no_run(ward: Ward):
    assert "told, " in ward.look(REPOSITORY / "workspace.yaml")


def test_a_code_location_that_cannot_be_loaded_tells_once_and_shows_why(ward: Ward):
    with served(ward, WARDLINE_DBT_PROJECT=broken_project(ward)) as workspace:
        for _ in range(2):
            assert "dbt cannot parse the project" in ward.look(workspace)
    assert ward.told() == ["raised refresh_failed"]
    # what the mail server did not take above may be tried again after it
    mails = [it.get_content() for it in ward.inbox.mails]
    assert any("Dagster cannot load Wardline, so no refresh runs" in it for it in mails)
    outcome, who = ward.last_run()
    # not by a command line: as soon as it is mended, the sensor of retries tries it
    assert (outcome, who.split(", ")[1]) == ("failed", "Dagster")


def test_a_wrong_threshold_keeps_the_code_location_whole(ward: Ward):
    gates = ward.home.path / "gates.yml"
    gates.write_text("his.beds: {max_malformed: 10}")
    with served(ward) as workspace:
        assert "Schedule: nightly" in ward.dagster("schedule", "list", workspace)
        for sensor in ("alerts", "arrivals", "retries"):
            assert sensor in ward.dagster("sensor", "list", workspace)
    gates.unlink()
