"""What a batch adds to raw, night by night, and what the ledger says of it."""

from datetime import datetime, timedelta

import psycopg
import pytest

from orchestration.extracts import batches
from orchestration.extracts.appending import Appended
from orchestration.extracts.batches import append, reject
from orchestration.extracts.contract import Column
from orchestration.extracts.errors import AccountingError
from orchestration.extracts.files import find_extracts
from orchestration.extracts.ledger import has_younger, known_batches
from orchestration.extracts.raw_tables import ensure_raw_tables

DAY_1 = datetime(2024, 3, 1, 23, 59, 59)
DAY_2, DAY_3, DAY_4 = (DAY_1 + timedelta(days=n) for n in (1, 2, 3))
HEADER = "visit_id,ward,note\n"
NIGHT_1 = HEADER + "1,W1,a\n2,W2,b\n3,W3,c\n"


def counts(result):
    return (
        result.rows_received, result.rows_appended, result.rows_unchanged,
        result.rows_malformed, result.rows_deleted,
    )  # fmt: skip


@pytest.fixture(params=["raw is not there yet", "raw is there and empty"])
def first_night(request, clinic):
    if "empty" in request.param:
        ensure_raw_tables(clinic.connection, [clinic.contract])
    return clinic


def test_the_first_batch_is_appended_whole(first_night):
    result = first_night.load(NIGHT_1 + "4,W4\n")
    assert counts(result) == (4, 3, 0, 1, 0)
    rows = first_night.rows("select * from raw_clinic.visits order by _row_number")
    assert [row[:6] for row in rows] == [
        ("1", "W1", "a", None, result.batch_id, 1),
        ("2", "W2", "b", None, result.batch_id, 2),
        ("3", "W3", "c", None, result.batch_id, 3),
    ]
    assert {row[7:] for row in rows} == {(DAY_1, False)}


def test_raw_has_the_same_columns_however_it_came_about(clinic):
    described = (
        "select column_name, data_type, is_nullable from information_schema.columns"
        " where table_schema = 'raw_clinic' order by ordinal_position"
    )
    ensure_raw_tables(clinic.connection, [clinic.contract])
    made = clinic.rows(described)
    clinic.connection.execute("drop schema raw_clinic cascade")
    clinic.load(NIGHT_1)
    assert clinic.rows(described) == made
    assert ("_row_hash", "bigint", "NO") in made


def test_a_raw_table_that_something_depends_on_is_filled_where_it_is(clinic):
    ensure_raw_tables(clinic.connection, [clinic.contract])
    clinic.connection.execute(
        "create view raw_clinic.seen as select * from raw_clinic.visits"
    )
    assert counts(clinic.load(NIGHT_1)) == (3, 3, 0, 0, 0)
    assert clinic.rows("select count(*) from raw_clinic.seen") == [(3,)]


def test_the_same_bytes_for_the_same_moment_change_nothing(clinic):
    first = clinic.load(NIGHT_1)
    again = clinic.load(NIGHT_1)
    assert (again.status, again.batch_id) == ("known", first.batch_id)
    assert counts(again) == (3, 0, 3, 0, 0)
    assert clinic.rows("select count(*) from ops.batches") == [(1,)]
    assert clinic.rows("select count(*) from raw_clinic.visits") == [(3,)]


def test_the_next_night_adds_only_what_is_new_or_changed(clinic):
    clinic.load(NIGHT_1)
    result = clinic.load(HEADER + "1,W1,a\n2,W9,b\n3,W3,c\n4,W4,d\n", DAY_2)
    assert counts(result) == (4, 2, 2, 0, 0)
    assert clinic.rows(
        "select visit_id, ward, _row_number from raw_clinic.visits"
        " where _batch_id = %s order by 1", result.batch_id,
    ) == [("2", "W9", 2), ("4", "W4", 4)]  # fmt: skip


def test_the_same_rows_the_next_night_are_an_accepted_batch_that_adds_none(clinic):
    clinic.load(NIGHT_1)
    result = clinic.load(NIGHT_1, DAY_2)
    assert (result.status, counts(result)) == ("accepted", (3, 0, 3, 0, 0))


