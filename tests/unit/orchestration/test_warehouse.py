"""The warehouse: three roles that may do only their part, on a server that is there."""

import os
import stat
from pathlib import Path

import psycopg
import pytest

from orchestration import dbt, embedded
from orchestration.errors import UsageError, WardlineError
from orchestration.locks import refresh_lock
from orchestration.settings import Settings
from orchestration.warehouse import SESSION, Role, locate, open_warehouse
from tests.conftest import make_home, remove_home


def test_opening_it_again_changes_nothing(warehouse, settings):
    assert open_warehouse(settings) == warehouse


def test_opening_it_waits_for_no_table_that_a_refresh_makes_or_drops(
    warehouse, settings, monkeypatch
):
    with warehouse.connect(Role.TRANSFORMER) as connection:
        connection.execute("create table changes.some_model (a int)")
        connection.commit()
        connection.execute("drop table changes.some_model")
        monkeypatch.setenv("PGOPTIONS", "-c lock_timeout=1s")
        assert open_warehouse(settings) == warehouse


def test_the_embedded_server_is_postgresql_18(warehouse):
    with warehouse.connect() as connection:
        assert connection.info.server_version // 10_000 == 18


@pytest.mark.parametrize(
    ("role", "statement"),
    [
        (Role.READER, "create table marts.mine (a int)"),
        (Role.READER, "select * from ops.batches"),
        (Role.READER, "select * from ops.pseudonym_key"),
        (Role.READER, "create table public.mine (a int)"),
        (Role.READER, "set role postgres"),
        (Role.LOADER, "create table marts.mine (a int)"),
        (Role.LOADER, "select * from ops.pseudonym_key"),
        (Role.LOADER, "delete from ops.batches"),
        (Role.LOADER, "update ops.publications set run_id = ''"),
        (Role.TRANSFORMER, "insert into ops.batches default values"),
        (Role.TRANSFORMER, "create table landing.mine (a int)"),
        (Role.TRANSFORMER, "delete from ops.publications"),
    ],
)
def test_a_role_may_do_only_its_part(warehouse, role, statement):
    with (
        warehouse.connect(role) as connection,
        pytest.raises(
            (
                psycopg.errors.InsufficientPrivilege,
                psycopg.errors.ReadOnlySqlTransaction,
            )
        ),
    ):
        connection.execute(statement)


def test_a_readers_session_that_is_named_like_a_refresh_is_let_alone(warehouse):
    with (
        psycopg.connect(warehouse.reader_conninfo, application_name=SESSION) as reader,
        refresh_lock(warehouse),
    ):
        assert reader.execute("select 1").fetchone() == (1,)


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("mysql://h/db", "must look like postgresql://"),
        ("postgresql://h:port/db?nonsense=1", "not a URL that PostgreSQL understands"),
    ],
)
def test_a_wrong_url_is_a_usage_error_that_does_not_repeat_it(url, complaint):
    with pytest.raises(UsageError, match=complaint) as refused:
        locate(Settings(database_url=url, _env_file=None))
    assert url not in str(refused.value)


def test_an_unreachable_server_says_so_without_the_password():
    settings = Settings(
        database_url="postgresql://me:planted-secret@127.0.0.1:1/db", _env_file=None
    )
    with pytest.raises(WardlineError, match="cannot be reached") as refused:
        open_warehouse(settings)
    assert "planted-secret" not in str(refused.value)


def test_an_external_warehouse_needs_a_login_of_the_readers_own():
    external = locate(Settings(database_url="postgresql://me@h/db", _env_file=None))
    with pytest.raises(UsageError, match="WARDLINE_READER_PASSWORD"):
        external.connect(Role.READER)


def test_another_key_for_the_pseudonyms_is_refused_and_a_missing_one_not_made(
    warehouse,
):
    home = make_home()
    other = Settings(home=home, database_url=warehouse.url(), _env_file=None)
    with pytest.raises(WardlineError, match="is missing"):
        open_warehouse(other)
    other.pseudonym_key_path.write_bytes(b"another key of thirty-two bytes!")
    with pytest.raises(WardlineError, match="not the one that this warehouse's"):
        open_warehouse(other)
    other.pseudonym_key_path.write_bytes(b"short")
    with pytest.raises(UsageError, match="fewer than 32 bytes"):
        open_warehouse(other)
    remove_home(home)


def test_a_server_is_used_by_its_url(warehouse, settings):
    other = Settings(home=settings.home, database_url=warehouse.url(), _env_file=None)
    with open_warehouse(other).connect(Role.LOADER) as connection:
        found = connection.execute("select current_user").fetchone()
    assert found == (Role.LOADER,)


def test_what_the_url_sets_for_a_session_holds_for_the_roles_and_for_dbt(
    warehouse, settings, monkeypatch
):
    url = warehouse.url() + "&options=-c%20work_mem%3D77MB%20-c%20jit%3Don"
    other = Settings(home=settings.home, database_url=url, _env_file=None)
    asked = (
        "select current_user, current_setting('work_mem'), current_setting('jit'),"
        " current_setting('application_name')"
    )
    with open_warehouse(other).connect(Role.TRANSFORMER) as connection:
        found = connection.execute(asked).fetchone()
    assert found == (Role.TRANSFORMER, "77MB", "on", "")
    # As dbt connects: by libpq, from its environment.
    monkeypatch.setenv("PGOPTIONS", dbt.environment(other)["PGOPTIONS"])
    with psycopg.connect(warehouse.url()) as connection:
        assert connection.execute("show work_mem").fetchone() == ("77MB",)


@pytest.mark.usefixtures("warehouse")
def test_the_pseudonym_key_is_readable_by_its_owner_alone(settings):
    mode = settings.pseudonym_key_path.stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts it as another user")
def test_started_by_root_it_opens_no_folder_to_others():
    closed = make_home()
    closed.chmod(0o700)
    home = closed / "home"
    try:
        embedded.start(home)
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700
        data = (home / "postgres").resolve()
        assert data.is_relative_to(embedded.ROOTS_FOLDER)
        assert Path(data / "PG_VERSION").exists()
    finally:
        remove_home(home)
        remove_home(closed)
