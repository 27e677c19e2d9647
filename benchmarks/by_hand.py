"""The script that somebody would write instead: psql, the same SQL, and nothing else.

Belongs here: making it from what dbt compiles, and running it. It loads the files with
copy and makes one table after the other, each with its statistics; no gates, no
publication, no history, no record of anything. Its tables stand in schemas of its own.
"""

import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from graphlib import TopologicalSorter
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from benchmarks.loading import psql
from orchestration import dbt
from orchestration.extracts.manifest import load_contracts
from orchestration.settings import Settings
from orchestration.warehouse import open_warehouse
from tests.conftest import Home

PREFIX = "by_hand_"


def compiled(settings: Settings) -> dict[str, Any]:
    """dbt's manifest with the SQL of all models, as if each were made anew.

    Raises:
        RuntimeError: dbt could not compile them.
    """
    with TemporaryDirectory(dir=settings.dbt_home) as folder:
        ran = dbt.run(
            settings,
            *("compile", "--full-refresh", "--profiles-dir", str(settings.dbt_home)),
            target=folder,
        )
        if ran.returncode:
            raise RuntimeError(f"dbt could not compile the models: {ran.stdout}")
        manifest = (Path(folder) / "manifest.json").read_bytes()
    loaded: dict[str, Any] = json.loads(manifest)
    return loaded


def models_in_order(manifest: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The models that are tables or views, each after those that it reads."""
    models = {
        name: node
        for name, node in manifest["nodes"].items()
        if node["resource_type"] == "model"
    }
    parents = {name: node["depends_on"]["nodes"] for name, node in models.items()}
    return [
        models[name]
        for name in TopologicalSorter(parents).static_order()
        if name in models and models[name]["config"]["materialized"] != "ephemeral"
    ]


def load_script(settings: Settings, manifest: Mapping[str, Any], folder: Path) -> str:
    """The first part: raw tables with as little of lineage as the models read.

    Args:
        settings: of a home with a refresh behind it, whose last batches are named.
        manifest: with the contracts.
        folder: with the files of system `his`, all without faults.
    """
    contracts = load_contracts(manifest)
    with open_warehouse(settings).connect() as connection:
        batches: dict[str, int] = dict(
            connection.execute(
                "select source_system || '.' || table_name, max(batch_id)"
                " from ops.batches where status = 'accepted' group by 1"
            ).fetchall()
        )
        [[as_of]] = connection.execute("select max(as_of) from ops.batches").fetchall()
    lines = ["set client_min_messages = warning;"]
    lines += [f"drop schema if exists {it} cascade;" for it in _schemas(manifest)]
    lines += [f"create schema {it};" for it in _schemas(manifest)]
    for tables in contracts.values():
        for contract in tables:
            raw = f"{PREFIX}{contract.raw_schema}.{contract.table}"
            there = f"{contract.raw_schema}.{contract.table}"
            lines.append(f"create table {raw} (like {there});")
            file = folder / f"{contract.table}.csv"
            if contract.subject not in batches or not file.exists():
                continue
            lines += [
                f"alter table {raw} alter _batch_id set default"
                f" {batches[contract.subject]}, alter _row_number add generated always"
                f" as identity, alter _as_of set default '{as_of}', alter _is_deleted"
                " set default false, alter _row_hash set default 0;",
                f"\\copy {raw} ({_header(file)}) from '{file}' csv header",
                f"analyze {raw};",
            ]
    return "\n".join(lines)


def models_script(manifest: Mapping[str, Any]) -> str:
    """The second part: every model as `create table as`, in the order of dependence."""
    return "\n".join(
        line for node in models_in_order(manifest) for line in _made(node, manifest)
    )


def run_script(settings: Settings, script: str) -> float:
    """Seconds in which psql runs a script.

    Raises:
        CalledProcessError: a statement failed; psql has said which.
    """
    warehouse = open_warehouse(settings)
    start = perf_counter()
    subprocess.run(
        [psql(), "-qX", "-v", "ON_ERROR_STOP=1", "-f", "-", warehouse.conninfo],
        input=script,
        text=True,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return perf_counter() - start


def by_hand(home: Home, manifest: Mapping[str, Any], folder: Path) -> dict[str, float]:
    """Seconds of the script's two parts: `load` and `models`."""
    load = load_script(home.settings, manifest, folder)
    return {
        "load": run_script(home.settings, load),
        "models": run_script(home.settings, models_script(manifest)),
    }


def clean(home: Home, manifest: Mapping[str, Any]) -> None:
    """Drop what the script made."""
    run_script(
        home.settings,
        "set client_min_messages = warning;\n"
        + "\n".join(f"drop schema {it} cascade;" for it in _schemas(manifest)),
    )


def _schemas(manifest: Mapping[str, Any]) -> list[str]:
    """Those of the script, one for each of dbt's but the record of the warehouse."""
    nodes = [*models_in_order(manifest), *manifest["sources"].values()]
    return sorted({PREFIX + it["schema"] for it in nodes if it["schema"] != "ops"})


def _made(node: Mapping[str, Any], manifest: Mapping[str, Any]) -> Iterator[str]:
    name = f"{PREFIX}{node['schema']}.{node['alias']}"
    is_view = node["config"]["materialized"] == "view"
    query = _moved(node["compiled_code"], manifest)
    yield f"create {'view' if is_view else 'table'} {name} as\n{query}\n;"
    if is_view:
        return
    for index in node["config"].get("indexes") or []:
        unique = "unique " if index.get("unique") else ""
        method = f" using {index['type']}" if index.get("type") else ""
        yield (
            f"create {unique}index on {name}{method} ({', '.join(index['columns'])});"
        )
    if node["config"]["post-hook"]:
        yield f"analyze {name};"


def _moved(query: str, manifest: Mapping[str, Any]) -> str:
    """The query with the script's schemas in the place of dbt's."""
    for schema in _schemas(manifest):
        theirs = schema.removeprefix(PREFIX)
        query = re.sub(rf'"{theirs}"\.', f'"{schema}".', query)
    return query


def _header(file: Path) -> str:
    with file.open(encoding="utf-8") as lines:
        return lines.readline().strip()
