"""Raw tables that come about before any batch does."""

from dataclasses import replace
from datetime import datetime

from orchestration.extracts.contract import Column
from orchestration.extracts.raw import ensure_raw_tables


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
