"""The contract as dbt's manifest holds it, sound and wrong."""

import pytest

from orchestration.extracts.contract import Column, DeletedMarker
from orchestration.extracts.errors import ContractError
from orchestration.extracts.manifest import load_contracts


def manifest(
    extract=None, columns=None, shared=None, schema="raw_clinic", name="visits"
):
    """A manifest with one source table, in the shape that dbt 1.11 writes."""
    meta = {} if extract is None else {"extract": extract}
    columns = columns or {"visit_id": {"data_type": "text"}}
    return {
        "sources": {
            f"source.wardline.clinic.{name}": {
                "name": name,
                "source_name": "clinic",
                "schema": schema,
                "source_meta": {} if shared is None else {"extract": shared},
                "config": {"meta": meta},
                "columns": {
                    column: {
                        "name": column,
                        "data_type": node.get("data_type"),
                        "config": {"meta": node.get("meta", {})},
                    }
                    for column, node in columns.items()
                },
            }
        }
    }


def only(found):
    [[contract]] = found.values()
    return contract


def test_a_source_without_extract_is_no_contract():
    assert load_contracts(manifest()) == {}


def test_what_is_not_said_has_a_default():
    contract = only(load_contracts(manifest({})))
    assert contract.file == "visits.csv"
    assert contract.key == ()
    assert contract.mode == "snapshot"
    assert (contract.delimiter, contract.encoding) == (",", "utf-8")
    assert contract.thresholds == {}  # the gate's own hold
    assert contract.columns == (Column("visit_id"),)


def test_a_tables_options_stand_above_its_sources():
    shared = {"mode": "delta", "delimiter": ";"}
    contract = only(load_contracts(manifest({"mode": "snapshot"}, shared=shared)))
    assert (contract.mode, contract.delimiter) == ("snapshot", ";")


def test_columns_carry_what_staging_and_the_gate_need():
    meta = {"is_required": True, "format": "DD-MM-YYYY", "owner": "ward office"}
    columns = {
        "visit_id": {"data_type": "text"},
        "came_on": {"data_type": "date", "meta": meta},
        "status": {"meta": {"values": ["In", "Out"], "is_optional": True}},
    }
    contract = only(load_contracts(manifest({"key": ["visit_id"]}, columns)))
    assert contract.columns[1] == Column(
        "came_on", "date", format="DD-MM-YYYY", is_required=True
    )
    assert contract.columns[2].values == ("In", "Out")
    assert contract.must_have == ("visit_id", "came_on")


def test_a_contract_says_how_a_row_is_marked_as_void():
    marker = {"column": "visit_id", "values": ["void", "x"]}
    contract = only(load_contracts(manifest({"deleted_marker": marker})))
    assert contract.deleted_marker == DeletedMarker("visit_id", ("void", "x"))
    plain = only(load_contracts(manifest({})))
    assert (plain.deleted_marker, plain.fingerprint) == (None, contract.fingerprint)


@pytest.mark.parametrize(
    ("extract", "fault"),
    [
        ({"keys": ["visit_id"]}, "'keys' is not an option"),
        ({"key": "visit_id"}, "key must be a list of texts"),
        ({"key": ["id"]}, "key names 'id', which is not a column"),
        ({"activity": ["left_at"]}, "activity names 'left_at'"),
        ({"mode": "full"}, "mode 'full' is not one of 'snapshot', 'delta'"),
        ({"delimiter": "~"}, "delimiter '~' is not one of"),
        ({"encoding": "utf-16"}, "encoding 'utf-16' is not one of"),
        (
            {"max_malformed_pct": 101},
            "max_malformed_pct must be a number from 0 to 100",
        ),
        (
            {"max_malformed_pct": "1"},
            "max_malformed_pct must be a number from 0 to 100",
        ),
        ({"history": "yes"}, "history must be true or false"),
        ({"file": "../visits.csv"}, "file must be a file's name without folders"),
        ({"deleted_marker": "void"}, "must hold a column and a list of values"),
        (
            {"deleted_marker": {"column": "visit_id", "values": []}},
            "must hold a column and a list of values",
        ),
        (
            {"deleted_marker": {"column": "visit_id", "values": "void"}},
            "deleted_marker.values must be a list of texts",
        ),
        (
            {"deleted_marker": {"column": "state", "values": ["void"]}},
            "deleted_marker names 'state', which is not a column",
        ),
        ({"reused_if_changed": ["name"]}, "reused_if_changed names 'name'"),
        ({"reused_if_changed": ["visit_id"]}, "reused_if_changed needs a key"),
        (["visit_id"], "meta.extract must hold options"),
    ],
)
def test_a_wrong_option_is_named_with_its_table(extract, fault):
    with pytest.raises(ContractError, match=r"clinic\.visits") as raised:
        load_contracts(manifest(extract))
    assert fault in str(raised.value)


@pytest.mark.parametrize(
    ("columns", "fault"),
    [
        ({"visit_id": {"data_type": "varchar"}}, "data_type 'varchar' of visit_id"),
        ({"Visit ID": {}}, "'Visit ID' must be a lower-case name"),
        ({"_as_of": {}}, "'_as_of' must be a lower-case name"),
        ({"visit_id": {"meta": {"is_required": 1}}}, "is_required of visit_id must be"),
        ({"visit_id": {"meta": {"values": "In"}}}, "visit_id.values must be a list"),
        ({"visit_id": {"meta": {"is_optional": True}}}, "part of the key"),
    ],
)
def test_a_wrong_column_is_named(columns, fault):
    with pytest.raises(ContractError) as raised:
        load_contracts(manifest({"key": ["visit_id"]}, columns))
    assert fault in str(raised.value) or "key names" in str(raised.value)


def test_raw_lies_where_the_source_says():
    with pytest.raises(ContractError, match="must be raw_clinic, not clinic"):
        load_contracts(manifest({}, schema="clinic"))


def test_names_too_long_for_the_warehouse_are_refused():
    with pytest.raises(ContractError, match="exceed"):
        load_contracts(manifest({}, name="v" * 60))
