"""When a model has another meaning than before, and has to be built as a whole."""

from copy import deepcopy

import pytest

from orchestration.changes import meanings

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
        (("nodes", "model.w.stg", "columns", {"bed_id": {}}), {"stg", "beds"}),
    ],
)
def test_what_a_models_rows_depend_on_is_its_meaning(change, models):
    assert changed_by(*change) == models


def test_a_setting_is_a_part_of_every_meaning():
    utc, berlin = (meanings(MANIFEST, time_zone=it) for it in ("UTC", "Europe/Berlin"))
    assert not set(utc.values()) & set(berlin.values())
