"""A warehouse of an earlier release, upgraded: the same marts as a new one's."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from orchestration import embedded
from orchestration.settings import REPOSITORY
from tests.conftest import Home, remove_home
from tests.integration.guarded import KEY

pytestmark = pytest.mark.long

FIXTURES = REPOSITORY / "tests" / "fixtures"
NIGHTS = ("2024-11-29", "2024-11-30")
# Moments and numbers of publications differ from run to run.
OWN_OF_EACH = {"publication"}
_SHAPE = {
    "columns": "select table_schema, table_name, column_name, data_type, is_nullable,"
    " column_default, is_identity from information_schema.columns"
    " where table_schema in ('ops', 'serving', 'history', 'marts', 'quarantine')"
    " or table_schema like 'raw\\_%'",
    "constraints": "select conrelid::regclass::text, pg_get_constraintdef(oid)"
    " from pg_constraint where contype in ('p', 'u', 'f', 'c') and"
    " connamespace::regnamespace::text in ('ops', 'serving', 'history')",
    "rights": "select c.oid::regclass::text, pg_get_userbyid(c.relowner)::text,"
    " acl.grantee::regrole::text, acl.privilege_type from pg_class as c"
    " cross join lateral aclexplode(c.relacl) as acl where relnamespace::regnamespace"
    "::text in ('ops', 'serving', 'marts', 'history') and acl.grantee <> 0",
    "triggers": "select tgrelid::regclass::text, tgname from pg_trigger"
    " where not tgisinternal",
    "policies": "select schemaname, tablename, policyname, permissive, roles::text,"
    " cmd, qual from pg_policies",
    "migrations": "select number, name from ops.migrations",
}


class KeyedHome(Home):
    """A home whose pseudonyms have the key of the fixture."""

    def run(self, *arguments: str, **environment: str) -> Any:
        keyed = {"WARDLINE_PSEUDONYM_KEY": KEY}
        return super().run(*arguments, **(keyed | environment))

    def ask(self, sql: str) -> set[str]:
        """Rows as lines of CSV."""
        folder = embedded.socket_folder(self.path)
        return set(_psql(folder, "--csv", "--tuples-only", "--command", sql))

    def mart_names(self) -> list[str]:
        return sorted(
            self.ask("select tablename from pg_tables where schemaname = 'marts'")
        )


def _psql(folder: Path, *arguments: str) -> list[str]:
    ran = subprocess.run(
        [
            embedded.binaries() / "psql", "--no-psqlrc", "--quiet",
            "--variable=ON_ERROR_STOP=1", f"--host={folder}", "--username=postgres",
            *arguments,
        ],
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.splitlines()


def _deliver(home: Home) -> None:
    """The two nights that the fixture took in."""
    for night in NIGHTS:
        folder = home.extracts / "his" / night
        shutil.copytree(FIXTURES / "his", folder)
    file = folder / "appointments.csv"
    text = file.read_text()
    assert text.count(",20,No-show,") == 1
    file.write_text(text.replace(",20,No-show,", ",20,Completed,"))


@pytest.fixture(scope="module")
def fresh() -> Iterator[KeyedHome]:
    home = KeyedHome()
    _deliver(home)
    home.refresh()
    yield home
    remove_home(home.path)


def releases() -> list[pytest.param]:
    return [
        pytest.param(file, id=file.stem)
        for file in sorted((FIXTURES / "releases").glob("*.sql"))
    ]


@pytest.fixture(scope="module", params=releases())
def upgraded(request) -> Iterator[KeyedHome]:
    """Restored from an earlier release's dump, upgraded and refreshed by this one."""
    home = KeyedHome()
    _deliver(home)
    _psql(embedded.start(home.path), f"--file={request.param}")
    home.refresh()
    yield home
    remove_home(home.path)


def test_raw_was_not_taken_in_again(upgraded: KeyedHome):
    appended = "select sum(rows_appended) from ops.batches"
    assert upgraded.ask(appended) == {"124"}


def test_the_marts_are_those_of_a_new_warehouse(upgraded, fresh):
    marts = [name for name in fresh.mart_names() if name not in OWN_OF_EACH]
    assert len(marts) > 20
    for mart in marts:
        rows = f"select * from marts.{mart}"
        assert upgraded.ask(rows) == fresh.ask(rows), mart


@pytest.mark.parametrize("shape", _SHAPE)
def test_the_tables_are_those_of_a_new_warehouse(upgraded, fresh, shape):
    there = fresh.ask(_SHAPE[shape])
    assert there
    assert upgraded.ask(_SHAPE[shape]) == there


def test_the_record_of_the_earlier_release_is_kept(upgraded):
    outcomes = "select count(*) from ops.run_events where event = 'published'"
    assert upgraded.ask(outcomes) == {"3"}
