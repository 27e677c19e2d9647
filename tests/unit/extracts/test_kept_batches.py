"""Rejected batches: kept, recognised without reading, taken in from what is kept."""

import os
from datetime import datetime

import psycopg
import pytest

from orchestration.extracts.batches import append, reject
from orchestration.extracts.files import ExtractSet, find_extracts
from orchestration.extracts.kept import drop_settled, rejected_before
from orchestration.extracts.ledger import known_batches
from orchestration.warehouse import Role, Warehouse

DAY_1 = datetime(2024, 3, 1, 23, 59, 59)
DAY_2 = datetime(2024, 3, 2, 23, 59, 59)
HEADER = "visit_id,ward,note,colour\n"
NIGHT = HEADER + '1,W1,"two\nlines",red\n2,W1\n3,W2,c,blue\n'


@pytest.fixture
def drop(clinic):
    """The clinic's files lie in a drop folder, for the first of March."""
    folder = clinic.folder / "clinic" / "2024-03-01"
    folder.mkdir(parents=True)
    root, clinic.folder = clinic.folder, folder
    return root


def extracts(clinic, drop) -> ExtractSet:
    [found] = find_extracts(drop, [clinic.contract])
    return found


def rejected(clinic, content: str = NIGHT, as_of: datetime = DAY_1):
    return reject(
        clinic.connection, clinic.contract, "No.", "run-1", as_of, clinic.land(content)
    )


def kept(clinic, drop):
    before = rejected_before(
        clinic.connection, [clinic.contract], extracts(clinic, drop)
    )
    return before["visits"].landed(clinic.contract) if before else None


def kept_tables(clinic) -> list[str]:
    return [
        name
        for (name,) in clinic.rows(
            "select tablename from pg_tables where schemaname = 'landing'"
            " and tablename like 'batch%%' order by 1"
        )
    ]


@pytest.fixture(autouse=True)
def no_kept_tables(clinic):
    for name in kept_tables(clinic):
        clinic.connection.execute(f"drop table landing.{name}")


def test_a_rejected_batch_is_kept_as_it_was_landed(clinic, drop):
    batch = rejected(clinic)
    clinic.land(HEADER + "9,W9,next night,\n", "another.csv")
    assert clinic.rows(
        "select visit_id, note, _extra_1"
        f" from landing.batch_{batch.batch_id} order by 1"
    ) == [("1", "two\nlines", "red"), ("3", "c", "blue")]
    landed = kept(clinic, drop)
    assert (landed.rows_landed, landed.rows_malformed) == (2, 1)
    assert landed.extras == {"_extra_1": "colour"}


@pytest.mark.usefixtures("drop")
def test_it_survives_a_crash_of_the_server(clinic):
    batch = rejected(clinic)
    assert clinic.rows(
        "select relpersistence from pg_class where oid = to_regclass(%s)",
        f"landing.batch_{batch.batch_id}",
    ) == [("p",)]


