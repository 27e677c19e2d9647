"""wardline_server: what its login may, and what nobody gains by what it may."""

import psycopg
import pytest
from psycopg import errors

from orchestration import accounts
from orchestration.readers import Binding
from tests.integration.guarded import GuardedHome
from tests.integration.serving.doors import Doors
from tests.servers import DATABASE

DENIED = errors.InsufficientPrivilege
COUNT = "select count(distinct department_key) from marts.fct_bills"


@pytest.fixture(scope="module")
def role(guarded: GuardedHome, doors: Doors, places) -> str:
    """The role of a key that is bound to one department."""
    key_id, _ = doors.numbered_key(Binding(department_keys=(places.own,)))
    with guarded.warehouse.connect() as owner:
        return owner.execute(
            "select role_name from serving.api_keys where key_id = %s", [key_id]
        ).fetchone()[0]


@pytest.fixture
def server(doors: Doors):
    with psycopg.connect(doors.conninfo, autocommit=True) as session:
        session.execute("set default_transaction_read_only = off")
        yield session


@pytest.mark.parametrize(
    "statement",
    [
        "select * from marts.fct_bills",
        "select * from marts.publication",
        "select * from raw_his.patients",
        "select * from candidate.dim_patient",
        "select * from ops.batches",
        "select * from ops.decisions",
        "select * from ops.run_events",
        "select * from ops.reader_bindings",
        "select * from ops.pseudonym_key",
        "select * from quarantine.malformed_rows",
        "select * from quarantine.quarantined_rows",
        "select ops.bound_keys('branch')",
        "select ops.reader_name()",
        "insert into serving.api_keys values (default)",
        "update serving.user_versions set is_disabled = false",
        "delete from serving.revoked_api_keys",
        "create table serving.mine (a int)",
        "create temporary table mine (a int)",
        "set role wardline_transformer",
        "set role wardline_loader",
        "set role wardline_bound_reader",
        "set session authorization postgres",
        "grant wardline_reader to wardline_server with inherit true",
        "alter role wardline_server superuser",
        "select lo_create(0)",
        "select pg_read_file('/etc/passwd')",
    ],
)
def test_without_a_role_it_sees_and_does_nothing(server, statement):
    with pytest.raises(DENIED):
        server.execute(statement)


def test_it_reads_keys_users_and_the_record_and_no_other_table(server):
    seen = server.execute(
        "select table_schema, table_name from information_schema.table_privileges"
        " where grantee = 'wardline_server'"
    ).fetchall()
    assert set(seen) == {
        ("serving", name)
        for name in (
            *("api_keys", "revoked_api_keys", "user_versions"),
            *("runs", "gates", "findings", "batches", "quarantine", "malformed"),
            *("accounts", "open_alerts"),
        )
    }


def test_a_record_of_keys_and_users_cannot_be_changed_by_the_owner_either(guarded):
    with guarded.warehouse.connect() as owner, pytest.raises(DENIED):
        owner.execute("update serving.user_versions set is_disabled = false")


def test_with_a_role_it_sees_what_the_role_does(server, role):
    server.execute(f"set role {role}")
    assert server.execute(COUNT).fetchone() == (1,)
    server.execute("set debug_parallel_query = on")
    assert server.execute(COUNT).fetchone() == (1,)
    server.execute("set role wardline_reader")
    assert server.execute(COUNT).fetchone()[0] > 2
    server.execute("reset role")
    with pytest.raises(DENIED):
        server.execute(COUNT)


def test_a_role_whose_binding_is_gone_sees_nothing(server, role, guarded):
    with guarded.warehouse.connect() as owner:
        owner.execute("create table kept as select * from ops.reader_bindings")
        owner.execute("delete from ops.reader_bindings")
        owner.commit()
        try:
            server.execute(f"set role {role}")
            assert server.execute(COUNT).fetchone() == (0,)
        finally:
            owner.execute("insert into ops.reader_bindings select * from kept")
            owner.execute("drop table kept")