def test_a_snapshot_buries_the_keys_that_vanished(clinic):
    clinic.load(NIGHT_1)
    result = clinic.load(HEADER + "1,W1,a\n3,W3,c\n", DAY_2)
    assert counts(result) == (2, 0, 2, 0, 1)
    assert clinic.rows(
        "select visit_id, ward, note, _row_number, _as_of from raw_clinic.visits"
        " where _is_deleted"
    ) == [("2", None, None, 0, DAY_2)]
    assert [row[0] for row in clinic.current()] == ["1", "3"]


def test_a_key_is_buried_once_and_may_return(clinic):
    clinic.load(NIGHT_1)
    clinic.load(HEADER + "1,W1,a\n", DAY_2)
    assert counts(clinic.load(HEADER + "1,W1,a\n9,W9,z\n", DAY_3)) == (2, 1, 1, 0, 0)
    assert counts(clinic.load(NIGHT_1, DAY_4)) == (3, 2, 1, 0, 1)
    assert [row[0] for row in clinic.current()] == ["1", "2", "3"]


def test_a_header_alone_buries_all(clinic):
    clinic.load(NIGHT_1)
    assert counts(clinic.load(HEADER, DAY_2)) == (0, 0, 0, 0, 3)
    assert clinic.current() == []


def test_a_delta_only_adds_and_changes_and_each_of_its_rows_is_kept(clinic):
    delta = clinic.by(mode="delta")
    delta.load(NIGHT_1)
    assert counts(delta.load(HEADER + "2,W9,b\n3,W3,c\n", DAY_2)) == (2, 2, 0, 0, 0)
    assert [row[:2] for row in delta.current()] == [
        ("1", "W1"), ("2", "W9"), ("3", "W3"),
    ]  # fmt: skip


def test_other_bytes_for_the_same_moment_supersede(clinic):
    clinic.load(NIGHT_1)
    result = clinic.load(HEADER + "1,W1,a\n2,W2,B\n")
    assert counts(result) == (2, 1, 1, 0, 1)
    assert clinic.current() == [("1", "W1", "a"), ("2", "W2", "B")]
    assert counts(clinic.load(NIGHT_1)) == (3, 2, 1, 0, 0)


def test_a_value_that_moves_to_another_column_is_a_change(clinic):
    clinic.load(HEADER + "1,x,\n2,a,b\n")
    assert counts(clinic.load(HEADER + "1,,x\n2,b,a\n", DAY_2)) == (2, 2, 0, 0, 0)


def test_columns_that_change_places_are_no_change(clinic):
    clinic.load(NIGHT_1)
    moved = "note,visit_id,ward\na,1,W1\nb,2,W2\nc,3,W3\n"
    assert counts(clinic.load(moved, DAY_2)) == (3, 0, 3, 0, 0)


def test_a_late_extract_is_compared_with_its_own_time(clinic):
    clinic.load(NIGHT_1)
    clinic.load(HEADER + "1,W3,a\n", DAY_3)
    result = clinic.load(HEADER + "1,W2,a\n2,W2,b\n3,W3,c\n", DAY_2)
    assert counts(result) == (3, 1, 2, 0, 0)
    assert clinic.current() == [("1", "W3", "a")]


def test_a_late_extract_leaves_the_younger_ones_as_they_were(clinic):
    youngest = HEADER + "1,W1,a\n3,W3,c\n"
    clinic.load(HEADER + "1,W1,a\n3,W3,c\n")
    clinic.load(youngest, DAY_3)
    late = clinic.load(HEADER + "1,W2,a\n2,W2,b\n", DAY_2)
    assert (counts(late), late.rows_restated) == ((2, 2, 0, 0, 1), 3)
    assert clinic.current() == [("1", "W1", "a"), ("3", "W3", "c")]
    assert clinic.load(youngest, DAY_3).status == "known"


