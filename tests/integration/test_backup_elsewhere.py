"""A backup of a server with passwords, put back on another by an owner who is none."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.conftest import Home, remove_home
from tests.integration.guarded import KEY, GuardedHome

PASSWORD = "of a reader"


class Moved:
    """The backup, and the two homes between which it went."""

    def __init__(self, source: GuardedHome, folder: Path) -> None:
        self.source, self.target = source, GuardedHome()
        with source.warehouse.connect() as connection:
            branches = connection.execute("select branch_key from marts.dim_branch")
            self.branch = min(branches.fetchall())[0]
        for login, seen in (
            ("moved plain", ["--everything"]),
            ("moved bound", ["--branch", self.branch]),
        ):
            granted = source.run(
                "grant", login, *seen, "--reason", "a test",
                WARDLINE_LOGIN_PASSWORD=PASSWORD,
            )  # fmt: skip
            assert granted.returncode == 0, granted.stderr
        made = source.watched("backup", str(folder))
        assert made.returncode == 0, made.stdout + made.stderr
        (self.backup,) = folder.iterdir()

    def restore(self, *arguments: str) -> Any:
        return self.target.watched(
            "restore", str(self.backup), "--reason", "a test", *arguments
        )


@pytest.fixture(scope="module")
def moved(guarded: GuardedHome, tmp_path_factory) -> Iterator[Moved]:
    it = Moved(guarded, tmp_path_factory.mktemp("backups"))
    try:
        restored = it.restore()
        assert restored.returncode == 0, restored.stdout + restored.stderr
        assert "without a password" in restored.stdout
        prepared = it.target.run("init-db")
        assert prepared.returncode == 0, prepared.stderr
        with it.target.server.superuser() as connection:
            connection.execute(f"""alter role "moved bound" password '{PASSWORD}'""")
        yield it
    finally:
        it.target.server.stop()
        remove_home(it.target.path)


def rows(connection: psycopg.Connection, mart: str) -> list[Any]:
    return sorted(
        connection.execute(f"select t::text from marts.{mart} as t").fetchall()
    )


@pytest.mark.parametrize("mart", ["fct_admissions", "dim_patient", "billing_monthly"])
def test_the_marts_are_the_same(moved: Moved, mart):
    with moved.source.reader() as there, moved.target.reader() as here:
        assert rows(here, mart) == rows(there, mart)


def test_a_bound_reader_sees_his_rows_and_no_others(moved: Moved):
    with moved.target.reader() as everybody:
        expected = [
            row for row in rows(everybody, "fct_bed_stays") if moved.branch in row[0]
        ]
        everything = rows(everybody, "fct_bed_stays")
    assert 0 < len(expected) < len(everything)
    with moved.target.server.connect("moved bound", PASSWORD) as bound:
        assert rows(bound, "fct_bed_stays") == expected
        assert rows(bound, "dim_patient") == []


def test_owners_and_rights_are_those_of_the_first_server(moved: Moved):
    asked = (
        "select c.oid::regclass::text, pg_get_userbyid(c.relowner), acl.grantee,"
        " acl.privilege_type from pg_class as c cross join lateral (select"
        " grantee::regrole::text, privilege_type from aclexplode(c.relacl)"
        " where grantee <> 0) as acl where c.relnamespace::regnamespace::text in"
        " ('ops', 'serving', 'marts', 'history', 'raw_his') order by 1, 3, 4"
    )
    found = []
    for home in (moved.source, moved.target):
        with home.warehouse.connect() as connection:
            found.append(connection.execute(asked).fetchall())
    assert len(found[0]) > 100
    assert found[0] == found[1]


def test_a_refresh_goes_on_from_there(moved: Moved):
    extracts = str(moved.source.extracts)
    with moved.target.reader() as reader:
        before = rows(reader, "fct_admissions")
    moved.target.refresh("--extracts", extracts)
    with moved.target.reader() as reader:
        assert rows(reader, "fct_admissions") == before


def test_no_password_was_on_a_command_line_or_in_the_backup(moved: Moved):
    for home in (moved.source, moved.target):
        lines = "\n".join(home.command_lines)
        assert home.server.owners_password not in lines
        assert "pg_dump" in lines or "pg_restore" in lines
    for file in moved.backup.iterdir():
        held = file.read_bytes()
        assert KEY.encode() not in held
        assert moved.source.server.owners_password.encode() not in held


def test_a_damaged_backup_changes_nothing(moved: Moved, tmp_path: Path):
    broken = tmp_path / "broken"
    broken.mkdir()
    for file in moved.backup.iterdir():
        (broken / file.name).write_bytes(file.read_bytes())
    with (broken / "warehouse.dump").open("r+b") as dump:
        dump.seek(2000)
        dump.write(b"damaged")
    refused = moved.target.run("restore", str(broken), "--force", "--reason", "a test")
    assert refused.returncode == 3
    assert "damaged" in refused.stderr
    with moved.target.reader() as reader:
        assert rows(reader, "fct_admissions")


def test_with_the_key_lost_every_pseudonym_is_another(moved: Moved):
    home = Home()
    try:
        lost = home.run("restore", str(moved.backup), "--reason", "a test")
        assert lost.returncode == 2
        assert "pseudonym.key is missing" in lost.stderr
        took = home.run(
            "restore", str(moved.backup), "--new-key", "--reason", "the key is lost"
        )
        assert took.returncode == 0, took.stderr
        home.refresh("--extracts", str(moved.source.extracts))
        with moved.source.reader() as reader:
            patients = "select patient_key from marts.dim_patient"
            before = reader.execute(patients).fetchall()
        after = home.rows(patients)
        assert len(after) == len(before)
        assert not set(after) & set(before)
    finally:
        remove_home(home.path)
