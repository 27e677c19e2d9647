"""What Dagster shows of every asset: its owner, what it is, when it is late."""

import os
from collections.abc import Iterator
from datetime import timedelta
from unittest.mock import patch

import dagster as dg
import pytest

from orchestration.definitions import load
from orchestration.settings import Settings
from tests.parsed import take_over_parsed

A_NIGHT = timedelta(hours=30)
"""After the moment of the simulated HIS' last extract, the next one must be there."""


@pytest.fixture(scope="module")
def specs(tmp_path_factory) -> Iterator[dict[dg.AssetKey, dg.AssetSpec]]:
    settings = Settings(
        home=tmp_path_factory.mktemp("home"),
        database_url="postgresql://nobody@nowhere/postgres",
        _env_file=None,
    )
    take_over_parsed(settings)
    with patch.dict(os.environ):  # loading tells dbt's processes of this home
        yield {spec.key: spec for spec in load(settings).resolve_all_asset_specs()}


def columns(spec: dg.AssetSpec) -> list[dg.TableColumn]:
    schema = spec.metadata.get("dagster/column_schema")
    return list(schema.columns) if schema else []


def test_every_layer_is_there(specs):
    assert {key.path[0].split("_")[0] for key in specs} == {
        *("extracts", "raw", "ops", "staging", "quarantine", "intermediate"),
        *("candidate", "marts"),
    }


def test_somebody_answers_for_every_asset(specs):
    owners = {"team:data-engineering", "team:analysts"}
    for key, spec in specs.items():
        assert len(spec.owners) == 1, key
        assert set(spec.owners) <= owners, key
        is_analysts = spec.owners == ["team:analysts"]
        assert is_analysts == (key.path[0] in ("candidate", "marts")), key


def test_every_asset_is_described(specs):
    assert [key for key, spec in specs.items() if not spec.description] == []


def test_every_asset_but_an_intermediate_one_shows_its_columns(specs):
    lacking = {key.path[0] for key, spec in specs.items() if not columns(spec)}
    assert lacking == {"intermediate"}


def test_every_column_is_described(specs):
    assert [
        (key, column.name)
        for key, spec in specs.items()
        for column in columns(spec)
        if not column.description
    ] == []


def test_an_extract_is_described_in_the_words_of_its_raw_table(specs):
    for key, spec in specs.items():
        if key.path[0] == "extracts":
            _, system, table = key.path
            raw = specs[dg.AssetKey([f"raw_{system}", table])]
            words = {it.name: it.description for it in columns(raw)}
            assert {it.name: it.description for it in columns(spec)} == words


def test_what_a_nightly_extract_feeds_is_late_when_the_extract_is(specs):
    for key, spec in specs.items():
        policy = spec.freshness_policy
        if key.path[0] in ("raw_his", "marts"):
            assert policy == dg.FreshnessPolicy.time_window(A_NIGHT), key
        else:
            assert policy is None, key
