"""Backup, wreck, restore, refresh: the same marts, readers, record and way back."""

import csv
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest

from orchestration import embedded
from orchestration.settings import REPOSITORY
from orchestration.warehouse import locate
from serving import keys, users
from simulator import simulate
from tests.conftest import Home, remove_home

pytestmark = pytest.mark.long

PASSWORD = "correct horse battery staple"


class Kept:
    """A hospital's home, and what was there before it was wrecked."""

    def __init__(self) -> None:
        self.home = Home()
        self.folder = self.home.path.with_name(f"{self.home.path.name}-kept")
        self.folder.mkdir()
        self.during: list[subprocess.CompletedProcess] = []
        self.backup = Path()
        self.before: dict[str, Any] = {}
        self.key = ""

    def command(self, *arguments: str, **environment: str) -> str:
        ran = self.home.run(*arguments, **environment)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout

    def owner(self) -> psycopg.Connection:
        return locate(self.home.settings).connect()

    def reader(self, login: str) -> psycopg.Connection:
        folder = embedded.socket_folder(self.home.path)
        return psycopg.connect(host=str(folder), user=login, dbname="postgres")

    def seen(self, connection: psycopg.Connection) -> dict[str, list[Any]]:
        """Every row of every mart that somebody may read."""
        with connection:
            names = connection.execute(
                "select tablename from pg_tables where schemaname = 'marts' order by 1"
            ).fetchall()
            return {
                name: sorted(
                    connection.execute(f"select t::text from marts.{name} t").fetchall()
                )
                for (name,) in names
            }

    def record(self) -> dict[str, list[Any]]:
        """What has to be the same for ever: raw, the record, what was kept."""
        with self.owner() as connection:
            tables = connection.execute(
                "select format('%I.%I', schemaname, tablename) from pg_tables where"
                " schemaname in ('ops', 'serving', 'history')"
                " or schemaname like 'raw\\_%'"
                " or tablename in ('malformed_rows', 'failing_keys')"
                " or tablename like 'batch\\_%' order by 1"
            ).fetchall()
            return {
                table: sorted(
                    connection.execute(f"select t::text from {table} as t").fetchall()
                )
                for (table,) in tables
            }


def _deliver_second_night(home: Home) -> None:
    """A night with fewer appointments, and wards whose keys occur twice."""
    folder = home.extracts / "his" / "2026-03-01"
    shutil.copytree(home.extracts / "his" / "2026-02-28", folder)
    lines = (folder / "appointments.csv").read_text().splitlines(keepends=True)
    (folder / "appointments.csv").write_text("".join(lines[:-40]))
    wards = (folder / "wards.csv").read_text()
    (folder / "wards.csv").write_text(wards + wards.splitlines()[1] + "\n")


