"""A project that loads the nights of the simulator as deltas."""

import shutil
from pathlib import Path

import yaml

from orchestration.settings import REPOSITORY
from simulator import REGISTERS, VOID, VOID_MARKERS


def project_for_deltas(folder: Path) -> Path:
    """A copy of the dbt project, changed as the document says."""
    project = folder / "dbt_project"
    ignored = shutil.ignore_patterns("target", "logs", "profiles.yml")
    shutil.copytree(REPOSITORY / "dbt_project", project, ignore=ignored)
    file = project / "models" / "staging" / "his" / "_sources.yml"
    sources = yaml.safe_load(file.read_text())
    (source,) = sources["sources"]
    source["config"]["meta"]["extract"]["mode"] = "delta"
    for table in source["tables"]:
        extract = table["config"]["meta"]["extract"]
        if table["name"] in VOID_MARKERS:
            marker = {"column": VOID_MARKERS[table["name"]], "values": [VOID]}
            extract["deleted_marker"] = marker
        elif table["name"] in REGISTERS:
            extract["mode"] = "snapshot"
    file.write_text(yaml.safe_dump(sources, sort_keys=False))
    return project
