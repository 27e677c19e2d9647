"""Raw tables that come about before any batch does."""

from dataclasses import replace
from datetime import datetime

import pytest

from orchestration.extracts.contract import Column
from orchestration.extracts.errors import ContractError
from orchestration.extracts.raw_tables import ensure_raw_tables


def columns(clinic, table="visits"):
    return [
        name
        for (name,) in clinic.rows(
            "select column_name from information_schema.columns"
            " where table_schema = 'raw_clinic' and table_name = %s"
            " order by ordinal_position",
            table,
        )
    ]


def test_every_contract_gets_its_table(clinic):
    notes = replace(clinic.contract, table="notes", key=())
    ensure_raw_tables(clinic.connection, [clinic.contract, notes])
    lineage = [
        "_extra",
        "_batch_id",
        "_row_number",
        "_row_hash",
        "_as_of",
        "_is_deleted",
    ]
    assert columns(clinic) == ["visit_id", "ward", "note", *lineage]
    assert columns(clinic, "notes")[-1] == "_occurrence"


def test_a_second_time_changes_nothing(clinic):
    ensure_raw_tables(clinic.connection, [clinic.contract])
    clinic.load("visit_id,ward,note\n1,W1,x\n")
    ensure_raw_tables(clinic.connection, [clinic.contract])
    assert len(clinic.current()) == 1


def test_a_column_that_the_contract_gains_is_added_and_none_is_lost(clinic):
    clinic.load("visit_id,ward,note\n1,W1,x\n")
    changed = clinic.by(columns=(Column("visit_id"), Column("floor")))
    ensure_raw_tables(clinic.connection, [changed.contract])
    assert {"visit_id", "ward", "note", "floor"} <= set(columns(clinic))
    changed.load("visit_id,floor\n1,7\n", datetime(2024, 3, 2, 23, 59, 59))
    rows = clinic.rows("select ward, floor from raw_clinic.visits order by _batch_id")
    assert rows == [("W1", None), (None, "7")]


def test_a_second_batch_finds_the_first_ones_rows_by_indexes(clinic):
    indexes = (
        "select indexdef from pg_indexes where schemaname = 'raw_clinic'"
        " and tablename = 'visits' order by indexname"
    )
    clinic.load("visit_id,ward,note\n1,W1,x\n")
    assert clinic.rows(indexes) == []
    clinic.load("visit_id,ward,note\n1,W2,x\n", datetime(2024, 3, 2, 23, 59, 59))
    found = [definition.split(" USING ")[1] for (definition,) in clinic.rows(indexes)]
    assert found == ["btree (_batch_id)", "hash (visit_id)", "btree (_as_of)"]


def test_a_key_too_long_for_a_tree_is_taken_in_all_the_same(clinic):
    # Of 100,000 characters that do not compress, a tree takes fewer than 2,704 bytes.
    key = "".join(chr(0x4E00 + n * 7919 % 20000) for n in range(100_000))
    clinic.load("visit_id,ward,note\n1,W1,x\n")
    clinic.load(
        f"visit_id,ward,note\n1,W1,x\n{key},W1,x\n", datetime(2024, 3, 2, 23, 59, 59)
    )
    assert [visit_id for visit_id, *_ in clinic.current()] == ["1", key]


def test_a_table_that_is_another_logins_goes_without_indexes(clinic, warehouse):
    clinic.load("visit_id,ward,note\n1,W1,x\n")
    with warehouse.connect() as owner:
        owner.execute("alter table raw_clinic.visits owner to current_user")
        owner.execute("grant all on raw_clinic.visits to wardline_loader")
    clinic.load("visit_id,ward,note\n1,W2,x\n", datetime(2024, 3, 2, 23, 59, 59))
    assert clinic.current() == [("1", "W2", "x")]


@pytest.mark.parametrize(
    ("before", "after", "named"),
    [
        ((), ("visit_id",), ["no key", "the key (visit_id)"]),
        (("visit_id",), (), ["the key (visit_id)", "no key"]),
        (("ward",), ("ward", "visit_id"), ["the key (ward)", "(visit_id, ward)"]),
    ],
)
def test_a_table_that_was_filled_by_another_key_is_refused(
    clinic, before, after, named
):
    clinic.by(key=before).load("visit_id,ward,note\n1,W1,x\n")
    changed = clinic.by(key=after).contract
    with pytest.raises(ContractError) as refused:
        ensure_raw_tables(clinic.connection, [changed])
    assert str(refused.value).startswith("clinic.visits: the rows of raw_clinic.visits")
    assert all(words in str(refused.value) for words in named)


def test_kept_aside_its_rows_make_room_for_the_new_key(clinic):
    clinic.by(key=()).load("visit_id,ward,note\n1,W1,x\n")
    clinic.connection.execute("alter table raw_clinic.visits rename to visits_before")
    again = clinic.load("visit_id,ward,note\n1,W1,x\n")
    assert (again.status, again.rows_appended) == ("accepted", 1)
    assert clinic.current() == [("1", "W1", "x")]


def test_an_empty_table_of_another_key_is_made_anew(clinic):
    ensure_raw_tables(clinic.connection, [clinic.by(key=()).contract])
    ensure_raw_tables(clinic.connection, [clinic.contract])
    assert "_occurrence" not in columns(clinic)
