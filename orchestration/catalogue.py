"""The catalogue of measures, docs/measures.md, written from what dbt's models declare.

Definitions, formulas, units and sources stand beside the columns, in the models' YAML;
here is only the page's form. `python -m orchestration.catalogue` writes it.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from orchestration import dbt
from orchestration.publication import CANDIDATE
from orchestration.settings import REPOSITORY, get_settings

CATALOGUE = REPOSITORY / "docs" / "measures.md"

# The folders below models/marts, in the order of the page.
SUBJECTS = {
    "stays": "Length of stay and outcomes",
    "beds": "Census and occupancy",
    "appointments": "Appointments",
    "doctors": "Doctor load",
    "treatments": "Treatments",
    "billing": "Billing",
    "patients": "Demographics",
    "overview": "Overview",
    "dimensions": "Dimensions",
}
_TABLE = """\
| measure | definition | formula | unit | summed over time | source |
| --- | --- | --- | --- | --- | --- |"""


def catalogue(manifest: dict[str, Any]) -> str:
    """The page: every measure of every mart, by subject.

    Args:
        manifest: dbt's, parsed from the project as it stands.

    Returns:
        Markdown, ending with a line break.

    Raises:
        KeyError: a measure lacks its unit, or does not say whether it is additive.
    """
    subjects: dict[str, list[dict[str, Any]]] = {name: [] for name in SUBJECTS}
    for node in _marts(manifest):
        if _measures(node):
            subjects[node["fqn"][2]].append(node)
    project = next(iter(_marts(manifest)))["package_name"]
    parts = [
        "# Measures",
        "<!-- Written by `python -m orchestration.catalogue` from the models. -->",
        manifest["docs"][f"doc.{project}.measures"]["block_contents"].strip(),
    ]
    for subject, marts in subjects.items():
        if marts:
            parts.append(f"## {SUBJECTS[subject]}")
            parts += [_section(mart) for mart in marts]
    return "\n\n".join(parts) + "\n"


def _marts(manifest: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The published models, by name."""
    models = sorted(manifest["nodes"].values(), key=lambda node: str(node["name"]))
    for node in models:
        if node["resource_type"] == "model" and node["schema"] == CANDIDATE:
            yield node


def _measures(mart: dict[str, Any]) -> list[dict[str, Any]]:
    """The mart's columns that declare themselves measures."""
    return [c for c in mart["columns"].values() if "measure" in c["config"]["meta"]]


def _section(mart: dict[str, Any]) -> str:
    grain = ", ".join(f"`{column}`" for column in mart["config"]["unique_key"])
    rows = [_row(mart["name"], column) for column in _measures(mart)]
    return "\n".join(
        [
            f"### {mart['name']}",
            "",
            mart["description"].strip(),
            f"Grain: {grain}.",
            "",
            _TABLE,
            *rows,
        ]
    )


def _row(mart: str, column: dict[str, Any]) -> str:
    measure = column["config"]["meta"]["measure"]
    definition = column["description"].strip()
    if "not_for" in measure:
        definition += f" **Not for** {measure['not_for'].strip()}."
    cells = [
        f"`{mart}.{column['name']}`",
        definition,
        measure.get("formula", "-"),
        measure["unit"],
        "yes" if measure["additive_over_time"] else "no",
        measure.get("source", "-"),
    ]
    return "| " + " | ".join(_cell(cell) for cell in cells) + " |"


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def write(path: Path = CATALOGUE) -> None:
    """Write the page from the project as it stands now.

    Raises:
        WardlineError: dbt cannot parse the project.
    """
    path.write_text(catalogue(dbt.manifest(get_settings())), encoding="utf-8")


if __name__ == "__main__":
    write()