def _back_up_meanwhile(kept: Kept) -> None:
    """Refresh, and take backups for as long as it runs."""
    refresh = subprocess.Popen(
        [sys.executable, "-m", "orchestration.cli", "refresh"],
        cwd=REPOSITORY,
        env=os.environ
        | {"WARDLINE_HOME": str(kept.home.path), "WARDLINE_ON_REJECT": "publish"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    while refresh.poll() is None:
        kept.during.append(kept.home.run("backup", str(kept.folder / "during")))
    said, _ = refresh.communicate()
    assert refresh.returncode == 0, said


@pytest.fixture(scope="module")
def kept() -> Iterator[Kept]:
    """Two nights published, readers let in, backed up, wrecked."""
    it = Kept()
    try:
        simulate(
            it.home.extracts, end=date(2026, 2, 28), days=31, beds=36, branches=2,
            seed=5,
        )  # fmt: skip
        it.home.refresh()
        with it.owner() as connection:
            branch = connection.execute("select min(branch_key) from marts.dim_branch")
            (place,) = branch.fetchone() or ()
        why = ("--reason", "a test")
        it.command("grant", "otto", "--branch", place, *why)
        it.command("grant", "anna", "--everything", *why)
        it.command(
            "user", "add", "eva", "--branch", place, *why,
            WARDLINE_LOGIN_PASSWORD=PASSWORD,
        )  # fmt: skip
        said = it.command("api-key", "create", "--name", "a test", *why)
        it.key = next(word for word in said.split() if len(word) > 40)
        _deliver_second_night(it.home)
        _back_up_meanwhile(it)
        said = it.command("backup", str(it.folder), "--keep", "2")
        it.backup = Path(said.partition(": ")[0])
        it.before = {
            "record": it.record(),
            "marts": it.seen(it.owner()),
            "otto": it.seen(it.reader("otto")),
            "anna": it.seen(it.reader("anna")),
        }
        shutil.copy(it.home.settings.pseudonym_key_path, it.folder / "key")
        shutil.copytree(
            it.home.extracts, it.folder / "extracts", copy_function=shutil.copy2
        )
        with it.owner() as connection:
            connection.execute("drop schema ops, marts, raw_his cascade")
        embedded.stop(it.home.path)
        shutil.rmtree((it.home.path / "postgres").resolve())
        shutil.rmtree(it.home.path)
        it.home.path.mkdir()
        yield it
    finally:
        remove_home(it.home.path)
        shutil.rmtree(it.folder)


@pytest.fixture(scope="module")
def restored(kept: Kept) -> Kept:
    """The backup, put back into a home with the key."""
    refused = kept.home.run("restore", str(kept.backup), "--reason", "a test")
    assert refused.returncode == 2
    assert "pseudonym.key is missing" in refused.stderr
    shutil.copy(kept.folder / "key", kept.home.settings.pseudonym_key_path)
    shutil.copytree(
        kept.folder / "extracts", kept.home.extracts, copy_function=shutil.copy2
    )
    said = kept.command("restore", str(kept.backup), "--reason", "the disk broke")
    assert "as of 2026-03-01" in said
    return kept


def test_backups_beside_a_refresh_are_whole(kept: Kept):
    assert len(kept.during) > 1
    for ran in kept.during:
        assert ran.returncode == 0, ran.stdout + ran.stderr
        assert "read again and whole" in ran.stdout


def test_a_backup_is_its_owners_alone_and_without_the_key(kept: Kept):
    assert kept.backup.stat().st_mode & 0o777 == 0o700
    files = {it.name: it.stat().st_mode & 0o777 for it in kept.backup.iterdir()}
    assert files == {"manifest.json": 0o600, "warehouse.dump": 0o600}
    assert len(kept.before["record"]["ops.pseudonym_key"]) == 1


def test_raw_the_record_and_kept_batches_are_as_they_were(restored: Kept):
    before, after = kept_record(restored)
    assert any(table.startswith("landing.batch_") for table in before)
    assert len(before["ops.decisions"]) >= 6
    assert after == before


def kept_record(restored: Kept) -> tuple[dict[str, Any], dict[str, Any]]:
    """Both records, without the decision that the restoring itself is."""
    after = restored.record()
    after["ops.decisions"] = [
        row for row in after["ops.decisions"] if ",restore," not in row[0]
    ]
    return restored.before["record"], after


def test_the_marts_are_as_they_were_before_and_after_a_refresh(restored: Kept):
    assert restored.seen(restored.owner()) == restored.before["marts"]
    said = restored.home.refresh(WARDLINE_ON_REJECT="publish")
    assert "No new batches" in said
    after = restored.seen(restored.owner())
    assert after.pop("publication")
    assert after == {
        mart: rows
        for mart, rows in restored.before["marts"].items()
        if mart != "publication"
    }


@pytest.mark.parametrize("login", ["otto", "anna"])
def test_readers_see_their_rows_and_no_others(restored: Kept, login):
    seen = restored.seen(restored.reader(login))
    expected = restored.before[login]
    assert len(expected["fct_admissions"]) > 0
    for mart in expected.keys() - {"publication"}:
        assert seen[mart] == expected[mart], mart
    everything = restored.before["marts"]["fct_admissions"]
    assert (len(seen["fct_admissions"]) < len(everything)) == (login == "otto")


def test_a_reader_still_cannot_write_or_read_other_layers(restored: Kept):
    for attempt in ("delete from marts.dim_ward", "select * from raw_his.patients"):
        with (
            restored.reader("anna") as connection,
            pytest.raises(psycopg.Error, match=r"permission denied|read-only"),
        ):
            connection.execute(attempt.encode())


def test_keys_and_users_open_what_they_did(restored: Kept):
    server = locate(restored.home.settings).server_conninfo
    with psycopg.connect(server) as connection:
        found = keys.find_key(connection, restored.key)
        assert found
        eva = users.find_user(connection, "eva")
        assert eva
        connection.execute(f'set role "{eva.role_name}"')
        (rows,) = connection.execute(
            "select count(*) from marts.fct_admissions"
        ).fetchone()
    assert rows == len(restored.before["otto"]["fct_admissions"])


def test_the_record_is_append_only_again(restored: Kept):
    with (
        restored.owner() as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege, match="append only"),
    ):
        connection.execute("delete from ops.decisions")


def test_the_restoring_is_on_record(restored: Kept):
    assert "the disk broke" in restored.command("history")


def test_an_earlier_publication_can_be_put_back(restored: Kept):
    lines = restored.home.extracts / "his" / "2026-02-28" / "appointments.csv"
    with lines.open(newline="") as stream:
        first_night = sum(1 for _ in csv.reader(stream)) - 1
    restored.command("rollback", "--to", "1", "--reason", "a test")
    back = restored.seen(restored.owner())["fct_appointments"]
    before = restored.before["marts"]["fct_appointments"]
    assert len(before) < len(back) <= first_night


def test_a_warehouse_that_is_not_empty_is_replaced_by_force_only(restored: Kept):
    refused = restored.home.run("restore", str(restored.backup), "--reason", "a test")
    assert refused.returncode == 2
    assert "not empty" in refused.stderr
    restored.command("restore", str(restored.backup), "--force", "--reason", "a test")
    assert restored.seen(restored.owner()) == restored.before["marts"]
    _, after = kept_record(restored)
    assert after == restored.before["record"]


def test_only_the_backups_to_keep_are_kept(kept: Kept):
    kept.command("backup", str(kept.folder / "few"), "--keep", "1")
    kept.command("backup", str(kept.folder / "few"), "--keep", "1", "--with-key")
    (left,) = (kept.folder / "few").iterdir()
    key = left / "pseudonym.key"
    assert key.stat().st_mode & 0o777 == 0o600
    assert key.read_bytes() == (kept.folder / "key").read_bytes()
