"""What is known of changes, and when a model has another meaning than before."""

from copy import deepcopy

import pytest

from expectations import ChangedRows, Mart
from orchestration.changes import (
    begin,
    by_grain,
    finish,
    meanings,
    require_whole_build,
    settle,
)
from orchestration.errors import GateFailedError
from orchestration.warehouse import Role

MANIFEST = {
    "sources": {
        "source.w.his.beds": {
            "columns": {"bed_id": {"data_type": "text"}},
            "meta": {},
            "source_meta": {"extract": {"mode": "snapshot"}},
        }
    },
    "nodes": {
        "model.w.stg": {
            "resource_type": "model",
            "name": "stg",
            "raw_code": "select 1",
            "columns": {},
            "meta": {},
            "depends_on": {"nodes": ["source.w.his.beds"], "macros": ["macro.w.typed"]},
        },
        "model.w.beds": {
            "resource_type": "model",
            "name": "beds",
            "raw_code": "select 2",
            "columns": {},
            "meta": {},
            "depends_on": {"nodes": ["model.w.stg"], "macros": []},
        },
        "model.w.named": {
            "resource_type": "model",
            "name": "named",
            "raw_code": "select 4",
            "columns": {},
            "meta": {},
            "config": {"materialized": "ephemeral"},
            "depends_on": {"nodes": ["model.w.stg"], "macros": ["macro.w.names"]},
        },
        "model.w.mart": {
            "resource_type": "model",
            "name": "mart",
            "raw_code": "select 5",
            "columns": {},
            "meta": {},
            "depends_on": {"nodes": ["model.w.named"], "macros": []},
        },
    },
    "macros": {
        "macro.w.typed": {
            "macro_sql": "typed",
            "depends_on": {"macros": ["macro.w.cleaned"]},
        },
        "macro.w.cleaned": {
            "macro_sql": "cleaned",
            "depends_on": {"macros": ["macro.w.typed"]},
        },
        "macro.w.names": {"macro_sql": "names", "depends_on": {"macros": []}},
    },
}


def changed_by(*path_and_value) -> set[str]:
    """The models that have another meaning once a value of the manifest is another."""
    *path, last, value = path_and_value
    other = deepcopy(MANIFEST)
    place = other
    for step in path:
        place = place[step]
    place[last] = value
    before, after = meanings(MANIFEST), meanings(other)
    return {name for name in before if before[name] != after[name]}


@pytest.mark.parametrize(
    ("change", "models"),
    [
        (("nodes", "model.w.beds", "raw_code", "select 3"), {"beds"}),
        (("nodes", "model.w.beds", "description", "other words"), set()),
        (("macros", "macro.w.cleaned", "macro_sql", "cleaner"), {"stg"}),
        (("sources", "source.w.his.beds", "columns", {}), {"stg"}),
        (("sources", "source.w.his.beds", "source_meta", {}), {"stg"}),
        # The mart reads through `named`, which is no table, to stg's.
        (
            ("nodes", "model.w.stg", "columns", {"bed_id": {}}),
            {"stg", "beds", "named", "mart"},
        ),
        (("nodes", "model.w.named", "raw_code", "select 6"), {"named", "mart"}),
        (("macros", "macro.w.names", "macro_sql", "others"), {"named", "mart"}),
    ],
)
def test_what_a_models_rows_depend_on_is_its_meaning(change, models):
    assert changed_by(*change) == models


def test_a_setting_is_a_part_of_every_meaning():
    utc, berlin = (meanings(MANIFEST, time_zone=it) for it in ("UTC", "Europe/Berlin"))
    assert not set(utc.values()) & set(berlin.values())


def test_a_row_is_looked_up_by_what_is_never_null_where_all_changes_are_known(
    warehouse,
):
    beds, floors = Mart("test_beds", ("ward", "bed")), Mart("test_floors", ("ward",))
    with warehouse.connect(Role.TRANSFORMER) as connection:
        connection.execute(
            "create table candidate.test_beds (ward text, bed text not null);"
            "create table candidate.test_floors (ward text, bed text not null);"
            "insert into changes._kept values ('test_floors')"
        )
        assert by_grain(connection, [beds, floors]) == {}
        connection.execute("insert into changes._kept values ('test_beds')")
        found = by_grain(connection, [beds, floors])
        connection.rollback()
    assert found == {"test_beds": ChangedRows('changes."test_beds"', ("bed",))}


def test_a_model_that_comes_back_after_nights_away_is_built_anew(warehouse):
    with warehouse.connect(Role.TRANSFORMER) as connection:
        connection.execute(
            "insert into changes._built values ('here', '1'), ('away', '1');"
            "insert into changes._kept values ('here'), ('away')"
        )
        begin(connection, {"here": "1"})
        for table in ("_built", "_kept"):
            known = connection.execute(
                f"select model from changes.{table} where model in ('here', 'away')"
            ).fetchall()
            assert known == [("here",)]
        connection.rollback()


def test_only_what_a_build_left_that_came_to_its_end_is_published(warehouse):
    with warehouse.connect(Role.TRANSFORMER) as connection:
        begin(connection, {"here": "1"})
        finish(connection)
        require_whole_build(connection)
        settle(connection)
        require_whole_build(connection)  # once more changes nothing
        begin(connection, {"here": "1"})  # and breaks off
        with pytest.raises(GateFailedError, match="went through all models"):
            require_whole_build(connection)
        connection.rollback()


def test_a_build_is_not_published_once_its_models_mean_something_else(warehouse):
    with warehouse.connect(Role.TRANSFORMER) as connection:
        begin(connection, {"here": "1"})
        finish(connection)
        require_whole_build(connection, {"here": "1"})
        for now in ({"here": "2"}, {"here": "1", "new": "1"}):
            with pytest.raises(GateFailedError, match="went through all models"):
                require_whole_build(connection, now)
        connection.rollback()


def test_a_build_without_a_batch_that_is_accepted_by_now_is_not_published(warehouse):
    accepted = (
        "insert into ops.batches (source_system, table_name, status, run_id)"
        " values ('his', 'beds', 'accepted', 'run')"
    )
    with warehouse.connect() as connection:
        connection.execute(accepted)
        begin(connection, {"here": "1"})
        finish(connection)
        require_whole_build(connection)
        connection.execute(accepted)
        with pytest.raises(GateFailedError, match="of all that is accepted"):
            require_whole_build(connection)
        begin(connection, {"here": "1"})
        finish(connection)
        settle(connection)
        require_whole_build(connection)
        connection.rollback()


def test_a_publication_lets_go_of_the_changes_that_it_took_up(warehouse):
    with warehouse.connect(Role.TRANSFORMER) as connection:
        connection.execute(
            "create table changes.test_beds (bed text);"
            "insert into changes.test_beds values ('b1');"
            "insert into changes._changed values ('test_beds')"
        )
        settle(connection)
        assert not connection.execute("select bed from changes.test_beds").fetchall()
        connection.rollback()
