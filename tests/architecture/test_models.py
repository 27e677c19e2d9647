"""dbt's manifest held to the rules of the way of the data."""

import re

import yaml

from orchestration.settings import REPOSITORY

LAYERS = {
    "staging": {"source"},
    "quarantine": {"staging"},
    "intermediate": {"staging", "intermediate"},
    "candidate": {"intermediate", "candidate"},
}
STAGING_NAME = re.compile(r"stg_[a-z0-9_]+?__[a-z0-9_]+")
MAXIMUM_LINES = {
    "staging": 60,
    "intermediate": 180,
    "candidate": 120,
    "quarantine": 80,
}


def layer_of(node) -> str:
    return "source" if node["resource_type"] == "source" else node["schema"]


def test_data_flows_one_way_and_skips_no_layer(manifest, models):
    everything = {**manifest["sources"], **models}
    for name, node in models.items():
        for upstream in node["depends_on"]["nodes"]:
            found = layer_of(everything[upstream])
            assert found in LAYERS[layer_of(node)], f"{name} reads {upstream}"


def test_a_staging_model_reads_one_source_table_of_its_own_system(manifest, models):
    for name, node in models.items():
        if layer_of(node) != "staging":
            continue
        assert STAGING_NAME.fullmatch(node["name"]), name
        system, table = node["name"].removeprefix("stg_").split("__")
        (upstream,) = node["depends_on"]["nodes"]
        source = manifest["sources"][upstream]
        assert (source["source_name"], source["name"]) == (system, table), name
        assert not re.search(r"\bjoin\b", node["raw_code"], re.IGNORECASE), name


def test_every_source_table_is_staged(manifest, models):
    staged = {up for node in models.values() for up in node["depends_on"]["nodes"]}
    assert set(manifest["sources"]) <= staged


def test_every_source_system_says_how_late_it_may_be():
    # Null is an answer as well, but not one to be given by oversight.
    for file in (REPOSITORY / "dbt_project/models/staging").glob("*/_sources.yml"):
        for source in yaml.safe_load(file.read_text())["sources"]:
            if source["name"] != "ops":
                assert "freshness" in source["config"], file


def test_every_model_says_its_grain_first_and_declares_its_key(models):
    for name, node in models.items():
        assert node["description"].startswith("One row per "), name
        assert node["config"]["unique_key"] or layer_of(node) == "quarantine", name


def test_every_column_of_staging_and_marts_is_under_contract(models):
    for name, node in models.items():
        if layer_of(node) in ("staging", "candidate"):
            assert node["config"]["contract"]["enforced"], name
        if layer_of(node) == "candidate":
            for column in node["columns"].values():
                assert column["description"], f"{name}.{column['name']}"


def test_models_stay_small(models):
    for name, node in models.items():
        lines = len(node["raw_code"].splitlines())
        assert lines <= MAXIMUM_LINES.get(layer_of(node), 60), f"{name}: {lines} lines"


def test_marts_carry_no_run_stamps_so_that_equal_rows_stay_equal(models):
    for name, node in models.items():
        if layer_of(node) == "candidate":
            assert not [c for c in node["columns"] if c.startswith("_")], name


def test_staging_carries_where_each_row_came_from(models):
    for name, node in models.items():
        if layer_of(node) == "staging" and node["config"]["materialized"] == "table":
            assert {"_batch_id", "_row_number", "_faults"} <= set(node["columns"]), name


def test_marts_alone_are_public(models):
    for name, node in models.items():
        is_mart = layer_of(node) == "candidate"
        assert node["access"] == ("public" if is_mart else "protected"), name
        assert node["group"] == ("marts" if is_mart else "pipeline"), name


def test_exposures_name_what_dashboard_and_api_read(manifest, models):
    """Queries named kpi_* are the API's, which lists every mart as well."""
    exposed = {
        it["name"]: {models[name]["name"] for name in it["depends_on"]["nodes"]}
        for it in manifest["exposures"].values()
    }
    queries = (REPOSITORY / "serving" / "queries").glob("*.sql")
    asked = [it.read_text() for it in queries if not it.name.startswith("kpi_")]
    read = {mart for text in asked for mart in re.findall(r"\bmarts\.(\w+)", text)}
    marts = {it["name"] for it in models.values() if layer_of(it) == "candidate"}
    assert exposed == {"dashboard": read | {"publication"}, "api": marts}
