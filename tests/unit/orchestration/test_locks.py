"""The refresh lock: one at a time, out of the reader's reach, clear of leftovers."""

from collections.abc import Iterator

import psycopg
import pytest

from orchestration.errors import RefreshRunningError, WardlineError
from orchestration.locks import refresh_lock
from orchestration.settings import Settings
from orchestration.warehouse import SESSION, Role, Warehouse, open_warehouse


@pytest.fixture
def reader(warehouse: Warehouse) -> Iterator[psycopg.Connection]:
    with warehouse.connect(Role.READER) as reader:
        yield reader


def test_a_second_refresh_is_refused_while_one_runs_and_allowed_after(warehouse):
    with (
        refresh_lock(warehouse),
        pytest.raises(RefreshRunningError, match="Another refresh"),
        refresh_lock(warehouse),
    ):
        pass
    with refresh_lock(warehouse):
        pass


@pytest.mark.parametrize("table", ["ops.refresh_lock", "ops.bootstrap_lock"])
def test_the_reader_cannot_hold_up_the_night(reader, table):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        reader.execute(f"lock table {table} in access share mode")


def test_no_advisory_lock_of_anybody_holds_up_the_night(warehouse, settings):
    # the owner's here: the reader may take none
    with warehouse.connect() as someone:
        someone.execute("select pg_advisory_lock(k) from generate_series(-9, 9) as k")
        open_warehouse(settings)
        with refresh_lock(warehouse):
            pass


def test_a_backup_does_not_wait_for_a_refresh_nor_stop_one(warehouse):
    with warehouse.connect() as backup:
        backup.execute("lock table ops.refresh_lock in access share mode")
        with refresh_lock(warehouse), warehouse.connect() as other:
            other.execute("lock table ops.refresh_lock in access share mode nowait")


def test_the_sessions_of_a_killed_refresh_are_ended_and_no_others(warehouse):
    with refresh_lock(warehouse) as lock:
        leftover = lock.warehouse.connect(Role.TRANSFORMER)
    with warehouse.connect() as other, refresh_lock(warehouse):
        assert other.execute("select 1").fetchone() == (1,)
        with pytest.raises(psycopg.errors.AdminShutdown):
            leftover.execute("select 1")
    leftover.close()


def test_whoever_lost_the_lock_finds_out_before_publishing(warehouse):
    with refresh_lock(warehouse) as lock:
        lock.confirm()
        with warehouse.connect() as other:
            other.execute(
                "select pg_terminate_backend(%s, 5000)",
                [lock.connection.info.backend_pid],
            )
        with pytest.raises(WardlineError, match="nothing was published"):
            lock.confirm()


def test_a_server_that_ends_idle_transactions_does_not_take_the_lock_away(
    warehouse, settings
):
    impatient = Settings(
        home=settings.home,
        database_url=warehouse.url()
        + "&options=-c%20idle_in_transaction_session_timeout%3D100",
        _env_file=None,
    )
    with refresh_lock(open_warehouse(impatient)) as lock:
        lock.connection.execute("select pg_sleep(0.1)")
        setting = "show idle_in_transaction_session_timeout"
        assert lock.connection.execute(setting).fetchone() == ("0",)


def test_sessions_are_named_so_that_an_administrator_knows_them(warehouse):
    with refresh_lock(warehouse) as lock, lock.warehouse.connect(Role.LOADER) as it:
        assert it.execute("show application_name").fetchone() == (SESSION,)