def test_a_row_stated_again_keeps_the_batch_and_number_it_came_with(clinic):
    first = clinic.load(HEADER + "9,W9,z\n1,W1,a\n")
    younger = clinic.load(HEADER + "9,W9,z\n1,W1,a\n", DAY_3)
    clinic.load(HEADER + "9,W9,z\n1,W2,a\n2,W2,b\n", DAY_2)
    assert clinic.rows(
        "select visit_id, ward, _batch_id, _row_number, _is_deleted"
        " from raw_clinic.visits where _as_of = %s order by 1", DAY_3,
    ) == [
        ("1", "W1", first.batch_id, 2, False),
        ("2", None, younger.batch_id, 0, True),
    ]  # fmt: skip


def test_a_late_extract_does_not_touch_what_a_younger_one_says_anyway(clinic):
    clinic.load(NIGHT_1)
    clinic.load(HEADER + "1,W3,a\n2,W2,b\n3,W3,c\n", DAY_3)
    late = clinic.load(HEADER + "1,W2,a\n2,W2,b\n3,W3,c\n", DAY_2)
    assert (counts(late), late.rows_restated) == ((3, 1, 2, 0, 0), 0)


def test_a_file_read_anew_under_its_changed_contract_speaks_for_later_nights_too(
    clinic,
):
    text = "visit_id,ward,note,floor\n1,W1,a,7\n"
    clinic.load(text)
    clinic.load(text, DAY_2)
    wider = clinic.by(columns=(*clinic.contract.columns, Column("floor")))
    again = wider.load(text)
    assert (again.rows_appended, again.rows_restated) == (1, 0)
    assert wider.rows(
        "select floor from raw_clinic.visits order by _as_of desc, _batch_id desc"
        " limit 1"
    ) == [("7",)]


def test_a_late_delta_is_overruled_by_what_a_younger_one_said_again(clinic):
    delta = clinic.by(mode="delta")
    delta.load(HEADER + "1,W1,a\n2,W2,b\n")
    delta.load(HEADER + "1,W1,a\n", DAY_3)
    late = delta.load(HEADER + "1,W9,a\n2,W9,b\n", DAY_2)
    assert (counts(late), late.rows_restated) == ((2, 2, 0, 0, 0), 0)
    assert delta.current() == [("1", "W1", "a"), ("2", "W9", "b")]


def test_a_corrected_delta_does_not_take_back_what_it_no_longer_mentions(clinic):
    delta = clinic.by(mode="delta")
    delta.load(HEADER + "1,W1,a\n2,W2,b\n")
    assert counts(delta.load(HEADER + "1,W9,a\n")) == (1, 1, 0, 0, 0)
    assert delta.current() == [("1", "W9", "a"), ("2", "W2", "b")]
    assert counts(delta.load(HEADER + "1,W1,a\n2,W2,b\n")) == (2, 1, 1, 0, 0)
    assert delta.current() == [("1", "W1", "a"), ("2", "W2", "b")]


def test_the_original_may_come_again_after_its_correction(clinic):
    clinic.load(NIGHT_1)
    clinic.load(HEADER + "1,W9,a\n")
    assert counts(clinic.load(NIGHT_1)) == (3, 3, 0, 0, 0)
    assert [row[1] for row in clinic.current()] == ["W1", "W2", "W3"]
    assert clinic.load(NIGHT_1).status == "known"


def test_a_hundred_unknown_columns_are_kept(clinic):
    names = ",".join(f"u{n}" for n in range(100))
    values = ",".join(map(str, range(100)))
    clinic.load(f"visit_id,ward,note,{names}\n1,W1,a,{values}\n")
    [(extra,)] = clinic.rows("select _extra from raw_clinic.visits")
    assert extra == {f"u{n}": str(n) for n in range(100)}


