"""Files that Spark's workers read: what becomes of them is what always does."""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from orchestration.errors import WardlineError
from orchestration.extract_sets import land_here
from orchestration.ingestion import Outcome
from orchestration.settings import Settings
from orchestration.spark.landing import reader_of
from tests.acceptance.hostile.suite import CASES
from tests.acceptance.test_hostile_files import put_all, taken_in
from tests.compared import ON_SPARK
from tests.conftest import Home, remove_home

pytestmark = [pytest.mark.long, pytest.mark.usefixtures("java")]


@pytest.fixture
def new_home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], Home]]:
    """Makes homes, of which the last one's settings are in the environment."""
    made: list[Home] = []

    def make() -> Home:
        made.append(Home())
        for name, value in ON_SPARK.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("WARDLINE_HOME", str(made[-1].path))
        return made[-1]

    yield make
    for home in made:
        remove_home(home.path)


def test_every_hostile_file_meets_the_same_end(new_home, tmp_path: Path):
    put_all(tmp_path)
    here, there = new_home(), new_home()
    with reader_of(Settings(_env_file=None)) as reader:
        assert reader is not land_here
        on_spark = taken_in(there, tmp_path, reader)
    in_process = taken_in(here, tmp_path)
    assert len(on_spark) == len(CASES)
    for table, outcome in in_process.items():
        assert told(on_spark[table]) == told(outcome), CASES[table].what
        assert rows(there, table) == rows(here, table), CASES[table].what


def told(outcome: Outcome) -> Any:
    """What is on record of a table's batch, but where and when it was read."""
    [batch] = outcome.batches
    counts = (batch.rows_received, batch.rows_appended, batch.rows_malformed)
    sentences = [(it.expectation, it.success, it.sentence) for it in outcome.verdicts]
    return batch.status, batch.reason, counts, sentences


def rows(home: Home, table: str) -> Any:
    """What raw holds of a table, numbers and hashes included, and what it lacks."""
    return [
        Counter(map(repr, home.rows(question, None)))
        for question in (
            "select visit_id, ward, note, _extra, _row_number, _row_hash"
            f" from raw_hostile.{table}",
            "select row_number, line_number, reason, row_text"
            f" from quarantine.malformed_rows where table_name = '{table}'",
        )
    ]


def test_a_spark_that_is_not_there_is_told_in_a_sentence(
    new_home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    put_all(tmp_path)
    home = new_home()
    monkeypatch.setenv("WARDLINE_SPARK_MASTER", "spark://[::1")
    with (
        reader_of(Settings(_env_file=None)) as reader,
        pytest.raises(WardlineError, match="Spark does not start"),
    ):
        taken_in(home, tmp_path, reader)
