"""Migrations: each applied once, in order, whole or not at all, and never backwards."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from orchestration.errors import WardlineError
from orchestration.locks import refresh_lock
from orchestration.upgrading import due, migrate, migrations
from orchestration.warehouse import Warehouse


@pytest.fixture
def connection(warehouse: Warehouse) -> Iterator[psycopg.Connection]:
    """The owner's; whatever a test did is undone."""
    with warehouse.connect() as connection:
        connection.execute(
            "create schema raw_planted; create table raw_planted.wards (ward_id text);"
            " insert into raw_planted.wards values ('w1')"
        )
        yield connection
        connection.rollback()


@pytest.fixture
def releases(tmp_path: Path) -> Path:
    """The shipped migrations and three of later releases, one of them of raw tables."""
    for file in migrations().values():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "0902_sites.sql").write_text("alter table ops.sites add city text")
    (tmp_path / "0901_made.sql").write_text("create table ops.sites (site text)")
    (tmp_path / "0903_raw.sql").write_text(
        "do $$ declare one record; begin for one in select schemaname, tablename"
        " from pg_tables where schemaname like 'raw\\_%' loop execute format("
        "'alter table %I.%I add column _received_from text', one.schemaname,"
        " one.tablename); end loop; end $$"
    )
    (tmp_path / "notes.sql").write_text("this is no migration")
    return tmp_path


def applied(connection: psycopg.Connection) -> list[int]:
    found = connection.execute("select number from ops.migrations order by number")
    return [number for (number,) in found]


def test_a_new_warehouse_has_gone_through_all(connection):
    assert applied(connection) == list(migrations())


def test_what_is_due_is_applied_in_order_and_once(connection, releases):
    migrate(connection, releases)
    assert applied(connection) == [*migrations(), 901, 902, 903]
    connection.execute("insert into ops.sites (site, city) values ('North', 'Ulm')")
    migrate(connection, releases)
    assert connection.execute("select * from ops.sites").fetchall() == [
        ("North", "Ulm")
    ]


def test_raw_keeps_its_rows(connection, releases):
    migrate(connection, releases)
    found = connection.execute("select ward_id, _received_from from raw_planted.wards")
    assert found.fetchall() == [("w1", None)]


def test_one_that_fails_undoes_those_before_it(connection, releases):
    (releases / "0904_wrong.sql").write_text("alter table ops.nowhere add a text")
    with pytest.raises(psycopg.errors.UndefinedTable), connection.transaction():
        migrate(connection, releases)
    assert applied(connection) == list(migrations())
    assert connection.execute("select to_regclass('ops.sites')").fetchone() == (None,)


def test_the_record_cannot_be_changed(connection):
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append only"):
        connection.execute("delete from ops.migrations")


def test_none_is_applied_under_a_refresh(connection, releases, warehouse):
    with refresh_lock(warehouse), pytest.raises(WardlineError, match="is running"):
        migrate(connection, releases)


def test_a_start_with_nothing_due_does_not_mind_a_refresh(connection, warehouse):
    with refresh_lock(warehouse):
        migrate(connection)


def test_an_older_release_refuses_a_newer_warehouse():
    with pytest.raises(WardlineError, match=r"newer Wardline \(migration 3\)"):
        due({1: Path("a"), 2: Path("b")}, [1, 2, 3])


def test_one_that_was_added_late_is_not_forgotten():
    assert due({1: Path("a"), 2: Path("b"), 3: Path("c")}, [1, 3]) == [2]
