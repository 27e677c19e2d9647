"""Fixtures that all tests share: homes of their own, and warehouses in them."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest
from typer.main import get_command

from orchestration import embedded
from orchestration.cli import app
from orchestration.settings import REPOSITORY, Settings
from orchestration.warehouse import Role, Warehouse, open_warehouse
from simulator import SimulatedExtract, simulate
from tests.parsed import take_over_parsed

_DAY = os.environ.get("WARDLINE_TEST_DAY")
TURN = int(_DAY) if _DAY else None
"""Of .ci/run, for which all long suites are too long; None: all are played."""
ROUND = 8
"""Days in which all files of the long suites have their turn."""

# What a test has written is complete, and need not be waited for.
os.environ["WARDLINE_EXTRACTS_QUIET_SECONDS"] = "0"


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(FailuresAtOnce(config))
        config.pluginmanager.register(Counts())


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep of the long suites the files whose turn it is, if a day is named."""
    if TURN is None:
        return
    files = sorted({it.path for it in items if it.get_closest_marker("long")})
    playing = files[TURN % ROUND :: ROUND]
    items[:] = [
        it for it in items if it.path in playing or not it.get_closest_marker("long")
    ]


class FailuresAtOnce:
    """Tells a failure when it happens: a run that is killed has no summary."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            terminal = self.config.get_terminal_writer()
            terminal.line(f"\n{report.nodeid}\n{report.longreprtext[-3000:]}")


class Counts:
    """Sums at a run's end what the tests counted, as kill points survived."""

    def __init__(self) -> None:
        self.sums: Counter[str] = Counter()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.passed and report.when == "call":
            for name, count in report.user_properties:
                self.sums[name] += count

    def pytest_terminal_summary(
        self, terminalreporter: pytest.TerminalReporter
    ) -> None:
        for name, count in sorted(self.sums.items()):
            terminalreporter.write_line(f"{name}: {count:,}")


def make_home() -> Path:
    """A folder for a home, short enough for a unix socket's path."""
    return Path(tempfile.mkdtemp(prefix="wardline-")).resolve()


def remove_home(home: Path) -> None:
    embedded.stop(home)
    shutil.rmtree((home / "postgres").resolve(), ignore_errors=True)
    shutil.rmtree(home, ignore_errors=True)


def all_commands() -> dict[str, Any]:
    """Every command by what is typed for it, those of groups as `group command`."""
    found: dict[str, Any] = {}
    for name, command in get_command(app).commands.items():
        inner = getattr(command, "commands", {"": command})
        found |= {f"{name} {it}".strip(): one for it, one in inner.items()}
    return found


def forget_batches(owner: psycopg.Connection[Any]) -> None:
    """Empty the record of what was received, which refuses that to everybody else."""
    with owner.transaction():
        owner.execute(
            "set local session_replication_role = replica; truncate ops.batches cascade"
        )


class Home:
    """A home of Wardline, used as a person would: by its command."""

    def __init__(self) -> None:
        self.path = make_home()
        self.extracts = self.path / "extracts"
        self.settings = Settings(home=self.path, _env_file=None)
        take_over_parsed(self.settings)

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
        """Run `wardline ...` in this home."""
        return subprocess.run(
            [sys.executable, "-m", "orchestration.cli", *map(str, arguments)],
            cwd=REPOSITORY,
            env=os.environ | {"WARDLINE_HOME": str(self.path)} | environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def refresh(self, *arguments: str, **environment: str) -> str:
        """Run a refresh that has to succeed; returns what it printed."""
        ran = self.run("refresh", *arguments, **environment)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout

    def rows(self, sql: str, role: Role | None = Role.READER) -> list[tuple[Any, ...]]:
        """Ask the warehouse, by default as those who may see the marts only."""
        with open_warehouse(self.settings).connect(role) as connection:
            return connection.execute(sql.encode()).fetchall()

    def marts(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every published row with its place in the table, by mart."""
        names = self.rows(
            "select tablename from pg_tables where schemaname = 'marts' order by 1",
            None,
        )
        return {
            name: self.rows(f"select ctid, xmin, * from marts.{name} order by 1", None)
            for (name,) in names
        }


@pytest.fixture(scope="session")
def settings() -> Iterator[Settings]:
    """Settings of a home that lives as long as the tests."""
    home = make_home()
    made = Settings(home=home, _env_file=None)
    take_over_parsed(made)
    yield made
    remove_home(home)


@pytest.fixture(scope="session")
def warehouse(settings: Settings) -> Warehouse:
    """An embedded warehouse, bootstrapped and otherwise empty."""
    return open_warehouse(settings)


@pytest.fixture(scope="module")
def home() -> Iterator[Home]:
    """An empty home."""
    made = Home()
    yield made
    remove_home(made.path)


@pytest.fixture(scope="session")
def hospital() -> Iterator[Home]:
    """A home with one night of a small hospital published; tests only read it."""
    made = Home()
    simulated(made)
    made.refresh()
    yield made
    remove_home(made.path)


def simulated(home: Home, end: date = date(2026, 2, 28)) -> SimulatedExtract:
    """A small hospital's extract in the home's drop folder."""
    return simulate(home.extracts, end=end, days=59, beds=30, seed=11)
