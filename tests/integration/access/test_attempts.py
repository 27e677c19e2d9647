"""What a reader may not: attempts that all have to fail, on a hardened server."""

import psycopg
import pytest
from psycopg import errors

from orchestration.dbt import manifest, marts
from tests.servers import DATABASE, OWNER

DENIED = errors.InsufficientPrivilege

# A reader may end his own read-only mode, so every attempt is made without it.
ATTEMPTS = {
    # writing
    "insert": ("insert into marts.dim_date (date_day) values ('2026-01-01')", DENIED),
    "update": ("update marts.fct_bills set billed_amount = 0", DENIED),
    "delete": ("delete from marts.dim_patient", DENIED),
    "truncate": ("truncate marts.fct_admissions", DENIED),
    "merge": (
        "merge into marts.dim_date as d using marts.dim_date as s"
        " on d.date_day = s.date_day when matched then delete",
        DENIED,
    ),
    "lock": ("begin; lock table marts.fct_bills in access exclusive mode", DENIED),
    "lock_rows": ("select * from marts.dim_branch for update", DENIED),
    "copy_from": ("copy marts.dim_date from stdin", DENIED),
    # making
    "table_in_marts": ("create table marts.mine (a int)", DENIED),
    "table_in_public": ("create table public.mine (a int)", DENIED),
    "temporary_table": ("create temporary table mine (a int)", DENIED),
    "table_as": ("select * into temporary mine from marts.dim_patient", DENIED),
    "view_in_marts": ("create view marts.mine as select 1", DENIED),
    "schema": ("create schema mine", DENIED),
    "function": (
        "create function marts.mine() returns int language sql as 'select 1'",
        DENIED,
    ),
    "temporary_function": (
        "create function pg_temp.mine() returns int language sql as 'select 1'",
        DENIED,
    ),
    "index": ("create index on marts.fct_bills (billed_amount)", DENIED),
    "trigger": (
        "create trigger mine before update on marts.fct_bills"
        " execute function suppress_redundant_updates_trigger()",
        DENIED,
    ),
    "extension": (
        "create extension dblink",
        (DENIED, errors.FeatureNotSupported),
    ),
    "language": ("create language mine handler plpgsql_call_handler", DENIED),
    "foreign_server": (
        "create server s foreign data wrapper nothing",
        (errors.UndefinedObject, DENIED),
    ),
    "publication": ("create publication p for table marts.dim_date", DENIED),
    "code_block": ("do $$ begin raise notice 'x'; end $$", DENIED),
    "comment": ("comment on table marts.dim_date is 'mine'", DENIED),
    # other schemas
    "landing": ("select * from landing.his__patients", DENIED),
    "raw": ("select * from raw_his.patients", DENIED),
    "staging": ("select * from staging.stg_his__patients", DENIED),
    "intermediate": ("select * from intermediate.patients", DENIED),
    "candidate": ("select * from candidate.dim_patient", DENIED),
    "quarantine": ("select * from quarantine.malformed_rows", DENIED),
    "batches": ("select * from ops.batches", DENIED),
    "decisions": ("select * from ops.decisions", DENIED),
    "bindings": ("select * from ops.reader_bindings", DENIED),
    "bind_himself": ("delete from ops.reader_bindings", DENIED),
    "key": ("select * from ops.pseudonym_key", DENIED),
    "bound_keys": ("select ops.bound_keys('branch')", DENIED),
    "by_xml": ("select query_to_xml('select * from raw_his.patients', true, true, '')",
               DENIED),
    "by_regclass": (
        "select table_to_xml('intermediate.patients'::regclass, true, true, '')",
        DENIED,
    ),
    "whole_database": ("select schema_to_xml('ops', true, true, '')", DENIED),
    # becoming somebody else
    "set_role": ("set role wardline_transformer", DENIED),
    "set_role_loader": ("set role wardline_loader", DENIED),
    "set_role_owner": (f'set role "{OWNER}"', DENIED),
    "session_authorization": ("set session authorization postgres", DENIED),
    "grant_role": ("grant wardline_transformer to wardline_reader", DENIED),
    "grant_schema": ("alter schema marts owner to wardline_reader", DENIED),
    "superuser": ("alter role wardline_reader superuser", DENIED),
    "no_row_security": ("alter role wardline_reader bypassrls", DENIED),
    "create_role": ("create role mine", DENIED),
    "default_privileges": (
        "alter default privileges for role wardline_transformer"
        " grant select on tables to public",
        DENIED,
    ),
    "owner_of_table": ("alter table marts.dim_date owner to wardline_reader", DENIED),
    "drop_policy": ("drop policy readers_see_all on marts.dim_date", DENIED),
    "disable": ("alter table marts.dim_date disable row level security", DENIED),
    # the catalog's secrets
    "passwords": ("select rolpassword from pg_authid", DENIED),
    "shadow": ("select passwd from pg_shadow", DENIED),
    "statistics": ("select * from pg_statistic", DENIED),
    "user_mappings": ("select umoptions from pg_user_mapping", DENIED),
    "subscriptions": ("select subconninfo from pg_subscription", DENIED),
    # files and programs
    "program": ("copy (select 1) to program 'id'", DENIED),
    "read_file": ("copy (select 1) to '/tmp/mine'", DENIED),
    "server_file": ("select pg_read_file('/etc/passwd')", DENIED),
    "server_folder": ("select * from pg_ls_dir('.')", DENIED),
    "hba": ("select * from pg_hba_file_rules", DENIED),
    "settings_file": ("select * from pg_file_settings", DENIED),
    "import": ("select lo_import('/etc/passwd')", DENIED),
    # large objects: a disk to fill
    "large_object": ("select lo_create(0)", DENIED),
    "large_object_of": ("select lo_from_bytea(0, 'x')", DENIED),
    "put": ("select lo_put(1, 0, 'x')", DENIED),
    "open_large_object": ("select lo_open(1, 131072)", DENIED),
    "write_ahead_log": ("select pg_logical_emit_message(false, 'x', 'x')", DENIED),
    # hindering others
    "advisory_lock": ("select pg_advisory_lock(1)", DENIED),
    "try_advisory_lock": ("select pg_try_advisory_xact_lock(1)", DENIED),
    "shared_advisory_lock": ("select pg_advisory_lock_shared(1, 2)", DENIED),
    "terminate": (
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where usename is distinct from current_user and pid <> pg_backend_pid()",
        DENIED,
    ),
    "reload": ("select pg_reload_conf()", DENIED),
    "switch_log": ("select pg_switch_wal()", DENIED),
    "alter_system": ("alter system set work_mem = '1GB'", DENIED),
    "spill": ("set temp_file_limit = -1", DENIED),
    "quiet": ("set log_statement = none", DENIED),
    "notify": ("select pg_notify('a', 'b')", DENIED),
    "checkpoint": ("checkpoint", DENIED),
    "cluster": ("cluster marts.fct_bills", (DENIED, errors.UndefinedObject)),
    "database": ("alter database warehouse set work_mem = '1GB'", DENIED),
    "drop_database": ("drop database warehouse", DENIED),
}  # fmt: skip


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_an_attempt_of_the_reader_fails(reader: psycopg.Connection, attempt):
    statement, refusal = ATTEMPTS[attempt]
    reader.execute("set default_transaction_read_only = off")
    with pytest.raises(refusal):
        reader.execute(statement)