def test_nobody_logs_in_as_the_role_of_a_key(guarded, role):
    with pytest.raises(psycopg.OperationalError):
        guarded.server.connect(role, "")


def test_nobody_logs_in_as_the_server_without_its_password(guarded):
    with pytest.raises(psycopg.OperationalError, match="password"):
        guarded.server.connect("wardline_server", "another")


def test_another_login_gains_nothing_by_a_role_of_the_server(guarded, role, places):
    """Whoever logs in himself sees his own rows, whichever role he takes on."""
    ran = guarded.run(
        "grant", "taker", "--department", places.far, "--reason", "a test",
        WARDLINE_LOGIN_PASSWORD="of a taker",
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    own = f"{COUNT} where department_key = '{places.far}'"
    with guarded.server.connect("taker", "of a taker") as taker:
        with pytest.raises(DENIED):
            taker.execute(f"set role {role}")
        with pytest.raises(DENIED):
            taker.execute("set role wardline_server")
        with guarded.server.superuser(DATABASE) as superuser:
            superuser.execute(f"grant {role} to taker with set true")
        taker.execute(f"set role {role}")
        assert taker.execute(COUNT).fetchone() == (1,)
        assert taker.execute(own).fetchone() == (1,)
        with guarded.server.superuser(DATABASE) as superuser:
            superuser.execute(f"revoke {role} from taker")


@pytest.mark.parametrize("command", ["grant", "revoke"])
def test_the_servers_login_is_no_readers(guarded, command):
    everything = ["--everything"] if command == "grant" else []
    ran = guarded.run(command, "wardline_server", *everything, "--reason", "x")
    assert ran.returncode == 2
    assert "wardline_server" in ran.stderr
    with psycopg.connect(guarded.warehouse.server_conninfo) as server:
        server.execute("set role wardline_reader")


def test_who_is_a_member_of_the_server_is_refused_as_a_reader(guarded):
    with guarded.server.superuser(DATABASE) as superuser:
        superuser.execute("create role twin login password 'x' in role wardline_server")
    ran = guarded.run("grant", "twin", "--everything", "--reason", "x")
    with guarded.server.superuser(DATABASE) as superuser:
        superuser.execute("drop role twin")
    assert ran.returncode == 2
    assert "wardline_server" in ran.stderr


def test_the_roles_that_may_log_in_are_the_owner_the_reader_and_the_server(hospital):
    logins = hospital.rows(
        "select rolname from pg_roles where rolcanlogin and rolname like 'wardline%'"
        " order by 1",
        None,
    )
    assert logins == [("wardline_reader",), ("wardline_server",)]


def test_grants_name_the_server_for_what_it_is(guarded):
    shown = " ".join(guarded.run("grants").stdout.split())
    assert "wardline_server" in shown
    assert "what its keys and users may see" in shown.replace("│ ", "")


def test_a_role_ends_with_its_key_and_with_its_user(guarded, doors: Doors, places):
    binding = Binding(branch_keys=(places.north,))
    key_id, _ = doors.numbered_key(binding)
    doors.user("changer", binding)
    doors.user("changer", Binding(department_keys=(places.own,)))
    doors.revoke(key_id)
    doors.disable("changer")
    with guarded.warehouse.connect() as owner:
        left = owner.execute(
            "select rolname from pg_roles where rolname ~ '^wardline_(key|user)_'"
        ).fetchall()
        keys = [it for it in accounts.keys.all_keys(owner) if not it.revoked_at]
        users = [it for it in accounts.users.all_users(owner) if not it.is_disabled]
        used = {it.role_name for it in [*keys, *users]}
        bound = {
            it for it in accounts.bindings(owner)
            if it.startswith(("wardline_key_", "wardline_user_"))
        }  # fmt: skip
    assert {name for (name,) in left} == bound == used - {"wardline_reader"}
