"""A project that loads the nights of the simulator as deltas."""

from pathlib import Path

import yaml

from simulator import REGISTERS, VOID, VOID_MARKERS
from tests.projects import copied_project


def project_for_deltas(folder: Path) -> Path:
    """A copy of the dbt project, changed as the document says."""
    project = copied_project(folder)
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