def test_unknown_columns_are_kept_and_a_change_in_them_is_a_change(clinic):
    clinic.load("visit_id,ward,note,floor\n1,W1,a,7\n2,W2,b,\n")
    assert clinic.rows("select _extra from raw_clinic.visits order by visit_id") == [
        ({"floor": "7"},), (None,),
    ]  # fmt: skip
    result = clinic.load("visit_id,ward,note,floor\n1,W1,a,8\n2,W2,b,\n", DAY_2)
    assert (counts(result), result.extras) == ((2, 1, 1, 0, 0), ("floor",))


def test_a_column_that_the_contract_gains_is_filled_from_the_same_file(clinic):
    text = "visit_id,ward,note,floor\n1,W1,a,7\n2,W2,b,\n"
    clinic.load(text)
    wider = clinic.by(columns=(*clinic.contract.columns, Column("floor")))
    assert counts(wider.load(text)) == (2, 1, 1, 0, 0)
    assert wider.rows(
        "select floor, _extra from raw_clinic.visits where visit_id = '1'"
        " order by _batch_id"
    ) == [(None, {"floor": "7"}), ("7", None)]


def test_without_a_key_equal_rows_are_told_apart_by_their_number(clinic):
    keyless = clinic.by(key=())
    keyless.load(HEADER + "1,W1,a\n1,W1,a\n2,W2,b\n")
    assert keyless.rows(
        "select visit_id, _occurrence from raw_clinic.visits order by 1, 2"
    ) == [("1", 1), ("1", 2), ("2", 1)]
    result = keyless.load(HEADER + "2,W2,b\n1,W1,a\n1,W1,a\n1,W1,a\n", DAY_2)
    assert counts(result) == (4, 1, 3, 0, 0)
    result = keyless.load(HEADER + "1,W1,a\n", DAY_3)
    assert counts(result) == (1, 0, 1, 0, 3)
    assert keyless.rows(
        "select count(*) from (select distinct on (_row_hash, _occurrence) *"
        " from raw_clinic.visits"
        " order by _row_hash, _occurrence, _as_of desc, _batch_id desc) c"
        " where not _is_deleted"
    ) == [(1,)]


def test_a_key_of_several_columns_is_compared_as_a_whole(clinic):
    wide = clinic.by(key=("visit_id", "ward"))
    wide.load(HEADER + "1,W1,a\n1,W2,b\n")
    assert counts(wide.load(HEADER + "1,W1,a\n1,W3,b\n", DAY_2)) == (2, 1, 1, 0, 1)


def test_malformed_rows_are_quarantined_with_their_batch(clinic):
    result = clinic.load(HEADER + "1,W1,a\n2,W2\n")
    assert clinic.rows(
        "select batch_id, source_system, table_name, file_name, row_number,"
        " line_number, reason, row_text from quarantine.malformed_rows"
    ) == [
        (result.batch_id, "clinic", "visits", "visits.csv", 2, 3,
         "2 fields instead of 3", "2,W2"),
    ]  # fmt: skip


def test_a_rejected_batch_is_recorded_and_raw_is_untouched(clinic):
    clinic.load(NIGHT_1)
    landed = clinic.land(HEADER + "1,W1,zzz\n2,W2\n")
    result = reject(
        clinic.connection, clinic.contract, "Too few.", "run-2", DAY_2, landed
    )
    assert clinic.rows(
        "select status, reason, rows_received, rows_malformed, rows_appended, as_of,"
        " file_name, run_id from ops.batches where batch_id = %s", result.batch_id,
    ) == [("rejected", "Too few.", 2, 1, 0, DAY_2, "visits.csv", "run-2")]  # fmt: skip
    assert clinic.rows("select batch_id from quarantine.malformed_rows") == [
        (result.batch_id,)
    ]
    assert [row[2] for row in clinic.current()] == ["a", "b", "c"]


def test_a_batch_refused_unopened_is_recorded_with_the_file_expected(clinic):
    clinic.land(HEADER + "1\n")  # another night's malformed row is not this batch's
    reject(clinic.connection, clinic.contract, "It is not there.", "run-2")
    assert clinic.rows("select file_name, content_sha256, as_of from ops.batches") == [
        ("visits.csv", None, None)
    ]
    assert clinic.rows("select count(*) from quarantine.malformed_rows") == [(0,)]


