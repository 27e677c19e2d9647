"""What a backup says of itself, and what is refused because of it."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from orchestration.backups import manifest, programs
from orchestration.backups.manifest import DUMP, MANIFEST, Manifest, ReaderRole
from orchestration.backups.writing import prune, rows_of
from orchestration.errors import UsageError, WardlineError

HELD = Manifest(
    made_at="2026-03-01T02:00:00+00:00",
    wardline_version="0.1.0",
    server_version=18,
    migrations=[1],
    as_of="2026-02-28 23:59:59",
    rows={"ops.batches": 2},
    owners={"marts.dim_ward": "wardline_transformer"},
    roles=[ReaderRole("otto", True, -1, None, ["wardline_bound_reader"], False, "x")],
    key_salt="00",
    key_proof="00",
    dump_sha256="",
)


def test_a_manifest_is_read_as_it_was_written(tmp_path: Path):
    manifest.write(tmp_path, HELD)
    assert manifest.read(tmp_path) == HELD
    assert (tmp_path / MANIFEST).stat().st_mode & 0o777 == 0o600
    assert "verifier" not in repr(HELD.roles[0])


def test_another_folder_is_no_backup(tmp_path: Path):
    with pytest.raises(UsageError, match="is no backup"):
        manifest.read(tmp_path)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 1}', '{"format": null}'])
def test_a_damaged_manifest_is_refused(tmp_path: Path, text):
    (tmp_path / MANIFEST).write_text(text)
    with pytest.raises(UsageError, match="is damaged"):
        manifest.read(tmp_path)


def test_a_manifest_of_a_newer_release_is_refused(tmp_path: Path):
    (tmp_path / MANIFEST).write_text(
        json.dumps({"format": 2, "wardline_version": "7.0", "new": True})
    )
    with pytest.raises(UsageError, match=r"written by Wardline 7\.0"):
        manifest.read(tmp_path)


@pytest.mark.parametrize("there", [None, b"", b"another"])
def test_a_dump_that_is_not_the_one_that_was_written_is_refused(tmp_path, there):
    (tmp_path / DUMP).write_bytes(b"the dump")
    held = replace(HELD, dump_sha256=manifest.digest(tmp_path / DUMP))
    manifest.require_whole(tmp_path, held)
    (tmp_path / DUMP).unlink()
    if there is not None:
        (tmp_path / DUMP).write_bytes(there)
    with pytest.raises(WardlineError, match="Nothing was changed"):
        manifest.require_whole(tmp_path, held)


def test_an_older_server_is_refused():
    manifest.require_server(HELD, 18)
    manifest.require_server(HELD, 19)
    with pytest.raises(WardlineError, match="restore to 18 or newer"):
        manifest.require_server(HELD, 17)


def test_tables_that_lack_rows_or_are_missing_are_told():
    assert manifest.differences({"a.b": 1, "a.c": 2}, {"a.b": 1, "a.c": 2}) == []
    assert manifest.differences({"a.b": 1, "a.c": 0}, {"a.b": 2}) == [
        "a.b: 2 rows, not 1",
        "a.c: 0 rows, not 0",
    ]


def test_rows_of_a_dump_are_counted_whatever_they_hold():
    text = (
        b"SET statement_timeout = 0;\n"
        b'COPY raw_his."Odd ""name" (a, b) FROM stdin;\n'
        b"COPY marts.dim_ward (a) FROM stdin;\t1\n"
        b"\\\\.\t2\n"
        b"\\.\n"
        b"COPY ops.alert_lock  FROM stdin;\n"
        b"\\.\n"
    )
    assert rows_of(text.splitlines(keepends=True)) == {
        'raw_his.Odd "name': 2,
        "ops.alert_lock": 0,
    }


def test_the_oldest_backups_are_removed_and_nothing_else(tmp_path: Path):
    names = [f"wardline-2026030{day}T020000.012345Z" for day in (3, 1, 2)]
    names[1] = names[1].replace(".012345", "")  # as they were called once
    for name in [*names, "wardline-notes", ".wardline-20260304T020000Z.unfinished"]:
        (tmp_path / name).mkdir()
    (removed,) = prune(tmp_path, 2)
    assert removed.name == names[1]
    assert len(list(tmp_path.iterdir())) == 4
    assert prune(tmp_path, 5) == []


def test_no_program_is_new_enough_for_a_server_of_tomorrow():
    assert programs.find("pg_dump", 16).name == "pg_dump"
    with pytest.raises(WardlineError, match="There is no pg_dump of PostgreSQL 99"):
        programs.find("pg_dump", 99)


def test_a_password_is_in_a_file_and_not_in_the_connection_string():
    with programs.connection("host=h user=u password='pa:ss\\\\word'") as conninfo:
        assert "pa:ss" not in conninfo
        file = Path(conninfo.partition("passfile=")[2].split()[0])
        assert file.stat().st_mode & 0o777 == 0o600
        assert file.read_text() == "*:*:*:*:pa\\:ss\\\\word\n"
    assert not file.exists()


def test_what_a_program_says_is_told_without_a_value(tmp_path: Path):
    with pytest.raises(WardlineError) as told:
        programs.run(programs.find("pg_restore", 16), "--list", str(tmp_path / "no"))
    assert str(told.value).startswith("pg_restore failed (could not open input file")
