"""dbt as Wardline runs it: its profile, its artifacts, and what its manifest declares.

No Dagster in here; models are built by defs/transformation.py.
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from expectations import Mart
from orchestration.dbt_child import PARENT_VARIABLE
from orchestration.dbt_profile import PASSWORD_VARIABLE, password, write_profile
from orchestration.errors import UsageError, WardlineError
from orchestration.extracts.files import unknown_systems
from orchestration.publication import CANDIDATE
from orchestration.settings import Settings, get_settings
from orchestration.source_databases import source_databases
from orchestration.spark.remote import is_remote
from orchestration.thresholds import ThresholdFile
from orchestration.warehouse import SESSION, locate

EXECUTABLE = str(Path(sys.executable).with_name("dbt"))
_EXPECTED = (
    "Extracts are expected as <source_system>/<YYYY-MM-DD>/<table>.csv; "
    "`wardline simulate` writes some."
)


def environment(settings: Settings) -> dict[str, str]:
    """This process's environment, with what dbt's needs to know of the settings."""
    added = {
        "DBT_PROFILES_DIR": str(settings.dbt_home),
        "DBT_TARGET_PATH": str(target_path(settings)),
        "DBT_LOG_PATH": str(settings.dbt_home / "logs"),
        "DO_NOT_TRACK": "1",
        "WARDLINE_SESSION": SESSION,
        "WARDLINE_TIME_ZONE": settings.time_zone,
        # Spark's workers are as its driver, unless they have their own.
        "PYSPARK_PYTHON": os.environ.get("PYSPARK_PYTHON", sys.executable),
        PASSWORD_VARIABLE: password(settings),
    }
    if options := locate(settings).options:
        # dbt's profile has no place for them; libpq reads them from here.
        added["PGOPTIONS"] = options
    if is_remote(settings):
        # Neither has it one for the server of Spark's session.
        added["SPARK_REMOTE"] = settings.spark_master
    return os.environ | added


def end_with_this_process() -> None:
    """Let the dbt that is started next live no longer than this process."""
    os.environ[PARENT_VARIABLE] = str(os.getpid())


def target_path(settings: Settings, engine: str = "postgres") -> Path:
    """Where dbt puts what it parsed and compiled for an engine.

    dbt would otherwise take what it parsed of one project, or for one engine, for the
    other's.
    """
    project = sha256(bytes(settings.dbt_project)).hexdigest()[:8]
    folder = settings.dbt_home / f"target-{project}"
    return folder if engine == "postgres" else folder / engine


def manifest_path(settings: Settings) -> Path:
    """dbt's manifest, parsed again if the project is newer than it.

    Raises:
        WardlineError: dbt cannot parse the project.
    """
    path = target_path(settings) / "manifest.json"
    project = _project_file(settings).parent
    newest = max(
        place.stat().st_mtime  # a folder's changes when a file in it comes or goes
        for folder in ("models", "macros", "seeds", "snapshots", "tests")
        for place in (project / "dbt_project.yml", *(project / folder).rglob("*"))
    )
    write_profile(settings)
    if not path.exists() or path.stat().st_mtime < newest:
        _parse(settings, path.parent)
    return path


def run(
    settings: Settings, *command: str, target: str
) -> subprocess.CompletedProcess[str]:
    """Run one of dbt's commands on the project, quietly, with a target folder."""
    return subprocess.run(
        [EXECUTABLE, "--quiet", *command, "--project-dir", str(settings.dbt_project)],
        env=environment(settings) | {"DBT_TARGET_PATH": target},
        capture_output=True,
        text=True,
        check=False,
    )


def _parse(settings: Settings, target: Path) -> None:
    """Let dbt parse the project, and take over what it wrote once that is whole."""
    target.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=target, prefix="parsing-") as folder:
        parsed = run(settings, "parse", target=folder)
        if parsed.returncode:
            raise WardlineError(
                f"dbt cannot parse the project: {parsed.stdout.strip()}"
            )
        for name in ("partial_parse.msgpack", "manifest.json"):
            Path(folder, name).replace(target / name)
    os.utime(target / "manifest.json")