@pytest.mark.usefixtures("drop")
def test_only_loader_and_transformer_see_it(clinic, warehouse: Warehouse):
    batch = rejected(clinic)
    ask = f"select count(*) from landing.batch_{batch.batch_id}".encode()
    with warehouse.connect(Role.TRANSFORMER) as transformer:
        assert transformer.execute(ask).fetchall() == [(2,)]
    with (
        warehouse.connect(Role.READER) as reader,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        reader.execute(ask)


def test_it_is_taken_in_from_what_is_kept_with_its_lines_and_misfits(clinic, drop):
    batch = rejected(clinic)
    landed = kept(clinic, drop)
    path = clinic.folder / "visits.csv"
    facts = path.stat()
    path.write_text(NIGHT.replace("blue", "gray"))  # as long; nobody may read it
    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    loaded = append(clinic.connection, clinic.contract, landed, DAY_1, "run-2")
    assert (loaded.rows_received, loaded.rows_appended, loaded.rows_malformed) == (
        3, 2, 1,
    )  # fmt: skip
    assert clinic.rows("select visit_id, _extra from raw_clinic.visits order by 1") == [
        ("1", {"colour": "red"}),
        ("3", {"colour": "blue"}),
    ]
    assert clinic.rows(
        "select line_number, row_number from quarantine.malformed_rows"
        " where batch_id = %s", loaded.batch_id,
    ) == [(4, 2)]  # fmt: skip
    assert clinic.rows(
        "select from_row, line_offset from ops.line_offsets where batch_id = %s"
        " order by 1", loaded.batch_id,
    ) == [(1, 1), (2, 2)]  # fmt: skip
    assert f"batch_{batch.batch_id}" not in kept_tables(clinic)
    found = extracts(clinic, drop)
    assert "visits" in known_batches(clinic.connection, [clinic.contract], found)


def test_what_fails_while_it_is_taken_in_leaves_it_kept(clinic, drop, monkeypatch):
    batch = rejected(clinic)
    landed = kept(clinic, drop)

    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("orchestration.extracts.batches.record", killed)
    with pytest.raises(KeyboardInterrupt):
        append(clinic.connection, clinic.contract, landed, DAY_1, "run-2")
    assert kept_tables(clinic) == [f"batch_{batch.batch_id}"]


@pytest.mark.parametrize("changed", ["content", "contract"])
def test_another_file_or_another_contract_is_read_again(clinic, drop, changed):
    rejected(clinic)
    if changed == "content":
        (clinic.folder / "visits.csv").write_text(HEADER)
    else:
        clinic.contract = clinic.by(key=("ward",)).contract
    assert kept(clinic, drop) is None


def test_who_takes_the_file_away_does_not_take_the_batch_away(clinic, drop):
    rejected(clinic)
    (clinic.folder / "visits.csv").unlink()
    (clinic.folder / "other.csv").touch()
    assert kept(clinic, drop).rows_landed == 2


def test_a_batch_refused_unread_is_known_again_by_its_file(clinic, drop):
    path = clinic.folder / "visits.csv"
    path.write_text("")
    reject(clinic.connection, clinic.contract, "Empty.", "run-1", DAY_1, None, path)
    [before] = rejected_before(
        clinic.connection, [clinic.contract], extracts(clinic, drop)
    ).values()
    assert (before.is_settled, before.landed(clinic.contract)) == (False, None)
    path.write_text("x")
    assert kept(clinic, drop) is None


@pytest.mark.usefixtures("drop")
def test_it_is_dropped_when_it_is_settled_and_not_before(clinic):
    rejected(clinic)
    drop_settled(clinic.connection, "clinic")
    assert len(kept_tables(clinic)) == 1
    clinic.load(HEADER, DAY_1)
    drop_settled(clinic.connection, "clinic")
    assert kept_tables(clinic) == []


@pytest.mark.usefixtures("drop")
def test_a_younger_snapshot_lets_go_of_it_once_its_file_is_gone(clinic):
    rejected(clinic)
    path = clinic.folder / "visits.csv"
    clinic.folder = clinic.folder.parent
    clinic.load(HEADER, DAY_2)
    drop_settled(clinic.connection, "clinic")
    assert len(kept_tables(clinic)) == 1
    path.unlink()
    drop_settled(clinic.connection, "clinic")
    assert kept_tables(clinic) == []


@pytest.mark.usefixtures("drop")
def test_a_delta_that_waits_is_let_go_by_no_younger_one(clinic):
    delta = clinic.by(mode="delta")
    rejected(delta)
    (delta.folder / "visits.csv").unlink()
    delta.load(HEADER, DAY_2)
    drop_settled(delta.connection, "clinic")
    assert len(kept_tables(delta)) == 1


@pytest.mark.usefixtures("drop")
def test_each_row_s_line_is_known(clinic):
    content = HEADER + '\n1,W1,"a\nb\nc",\n\n2,W1,plain,\n3,W1\n4,W1,"d\ne",\n5,W1,f,\n'
    landed = clinic.land(content)
    lines = content.split("\n")
    found = {}
    for row, visit in clinic.rows(
        "select _row_number, visit_id from landing.clinic__visits"
    ):
        offset = [it for start, it in landed.lines if start <= row][-1]
        found[visit] = lines[row + offset - 1]
    assert found == {
        "1": '1,W1,"a', "2": "2,W1,plain,", "4": '4,W1,"d', "5": "5,W1,f,"
    }  # fmt: skip
