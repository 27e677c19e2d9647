"""Hostile extracts on their real way: landing, extract gate, raw.

One night holds them all, a table each: what is wrong with one must not touch another.
The cases are tables in hostile/.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from expectations import Thresholds
from orchestration.extract_sets import Reader, land_here
from orchestration.extracts.arrivals import Received
from orchestration.extracts.raw_tables import ensure_raw_tables
from orchestration.ingestion import Outcome, ingest
from orchestration.settings import REPOSITORY
from orchestration.warehouse import Role, open_warehouse
from tests.acceptance.hostile import documented
from tests.acceptance.hostile.specification import SYSTEM
from tests.acceptance.hostile.suite import CASES
from tests.conftest import Home, remove_home

NIGHT = "2026-03-31"


@dataclass
class Night:
    """What became of every case."""

    outcomes: dict[str, Outcome]
    connection: psycopg.Connection

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        return self.connection.execute(sql.encode(), values or None).fetchall()


def put_all(drop_folder: Path) -> None:
    folder = drop_folder / SYSTEM / NIGHT
    folder.mkdir(parents=True)
    for table, case in CASES.items():
        case.put(folder, table)


def taken_in(
    home: Home, drop_folder: Path, reader: Reader = land_here
) -> dict[str, Outcome]:
    """Take all cases in that lie in a drop folder; what became of each, by table."""
    contracts = [case.contract_as(table) for table, case in CASES.items()]
    warehouse = open_warehouse(home.settings)
    with warehouse.connect(Role.LOADER) as connection:
        ensure_raw_tables(connection, contracts)
    outcomes = ingest(
        warehouse,
        contracts,
        Received(drop_folder),
        run_id="hostile",
        now=datetime.now(UTC),
        thresholds=Thresholds(),
        data_docs=home.settings.data_docs,
        reader=reader,
    )
    return {it.contract.table: it for it in outcomes}


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    home = Home()
    drop_folder = tmp_path_factory.mktemp("drop")
    put_all(drop_folder)
    outcomes = taken_in(home, drop_folder)
    with open_warehouse(home.settings).connect() as connection:
        yield Night(outcomes, connection)
    remove_home(home.path)


def named(table: str) -> Any:
    return pytest.param(table, id=CASES[table].what)


@pytest.mark.parametrize("table", map(named, CASES))
def test_a_hostile_extract_meets_its_stated_outcome(
    night: Night, table: str, record_property: Callable[[str, int], None]
) -> None:
    record_property(f"hostile extracts {CASES[table].outcome.kind}", 1)
    expected, found = CASES[table].outcome, night.outcomes[table]
    [batch] = found.batches
    told = [it.sentence for it in found.verdicts if not it.success]
    if expected.rows is None:
        assert batch.status == "rejected", batch
        assert expected.sentence in batch.reason
        assert "\n" not in batch.reason
        assert batch.reason.isprintable()
        assert night.rows(f"select count(*) from raw_hostile.{table}") == [(0,)]
        return
    assert batch.status == "accepted", batch.reason
    assert batch.rows_received == expected.rows + expected.malformed
    assert batch.rows_appended == expected.rows
    assert batch.rows_malformed == expected.malformed
    if expected.warning:
        assert any(expected.warning in sentence for sentence in told), told
    raw = night.rows(f"select visit_id, ward, note from raw_hostile.{table}")
    assert len(raw) == expected.rows
    assert set(expected.values) <= set(raw)


@pytest.mark.parametrize(
    "table", [named(it) for it, case in CASES.items() if case.outcome.malformed]
)
def test_a_record_set_aside_is_kept_with_its_reason(night: Night, table: str) -> None:
    expected = CASES[table].outcome
    kept = night.rows(
        "select reason, row_text from quarantine.malformed_rows where table_name = %s",
        table,
    )
    assert len(kept) == expected.malformed
    assert any(expected.sentence in reason for reason, _ in kept), kept[:3]


def test_every_row_is_accounted_for(night: Night) -> None:
    assert night.rows(
        "select count(*), count(*) filter (where status = 'accepted' and"
        " rows_received <> rows_appended + rows_unchanged + rows_malformed)"
        " from ops.batches"
    ) == [(len(CASES), 0)]


def test_no_sentence_holds_what_a_terminal_would_obey(night: Night) -> None:
    sentences = [
        it.sentence for one in night.outcomes.values() for it in one.verdicts
    ] + [name for (name,) in night.rows("select file_name from ops.batches")]
    assert len(sentences) > len(CASES)
    assert [it for it in sentences if not it.isprintable()] == []


def test_the_document_says_what_becomes_of_each() -> None:
    document = (REPOSITORY / "docs" / "bad-input.md").read_text()
    assert documented.files() in document
    assert documented.values() in document
