"""Hospitals of many kinds, built by PostgreSQL and by Spark: every row is the same."""

import json
from collections.abc import Iterator
from datetime import date

import pytest

from simulator import simulate
from tests.acceptance.test_reference_figures import (
    REAL,
    SYSTEMS,
    drop_folder,
    real_extracts,
)
from tests.compared import CONF, ON_SPARK, counts, empty, kept, rows_changed
from tests.conftest import ROUND, TURN, Home, remove_home

pytestmark = [pytest.mark.long, pytest.mark.usefixtures("java")]
# Other ones than elsewhere in the tests; by .ci/run fewer.
ALL_SEEDS = range(101, 111)
SEEDS = ALL_SEEDS if TURN is None else [ALL_SEEDS[TURN // ROUND % len(ALL_SEEDS)]]
# As of a cluster that keeps tables in another form than Parquet.
OTHER_FORMAT = CONF | {"spark.sql.sources.default": "orc"}


@pytest.fixture
def home() -> Iterator[Home]:
    """An empty home of this test alone."""
    made = Home()
    yield made
    remove_home(made.path)


@real_extracts
def test_the_real_extracts(home: Home):
    for system in SYSTEMS:
        drop_folder(REAL / system, home.extracts / system)
    both_build_the_same(home)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_hospital_with_faults_of_every_kind(home: Home, seed: int):
    simulate(
        home.extracts, end=date(2026, 2, 28), days=45, beds=20, seed=seed, dirt=3.0
    )
    conf = OTHER_FORMAT if seed == ALL_SEEDS[0] else CONF
    both_build_the_same(home, WARDLINE_SPARK_CONF=json.dumps(conf))
    assert counts(home)["quarantine.quarantined_rows"] > 0


def both_build_the_same(home: Home, **environment: str) -> None:
    """PostgreSQL publishes, then Spark: no published row changes."""
    home.refresh()
    assert rows_changed(home) > 0
    before = kept(home)
    empty(home)
    home.refresh(**ON_SPARK | environment)
    assert kept(home) == before
    assert rows_changed(home) == 0