def test_there_are_attempts_enough():
    assert len(ATTEMPTS) >= 40


def test_the_reader_reads_every_mart_and_no_other_table(reader, guarded):
    seen = reader.execute(
        "select table_schema, table_name from information_schema.tables"
        " where table_schema not in ('pg_catalog', 'information_schema')"
    ).fetchall()
    names = {mart.name for mart in marts(manifest(guarded.settings))}
    assert set(seen) == {("marts", name) for name in names}
    for name in names:
        reader.execute(f"select count(*) from marts.{name}")


def test_the_reader_only_reads_unless_he_says_otherwise(reader):
    assert reader.execute("show transaction_read_only").fetchone() == ("on",)


def test_the_reader_passes_nothing_on(reader):
    reader.execute("set default_transaction_read_only = off")
    reader.execute("grant select on marts.dim_patient to public")  # only a warning
    given = (
        "select relacl::text from pg_class where oid = 'marts.dim_patient'::regclass"
    )
    assert ",=r/" not in reader.execute(given).fetchone()[0]


def test_a_long_query_of_the_reader_is_ended(reader):
    assert reader.execute("show statement_timeout").fetchone() == ("1min",)
    reader.execute("set statement_timeout = '50ms'")
    with pytest.raises(errors.QueryCanceled):
        reader.execute("select pg_sleep(5)")


