"""The catalogue of measures: complete, and as current as the models it is made from."""

import json
from pathlib import Path
from typing import Any

import pytest

from orchestration import dbt
from orchestration.catalogue import CATALOGUE, catalogue
from orchestration.publication import CANDIDATE
from orchestration.settings import Settings
from tests.parsed import take_over_parsed

NUMBERS = ("integer", "bigint", "numeric")
# Numbers that order or name, and measure nothing.
LABELS = {
    "day_of_week",
    "iso_week",
    "publication_id",
    "restored_publication_id",
    "year",
}
# As the source recorded them, or as the entity has them, with unit tests of its own.
HANDED_ON = {
    "dim_doctor.contracted_hours_per_week",
    "fct_appointments.duration_minutes",
    "fct_treatments.cost_amount",
    "publication.gate_warnings",
    "publication.rows_changed",
}
HANDED_ON_MARTS = {"fct_bills"}


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    settings = Settings(
        home=tmp_path_factory.mktemp("home"),
        database_url="postgresql://nobody@nowhere/postgres",
        _env_file=None,
    )
    take_over_parsed(settings)
    return json.loads(Path(dbt.manifest_path(settings)).read_text())


@pytest.fixture(scope="module")
def columns(manifest: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{node['name']}.{column['name']}", column)
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["schema"] == CANDIDATE
        for column in node["columns"].values()
    ]


def test_the_committed_page_is_what_the_models_say(manifest):
    assert CATALOGUE.read_text() == catalogue(manifest), (
        "write it anew: python -m orchestration.catalogue"
    )


def test_every_number_of_every_mart_is_a_measure(columns):
    for name, column in columns:
        if column["data_type"].startswith(NUMBERS) and column["name"] not in LABELS:
            assert "measure" in column["config"]["meta"], name


def test_every_measure_has_a_unit_and_says_whether_it_may_be_summed(columns):
    for name, column in columns:
        measure = column["config"]["meta"].get("measure")
        if measure:
            assert measure["unit"], name
            assert isinstance(measure["additive_over_time"], bool), name
            known = {"unit", "additive_over_time", "formula", "source", "not_for"}
            assert set(measure) <= known, name


def test_no_rate_average_or_median_may_be_summed_over_time(columns):
    pooled = ("_pct", "_rate", "_per_", "average_", "median_", "p90_", "geometric_")
    for name, column in columns:
        if any(part in column["name"] for part in pooled):
            measure = column["config"]["meta"]["measure"]
            assert not measure["additive_over_time"], name


def test_every_computed_measure_is_expected_by_a_unit_test_of_its_mart(
    manifest, columns
):
    expected = {
        f"{test['model']}.{column}"
        for test in manifest["unit_tests"].values()
        for row in test["expect"]["rows"]
        for column in row
    }
    measures = {name for name, it in columns if "measure" in it["config"]["meta"]}
    untested = measures - expected - HANDED_ON
    assert {it for it in untested if it.split(".")[0] not in HANDED_ON_MARTS} == set()


def test_every_measure_has_a_formula(columns):
    for name, column in columns:
        measure = column["config"]["meta"].get("measure")
        assert measure is None or measure.get("formula"), name


def test_what_may_not_be_summed_says_what_else_it_is_not_for(columns):
    for name, column in columns:
        measure = column["config"]["meta"].get("measure")
        if measure and not measure["additive_over_time"]:
            assert measure.get("not_for"), name


def test_a_line_of_the_page_cannot_be_broken_by_a_description(manifest):
    for line in catalogue(manifest).splitlines():
        if line.startswith("| "):
            assert line.replace("\\|", "").count("|") == 7, line