def test_rows_that_do_not_add_up_load_nothing(clinic, monkeypatch):
    clinic.load(NIGHT_1)
    landed = clinic.land(HEADER + "9,W9,z\n")
    monkeypatch.setattr(batches, "append_rows", lambda *_: Appended(0, 0, 0))
    with pytest.raises(AccountingError, match=r"clinic\.visits received 1, but"):
        append(clinic.connection, clinic.contract, landed, DAY_2, "run-2")
    assert clinic.rows("select count(*) from ops.batches") == [(1,)]


def test_a_batch_killed_on_the_way_leaves_raw_as_it_was(clinic, monkeypatch):
    clinic.load(NIGHT_1)
    landed = clinic.land(HEADER + "1,W1,zzz\n")

    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(batches, "record", killed)
        with pytest.raises(KeyboardInterrupt):
            append(clinic.connection, clinic.contract, landed, DAY_2, "run-2")
    assert [row[2] for row in clinic.current()] == ["a", "b", "c"]
    assert append(
        clinic.connection, clinic.contract, landed, DAY_2, "run-3"
    ).status == ("accepted")


def test_several_batches_fit_into_one_transaction_of_the_caller(clinic):
    with clinic.connection.transaction():
        clinic.load(NIGHT_1)
        clinic.load(HEADER + "1,W1,a\n", DAY_2)
        clinic.load(NIGHT_1, DAY_3)
    assert len(clinic.current()) == 3


def test_the_loader_cannot_rewrite_the_ledger(clinic):
    clinic.load(NIGHT_1)
    for statement in ("delete from ops.batches", "update ops.files set path = ''"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            clinic.connection.execute(statement)


def test_a_younger_snapshot_outdates_an_older_fault(clinic):
    clinic.load(NIGHT_1, DAY_2)
    assert has_younger(clinic.connection, clinic.contract, DAY_1)
    assert not has_younger(clinic.connection, clinic.contract, DAY_2)
    delta = clinic.by(mode="delta")
    assert not has_younger(delta.connection, delta.contract, DAY_1)


class TestKnownFiles:
    """Files that need not be opened again."""

    @pytest.fixture
    def drop(self, clinic):
        folder = clinic.folder / "clinic" / "2024-03-01"
        folder.mkdir(parents=True)
        clinic.folder = folder
        return folder.parent.parent

    def known(self, clinic, drop):
        [extracts] = find_extracts(drop, [clinic.contract])
        return known_batches(clinic.connection, [clinic.contract], extracts)

    def test_an_accepted_file_is_known_by_path_size_and_time(self, clinic, drop):
        clinic.land(NIGHT_1)
        assert self.known(clinic, drop) == {}
        accepted = clinic.load(NIGHT_1)
        assert self.known(clinic, drop)["visits"].batch_id == accepted.batch_id
        (clinic.folder / "visits.csv").write_text(NIGHT_1)  # touched
        assert self.known(clinic, drop) == {}

    def test_a_rejected_file_is_not(self, clinic, drop):
        landed = clinic.land(NIGHT_1)
        reject(clinic.connection, clinic.contract, "No.", "run-1", DAY_1, landed)
        assert self.known(clinic, drop) == {}

    def test_nor_is_one_under_another_contract(self, clinic, drop):
        clinic.load(NIGHT_1)
        clinic.contract = clinic.by(key=("ward",)).contract
        assert self.known(clinic, drop) == {}

    def test_flat_files_are_known_together_or_not_at_all(self, clinic, drop):
        clinic.folder.rmdir()
        clinic.folder = drop / "clinic"
        clinic.load(NIGHT_1)
        assert self.known(clinic, drop)["visits"].as_of == DAY_1
        beds = clinic.by(table="beds", file="beds.csv").contract
        (clinic.folder / "beds.csv").write_text(HEADER)
        both = [clinic.contract, beds]
        [extracts] = find_extracts(drop, both)
        assert known_batches(clinic.connection, both, extracts) == {}
