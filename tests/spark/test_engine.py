"""A refresh on Spark, by the command: what it publishes is what PostgreSQL would."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

import psutil
import pytest

from orchestration.settings import REPOSITORY
from orchestration.warehouse import open_warehouse
from simulator import Nights, simulate_nights
from tests.conftest import Home, remove_home

pytestmark = pytest.mark.long
FIXTURES = REPOSITORY / "tests" / "fixtures"
ON_SPARK = {
    "WARDLINE_ENGINE": "spark",
    "WARDLINE_SPARK_MASTER": "local[1]",
    # Each task costs more than what these few rows do.
    "WARDLINE_SPARK_CONF": json.dumps({"spark.sql.shuffle.partitions": "1"}),
}
LAST = "select rows_changed from ops.publications order by publication_id desc limit 1"


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
    for system in (
        "hospital_management",
        "hospital_operations",
        "resource_utilization",
    ):
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
    quarantined = rows_of(home, "quarantine.quarantined_rows")
    accounts = rows_of(home, "quarantine.accounting")
    shapes = columns(home)
    empty(home)
    cluster = ON_SPARK | {
        "WARDLINE_SPARK_MASTER": "local-cluster[2,1,1024]",
        "SPARK_WORKER_DIR": str(home.path / "spark-workers"),
    }
    refresh = subprocess.Popen(
        [sys.executable, "-m", "orchestration.cli", "refresh"],
        cwd=REPOSITORY,
        env=os.environ | {"WARDLINE_HOME": str(home.path)} | cluster,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    built = home.path / "spark" / "tables" / "intermediate.db" / "admissions"
    while refresh.poll() is None and not built.exists():
        time.sleep(0.1)
    killed = executors(refresh.pid)[:1]
    for executor in killed:
        executor.kill()
    printed, _ = refresh.communicate()
    assert refresh.returncode == 0, printed
    assert killed
    # Each published row is compared with the one that Spark built.
    assert home.rows(LAST, None) == [(0,)]
    assert rows_of(home, "quarantine.quarantined_rows") == quarantined
    assert rows_of(home, "quarantine.accounting") == accounts
    assert columns(home) == shapes
    assert (home.path / "spark").stat().st_mode & 0o077 == 0


def test_a_night_of_spark_is_the_night_of_the_warehouse(home: Home):
    (night,) = home.path.glob("2026-*")
    night.rename(home.extracts / "his" / night.name)
    printed = home.refresh(**ON_SPARK)
    assert "Mart gate passed" in printed
    assert home.rows(LAST, None)[0][0] > 0
    accounts = rows_of(home, "quarantine.accounting")
    quarantined = rows_of(home, "quarantine.quarantined_rows")
    home.refresh()
    assert home.rows(LAST, None) == [(0,)]
    assert rows_of(home, "quarantine.accounting") == accounts
    assert rows_of(home, "quarantine.quarantined_rows") == quarantined


def executors(pid: int) -> list[psutil.Process]:
    """Spark's executors among the processes below one."""
    return [
        it
        for it in psutil.Process(pid).children(recursive=True)
        if it.status() != psutil.STATUS_ZOMBIE
        and any("ExecutorBackend" in part for part in it.cmdline())
    ]


def test_what_cannot_be_reached_is_told_in_a_sentence(home: Home):
    ran = home.run("refresh", **ON_SPARK | {"WARDLINE_SPARK_MASTER": "spark://[::1"})
    assert ran.returncode == 3
    assert "Spark does not start with WARDLINE_SPARK_MASTER=spark://[::1" in ran.stdout
    assert "Traceback" not in ran.stdout + ran.stderr
    assert "Nothing was published" in ran.stdout


def empty(home: Home) -> None:
    """Leave nothing of what PostgreSQL built, that nobody takes it for Spark's."""
    tables = home.rows(
        "select format('%I.%I', schemaname, tablename) from pg_tables"
        " where schemaname in ('candidate', 'intermediate', 'staging')"
        " or (schemaname = 'quarantine'"
        " and tablename in ('accounting', 'quarantined_rows'))",
        None,
    )
    with open_warehouse(home.settings).connect() as connection:
        for (table,) in tables:
            connection.execute(f"truncate {table}".encode())


def rows_of(home: Home, table: str) -> Counter[tuple[Any, ...]]:
    """All rows of a table, and how often each is there."""
    return Counter(home.rows(f"select * from {table}", None))


def columns(home: Home) -> list[tuple[Any, ...]]:
    """The columns of what is brought from Spark, as PostgreSQL's own build has them."""
    return home.rows(
        "select table_schema, table_name, column_name, data_type, is_nullable,"
        " numeric_precision, numeric_scale from information_schema.columns"
        " where table_schema in ('candidate', 'quarantine') order by 1, 2, 3",
        None,
    )
