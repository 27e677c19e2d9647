"""A refresh on Spark, by the command: what it publishes is what PostgreSQL would."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date

import psutil
import pytest

from orchestration.settings import REPOSITORY, Settings
from simulator import Nights, simulate_nights
from tests.acceptance.test_reference_figures import FIXTURES, SYSTEMS
from tests.compared import (
    CONF,
    ON_SPARK,
    counts,
    empty,
    kept,
    rows_changed,
    shown_counts,
)
from tests.conftest import Home, remove_home
from tests.spark.connect import connect_server

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def home(java: None) -> Iterator[Home]:  # noqa: ARG001
    """A home of four systems, one corrected night by night; the last night is to come.

    Its first nights are published by PostgreSQL.
    """
    made = Home()
    simulate_nights(
        made.extracts,
        Nights(3, changes=0.02, deltas=False),
        end=date(2026, 2, 28),
        days=59,
        beds=30,
        seed=11,
        dirt=3.0,
    )
    for system in SYSTEMS:
        shutil.copytree(FIXTURES / system, made.extracts / system)
    # A handful of rows leaves weeks between one day and the next.
    (made.path / "gates.yml").write_text("max_days_ahead: 60\n")
    last = max((made.extracts / "his").iterdir())
    last.rename(made.path / last.name)
    made.refresh()
    yield made
    remove_home(made.path)


def test_spark_builds_what_the_warehouse_built_though_a_worker_is_killed(home: Home):
    """Two executors, processes of their own as on a cluster; one is lost on the way."""
    before, rows = kept(home), counts(home)
    del rows["quarantine.accounting"]  # a test's table, and no asset
    empty(home)
    with begun(
        home,
        WARDLINE_SPARK_MASTER="local-cluster[2,1,1024]",
        SPARK_WORKER_DIR=str(home.path / "spark-workers"),
    ) as refresh:
        killed = executors(refresh.pid)[:1]
        for executor in killed:
            executor.kill()
        printed, _ = refresh.communicate()
    assert refresh.returncode == 0, printed
    assert killed
    assert kept(home) == before
    assert rows_changed(home) == 0
    assert shown_counts(home) == rows
    assert (home.path / "spark").stat().st_mode & 0o077 == 0


def test_a_night_of_spark_is_the_night_of_the_warehouse(home: Home):
    """In sessions of a server, which goes on with what a killed refresh asked for."""
    (night,) = home.path.glob("2026-*")
    night.rename(home.extracts / "his" / night.name)
    published = home.marts()
    settings = Settings(
        home=home.path, spark_master="local[1]", spark_conf=CONF, _env_file=None
    )
    with connect_server(settings) as address:
        on_server = {"WARDLINE_SPARK_MASTER": address}
        with begun(home, **on_server):
            pass
        assert home.marts() == published
        printed = home.refresh(**ON_SPARK | on_server)
    assert "Mart gate passed" in printed
    assert rows_changed(home) > 0
    on_spark = kept(home)
    home.refresh()
    assert kept(home) == on_spark
    assert rows_changed(home) == 0


@contextmanager
def begun(home: Home, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """A refresh on Spark that has built a part of the models, killed at the end."""
    built = home.path / "spark" / "tables" / "intermediate.db" / "admissions"
    before = built.stat().st_ino if built.exists() else None
    with subprocess.Popen(
        [sys.executable, "-m", "orchestration.cli", "refresh"],
        cwd=REPOSITORY,
        env=os.environ | {"WARDLINE_HOME": str(home.path)} | ON_SPARK | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as refresh:
        try:
            while refresh.poll() is None and (
                not built.exists() or built.stat().st_ino == before
            ):
                time.sleep(0.1)
            yield refresh
        finally:
            refresh.kill()


def executors(pid: int) -> list[psutil.Process]:
    """Spark's executors among the processes below one."""
    found = []
    for process in psutil.Process(pid).children(recursive=True):
        # Others, as Python's workers, come and go while one looks.
        with suppress(psutil.NoSuchProcess):
            if any("ExecutorBackend" in part for part in process.cmdline()):
                found.append(process)
    return found


def test_what_cannot_be_reached_is_told_in_a_sentence(home: Home):
    ran = home.run("refresh", **ON_SPARK | {"WARDLINE_SPARK_MASTER": "spark://[::1"})
    assert ran.returncode == 3
    assert "Spark does not start with WARDLINE_SPARK_MASTER=spark://[::1" in ran.stdout
    assert "Traceback" not in ran.stdout + ran.stderr
    assert "Nothing was published" in ran.stdout
