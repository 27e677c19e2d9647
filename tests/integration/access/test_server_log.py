"""PostgreSQL's log on a server of one's own: it quotes nobody once that is hardened."""

from collections.abc import Iterator

import psycopg
import pytest

from orchestration.warehouse import HARDENING
from tests.conftest import remove_home
from tests.integration.guarded import GuardedHome
from tests.servers import DATABASE, OWNER

MAY_QUOTE = "PostgreSQL's log may quote patients"
PLANTED = "Mrs Weber 0171 2345678"


@pytest.fixture(scope="module")
def home() -> Iterator[GuardedHome]:
    """An empty warehouse, on a server that logs whatever PostgreSQL can log."""
    made = GuardedHome()
    try:
        with made.server.superuser() as superuser:
            superuser.execute("alter system set log_min_duration_statement = 0")
            superuser.execute("select pg_reload_conf()")
        yield made
    finally:
        made.server.stop()
        remove_home(made.path)


@pytest.fixture(scope="module")
def before(home: GuardedHome) -> str:
    """What init-db says before a superuser has run hardening.sql."""
    ran = home.run("init-db")
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def harden(home: GuardedHome) -> None:
    with home.server.superuser(DATABASE) as superuser:
        superuser.execute(HARDENING.read_bytes())


def quoted(home: GuardedHome, by: psycopg.Connection, mark: str) -> set[str]:
    """Ways in which the log quotes a text that someone's statements hold."""
    text = f"{PLANTED} {mark}"
    ways = {
        "a message": (f"select cast('of {text}' as integer)", []),
        "a statement": (f"select '{text}' from no_such_table", []),
        "a slow statement": (f"select pg_sleep(0.01), '{text}'", []),
        "a value sent apart": ("select cast(%s as text)::integer", [text]),
    }
    if by.info.user != "wardline_reader":
        by.execute("create temporary table merged (name text primary key)")
        by.execute("insert into merged values (%s)", [text])
        ways["a key that is there"] = ("insert into merged values (%s)", [text])
    found = set()
    for way, (sql, values) in ways.items():
        start = home.server.log.stat().st_size
        try:
            by.execute(sql, values)
        except psycopg.Error:
            by.execute("select 1")
        with home.server.log.open("rb") as log:
            log.seek(start)
            if text.encode() in log.read():
                found.add(way)
    return found


def sessions(home: GuardedHome) -> Iterator[psycopg.Connection]:
    """Of the owner, as whom Wardline merges, and of a reader."""
    with home.warehouse.connect() as owner:
        owner.autocommit = True
        yield owner
    with home.reader() as reader:
        yield reader


def test_a_log_that_may_quote_is_said_and_does_quote(home, before):
    """So that the next test could fail."""
    assert MAY_QUOTE in before
    assert "log_statement = all" in before
    assert "log_min_duration_statement = 0" in before
    assert str(HARDENING) in before
    owner, reader = (quoted(home, it, "before") for it in sessions(home))
    assert len(owner) == 5
    assert len(reader) == 4


@pytest.mark.usefixtures("before")
def test_a_hardened_warehouse_is_quoted_by_nobodys_errors_or_statements(home):
    harden(home)
    assert MAY_QUOTE not in home.run("init-db").stdout
    for session in sessions(home):
        assert quoted(home, session, "after") == set()


@pytest.mark.usefixtures("before")
@pytest.mark.parametrize(
    "setting", ["log_min_messages = error", "log_error_verbosity = verbose"]
)
def test_whatever_is_lifted_for_wardlines_login_is_said(home, setting):
    harden(home)
    with home.server.superuser() as superuser:
        superuser.execute(f'alter role "{OWNER}" in database {DATABASE} set {setting}')
        said = home.run("init-db").stdout
        superuser.execute(f'alter role "{OWNER}" in database {DATABASE} reset all')
    assert f"({setting})" in said


@pytest.mark.usefixtures("before")
def test_changes_of_tables_may_stay_in_the_log(home):
    with home.server.superuser() as superuser:
        superuser.execute(f"alter database {DATABASE} set log_statement = ddl")
    harden(home)
    assert MAY_QUOTE not in home.run("init-db").stdout
    with home.warehouse.connect() as owner:
        assert owner.execute("show log_statement").fetchone() == ("ddl",)