def manifest(settings: Settings) -> dict[str, Any]:
    """dbt's manifest of the project as it stands now.

    Raises:
        WardlineError: dbt cannot parse the project.
    """
    loaded: dict[str, Any] = json.loads(manifest_path(settings).read_bytes())
    return loaded


def marts(manifest: dict[str, Any]) -> list[Mart]:
    """The marts to publish: dbt's models in the candidate schema, with their grain."""
    return [
        Mart(
            node["name"],
            _listed(node["config"]["unique_key"]),
            tuple(node["columns"]),
            node["config"]["meta"].get("has_patient_data", True),
        )
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["schema"] == CANDIDATE
    ]


def threshold_file(settings: Settings, manifest: dict[str, Any]) -> ThresholdFile:
    """The hospital's own thresholds, for the tables and marts of the project."""
    return ThresholdFile(
        settings.gates_path,
        tables=[
            f"{node['source_name']}.{node['name']}"
            for node in manifest["sources"].values()
        ],
        marts=[mart.name for mart in marts(manifest)],
    )


def source_systems(settings: Settings) -> dict[str, dict[str, str]]:
    """The project's source systems: entity by entity, the table that provides it."""
    file = _project_file(settings)
    try:
        project = yaml.safe_load(file.read_text())
        systems: dict[str, dict[str, str]] = project["vars"]["source_systems"]
        listed = {system: dict(tables) for system, tables in systems.items()}
    except (yaml.YAMLError, UnicodeDecodeError) as broken:
        raise UsageError(f"{file} is not the YAML that dbt reads.") from broken
    except (KeyError, TypeError, ValueError, AttributeError) as lacking:
        raise UsageError(
            f"{file} lacks vars.source_systems: for each system, its entities and the "
            "tables that provide them."
        ) from lacking
    return listed


def _project_file(settings: Settings) -> Path:
    file = settings.dbt_project / "dbt_project.yml"
    if not file.is_file():
        raise UsageError(
            f"WARDLINE_DBT_PROJECT is {settings.dbt_project}, where no dbt_project.yml "
            "is; name the folder of the dbt project."
        )
    return file


def choose_systems(settings: Settings, names: Sequence[str]) -> list[str]:
    """The named source systems, or all if none is named.

    Raises:
        UsageError: the project has no such system.
    """
    systems = source_systems(settings)
    for name in names:
        if name not in systems:
            raise UsageError(
                f"There is no source system '{name}'; the project has "
                f"{', '.join(systems)}."
            )
    return list(names or systems)


def require_extracts(settings: Settings, folder: Path) -> list[str]:
    """Make sure that a drop folder has something for one of the source systems.

    It need not where a system is read from its own database.

    Returns:
        Its folders that no source system is named after.

    Raises:
        UsageError: there is nothing to take in.
    """
    systems = source_systems(settings)
    if not folder.is_dir():
        if source_databases(settings, systems):
            return []
        wrong = "is not a folder" if folder.exists() else "does not exist"
        raise UsageError(f"The drop folder {folder} {wrong}. {_EXPECTED}")
    there = [system for system in systems if (folder / system).is_dir()]
    return require_systems(
        settings, str(folder), [*there, *unknown_systems(folder, systems)]
    )


def require_systems(
    settings: Settings, drop_folder: str, there: Sequence[str]
) -> list[str]:
    """The same for a drop folder of which the folders' names are all that is known."""
    systems = source_systems(settings)
    if not set(there) & set(systems) and not source_databases(settings, systems):
        raise UsageError(
            f"The drop folder {drop_folder} has no folder of a source system "
            f"({', '.join(systems)}). {_EXPECTED}"
        )
    return [name for name in there if name not in systems]


def staging_model(system: str, table: str) -> str:
    """The name of the model that stages a source table."""
    return f"stg_{system}__{table}"


def _listed(key: str | list[str]) -> tuple[str, ...]:
    return (key,) if isinstance(key, str) else tuple(key)


if __name__ == "__main__":  # installing prepares the project for its first refresh
    manifest_path(get_settings())
