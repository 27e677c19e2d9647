"""Nights taken in again, in any order, by Dagster's own command.

The marts are those of nights that came in time.

One small hospital that corrects itself for five nights, in four homes of one key.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestration.settings import REPOSITORY, Settings
from tests.conftest import Home, remove_home
from tests.nights.archive import NIGHTS, write_archive
from tests.nights.marts import marts_of

pytestmark = pytest.mark.long

KEY = {"WARDLINE_PSEUDONYM_KEY": "planted-key-of-32-characters-or-more"}
RAW = "key:raw_his/*"


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The extracts of each night, as the hospital wrote them."""
    folder = tmp_path_factory.mktemp("archive")
    desk = tmp_path_factory.mktemp("desk")
    write_archive(folder, desk)
    return folder


@pytest.fixture(scope="module")
def homes() -> Iterator[list[Home]]:
    made: list[Home] = []
    yield made
    for home in made:
        remove_home(home.path)


@pytest.fixture(scope="module")
def in_time(archive: Path, homes: list[Home]) -> dict[str, list[tuple]]:
    """What is published if each night comes in its time."""
    home = new(homes)
    for night in NIGHTS:
        shutil.copytree(archive / night, home.extracts / "his" / night)
        home.refresh(**KEY)
    return contents(home)


def new(homes: list[Home], archive: Path | None = None) -> Home:
    home = Home()
    home.settings = Settings(
        home=home.path, pseudonym_key=KEY["WARDLINE_PSEUDONYM_KEY"], _env_file=None
    )
    homes.append(home)
    if archive:
        shutil.copytree(archive, home.extracts / "his")
    return home


def dagster(home: Home, *arguments: str) -> str:
    ran = subprocess.run(
        [
            str(Path(sys.executable).with_name("dagster")),
            *("asset", "materialize", "-m", "orchestration.definitions", *arguments),
        ],
        cwd=REPOSITORY,
        env=os.environ
        | KEY
        | {
            "WARDLINE_HOME": str(home.path),
            "DAGSTER_HOME": str(home.settings.dagster_home),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr[-3000:]
    return ran.stdout + ran.stderr


def contents(home: Home) -> dict[str, list[tuple]]:
    return marts_of(lambda sql: home.rows(sql, None))


def nights_in_raw(home: Home) -> set[str]:
    found = home.rows("select distinct as_of::date::text from ops.batches", None)
    return {night for (night,) in found}


def test_a_history_is_loaded_night_by_night_and_published_once(archive, homes, in_time):
    home = new(homes, archive)
    home.refresh(**KEY)
    assert contents(home) == in_time
    assert home.rows("select count(*) from marts.publication") == [(1,)]


def test_nights_in_any_order_one_by_one_and_some_twice(archive, homes, in_time):
    home = new(homes, archive)
    home.run("init-db", **KEY)
    home.settings.dagster_home.mkdir(exist_ok=True)
    chosen = [NIGHTS[place] for place in (3, 0, 4, 1, 3, 2)]
    for place, night in enumerate(chosen, 1):
        dagster(home, "--select", RAW, "--partition", night)
        assert nights_in_raw(home) == set(chosen[:place])
    home.refresh(**KEY)
    assert contents(home) == in_time


def test_one_table_of_one_night_alone_and_then_a_range_of_nights(
    archive, homes, in_time
):
    home = new(homes, archive)
    home.run("init-db", **KEY)
    home.settings.dagster_home.mkdir(exist_ok=True)
    one = "key:raw_his/admissions"
    dagster(home, "--select", one, "--partition", NIGHTS[2])
    found = home.rows("select table_name, as_of::date::text from ops.batches", None)
    assert found == [("admissions", NIGHTS[2])]
    dagster(home, "--select", RAW, "--partition-range", f"{NIGHTS[0]}...{NIGHTS[-1]}")
    runs = home.rows("select distinct run_id from ops.batches", None)
    assert len(runs) == 2
    home.refresh(**KEY)
    assert contents(home) == in_time


def test_each_night_may_be_published_by_itself(archive, homes, in_time):
    home = new(homes, archive)
    home.refresh("--each-night", **KEY)
    assert contents(home) == in_time
    published = home.rows(
        "select as_of::date::text from marts.publication order by publication_id"
    )
    assert published == [(night,) for night in NIGHTS]