def test_a_reader_who_lifts_his_limits_for_ever_has_them_back_at_the_next_start(
    reader, guarded
):
    reader.execute("set default_transaction_read_only = off")
    reader.execute("alter role wardline_reader set statement_timeout = 0")
    reader.execute("alter role wardline_reader set search_path = pg_temp")
    for setting in ("statement_timeout = 0", "search_path = pg_temp"):
        reader.execute(
            f"alter role wardline_reader in database {DATABASE} set {setting}"
        )
    assert guarded.run("status").returncode == 0
    with guarded.reader() as next_session:
        shown = next_session.execute(
            "select current_setting('statement_timeout'),"
            " current_setting('search_path')"
        ).fetchone()
    assert shown == ("1min", '"$user", public')


def test_so_has_a_login_that_was_granted_the_marts(guarded):
    password = "of a reader"
    ran = guarded.run(
        "grant", "ada", "--everything", "--reason", "a test",
        WARDLINE_LOGIN_PASSWORD=password,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    limits = (
        "select current_setting('statement_timeout'),"
        " current_setting('default_transaction_read_only')"
    )
    with guarded.server.connect("ada", password) as ada:
        ada.execute("set default_transaction_read_only = off")
        for where in ("", f"in database {DATABASE} "):
            ada.execute(f"alter role ada {where}set statement_timeout = 0")
            ada.execute(f"alter role ada {where}set default_transaction_read_only = 0")
    with guarded.server.connect("ada", password) as ada:
        assert ada.execute(limits).fetchone() == ("0", "off")
    assert guarded.run("status").returncode == 0
    with guarded.server.connect("ada", password) as ada:
        assert ada.execute(limits).fetchone() == ("1min", "on")
    assert guarded.run("revoke", "ada", "--reason", "a test").returncode == 0


def test_the_reader_sees_no_statistics_of_values(reader):
    assert reader.execute(
        "select count(*) from pg_stats where schemaname not like 'pg\\_%'"
        " and schemaname <> 'information_schema'"
    ).fetchone() == (0,)


def test_the_reader_sees_no_query_of_others(reader, guarded):
    with guarded.warehouse.connect() as owner:
        owner.execute("select 'a query of the owner'")
        queries = reader.execute("select query from pg_stat_activity").fetchall()
    assert not any("of the owner" in (query or "") for (query,) in queries)


@pytest.mark.parametrize("role", ["wardline_loader", "wardline_transformer"])
def test_nobody_logs_in_as_a_role_that_is_only_taken_on(guarded, role):
    with pytest.raises(psycopg.OperationalError, match="password"):
        guarded.server.connect(role, "")


def test_nobody_logs_in_as_the_reader_without_its_password(guarded):
    with pytest.raises(psycopg.OperationalError, match="password"):
        guarded.server.connect("wardline_reader", "another")


def test_a_login_that_was_granted_nothing_cannot_connect(guarded):
    with guarded.server.superuser() as connection:
        connection.execute("create role stranger login password 'x'")
    with pytest.raises(
        psycopg.OperationalError, match="permission denied for database"
    ):
        guarded.server.connect("stranger", "x")


def test_making_the_roles_again_changes_nothing(guarded):
    def catalog() -> list[tuple]:
        with guarded.server.superuser("warehouse") as connection:
            return connection.execute(
                "select 'role', rolname::text, r.*::text from pg_roles as r"
                " where oid >= 16384"
                " union all select 'schema', nspname, nspacl::text from pg_namespace"
                " union all select 'table', oid::regclass::text, relacl::text"
                " from pg_class where relnamespace::regnamespace::text in"
                " ('marts', 'ops') union all select 'default', oid::text,"
                " defaclacl::text from pg_default_acl order by 1, 2"
            ).fetchall()

    before = catalog()
    assert guarded.run("init-db").returncode == 0
    assert [it for it in catalog() if it not in before and "password" not in it] == []


def test_an_owner_who_may_not_make_the_warehouse_is_told_so_in_a_sentence(guarded):
    with guarded.server.superuser() as superuser:
        superuser.execute("create role poor login password 'x'")
        superuser.execute("create database poor owner poor")
    ran = guarded.run(
        "init-db",
        WARDLINE_DATABASE_URL=f"postgresql://poor:x@127.0.0.1:{guarded.server.port}/poor",
        WARDLINE_DATABASE_PASSWORD_FILE="",
    )
    assert ran.returncode == 3
    assert "CREATEROLE" in ran.stderr
    assert "Traceback" not in ran.stderr
