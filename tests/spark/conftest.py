"""Spark beside the warehouse, for tests of what both engines have to say alike."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from orchestration.dbt_profile import write_profile
from orchestration.settings import Settings
from orchestration.spark.session import open_session
from tests.conftest import TURN, Home, remove_home


@pytest.fixture(scope="session")
def spark_home() -> Iterator[Home]:
    """An empty home, of which the profile's target `spark` computes on one core."""
    home = Home()
    home.settings = Settings(
        home=home.path,
        spark_master="local[1]",
        # Each task costs more than what these few rows do.
        spark_conf={"spark.sql.shuffle.partitions": "1"},
        _env_file=None,
    )
    write_profile(home.settings)
    yield home
    remove_home(home.path)


@pytest.fixture(scope="session")
def profiles(spark_home: Home) -> Path:
    """The folder of the profile with both targets."""
    return spark_home.settings.dbt_home


@pytest.fixture(scope="session")
def java() -> None:
    """What Spark runs on; without it its tests are skipped, by .ci/run they fail."""
    if not shutil.which("java"):
        end = pytest.skip if TURN is None else pytest.fail
        end("there is no Java here: apt-get install default-jre-headless")


@pytest.fixture(scope="session")
def spark(spark_home: Home) -> Iterator[Any]:
    """A session of this process as dbt's target has one in its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        session = open_session(spark_home.settings)
    yield session
    session.stop()
