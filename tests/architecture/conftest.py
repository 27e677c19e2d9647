"""The project's own structure, read from dbt's manifest and from the Python sources."""

import json
from pathlib import Path
from typing import Any

import pytest

from orchestration import dbt
from orchestration.settings import Settings
from tests.parsed import take_over_parsed


@pytest.fixture(scope="session")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    settings = Settings(
        home=tmp_path_factory.mktemp("home"),
        database_url="postgresql://nobody@nowhere/postgres",
        _env_file=None,
    )
    take_over_parsed(settings)
    return json.loads(Path(dbt.manifest_path(settings)).read_text())


@pytest.fixture(scope="session")
def models(manifest: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        name: node
        for name, node in manifest["nodes"].items()
        if node["resource_type"] == "model"
    }
