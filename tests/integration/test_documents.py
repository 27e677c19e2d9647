"""What the documents show is true: the worked example, links, commands, settings."""

import os
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest
import yaml

from expectations import read_thresholds
from expectations.thresholds import shipped_thresholds
from orchestration.extracts.contract import DATA_TYPES, Column, ExtractContract
from orchestration.settings import REPOSITORY, Settings
from tests.conftest import Home, all_commands
from tests.projects import copied_project

DOCUMENTS = [
    *(REPOSITORY / name for name in ("README.md", "CONTRIBUTING.md")),
    *sorted((REPOSITORY / "docs").rglob("*.md")),
]
CONNECTING = REPOSITORY / "docs" / "connecting-a-his.md"
OPERATIONS = REPOSITORY / "docs" / "operations.md"
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NAMED_FENCE = re.compile(r"^\*\*`([^`]+)`\*\*\n\n```\w+\n(.*?)^```$", FENCE.flags)
CODE_SPAN = re.compile(r"`([^`\n]+)`")
COMMAND = re.compile(
    r"^(?:\$ )?(?:[A-Z_]+=\S+ )*(?:\S*/)?wardline +([a-z][a-z-]*)(.*)$"
)
GROUPS = {name.split()[0] for name in all_commands() if " " in name}
SETTING = re.compile(r"WARDLINE_[A-Z_]*[A-Z]")


def all_documents() -> list[pytest.param]:
    return [pytest.param(it, id=str(it.relative_to(REPOSITORY))) for it in DOCUMENTS]


# --- the worked example -------------------------------------------------------------


def sessions() -> list[str]:
    """What the guide types, in its order, one text for each console block."""
    fences = FENCE.findall(CONNECTING.read_text())
    return [body for language, body in fences if language == "console"]


def typed(session: str) -> tuple[str, str]:
    """A console block as (what is typed, what is printed).

    A command goes on while its quotes are open or its line ends in a backslash.
    """
    commands: list[str] = []
    lines = session.splitlines(keepends=True)
    while lines and lines[0].startswith("$ "):
        command = lines.pop(0)[2:]
        while command.count('"') % 2 or command.endswith("\\\n"):
            command += lines.pop(0)
        commands.append(command)
    return "".join(commands), "".join(lines)


class Desk:
    """A folder with the dbt project, the guide's files in it, and its extracts."""

    def __init__(self, home: Home) -> None:
        self.home, self.folder = home, home.path / "desk"
        project = copied_project(self.folder)
        (self.folder / ".venv").symlink_to(sys.prefix)
        for name, text in NAMED_FENCE.findall(CONNECTING.read_text()):
            if name == "dbt_project.yml":
                self._add_to_vars(project / name, text)
                continue
            is_extract = name.startswith("extracts/")
            file = (self.folder if is_extract else project) / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="cp1252" if is_extract else "utf-8")

    def _add_to_vars(self, file: Path, text: str) -> None:
        project = yaml.safe_load(file.read_text())
        added = yaml.safe_load(text)["vars"]["source_systems"]
        project["vars"]["source_systems"] |= added
        file.write_text(yaml.safe_dump(project, sort_keys=False))

    def types(self, commands: str) -> subprocess.CompletedProcess:
        here = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "WARDLINE_HOME": str(self.home.path),
            "WARDLINE_DBT_PROJECT": str(self.folder / "dbt_project"),
            # Plain dbt would parse the whole project again in a folder of its own.
            "DBT_TARGET_PATH": str(self.home.settings.dbt_home / "target"),
        }
        commands = re.sub(
            r"^export WARDLINE_HOME=.*$", "", commands, flags=re.MULTILINE
        )
        return subprocess.run(
            ["bash", "-ec", commands],  # noqa: S607
            cwd=self.folder,
            env=os.environ | here,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture(scope="module")
def northside(home: Home) -> Desk:
    """The guide followed to the end of its first console block: refreshed."""
    desk = Desk(home)
    ran = desk.types(typed(sessions()[0])[0])
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "4 files, 19 rows, 1 malformed, sound" in ran.stdout
    assert re.search(r"Mart.* passed: .* 0 critical failures, 3 warnings", ran.stdout)
    return desk


@pytest.mark.parametrize("session", sessions()[1:])
def test_the_guide_prints_what_wardline_prints(northside: Desk, session):
    commands, printed = typed(session)
    ran = northside.types(commands)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    if printed:
        assert ran.stdout == printed


def test_the_guides_broken_rows_are_all_kept(northside: Desk):
    (received,) = northside.home.rows(
        "select sum(rows_received), sum(rows_appended), sum(rows_malformed)"
        " from ops.batches",
        None,
    )
    assert received == (20, 19, 1)
    held = "select count(*) from quarantine.quarantined_rows"
    assert northside.home.rows(held, None) == [(2,)]


# --- the guide's tables --------------------------------------------------------------


def names_in(section: str) -> set[str]:
    """The code words in the first cells of a section's tables."""
    text = CONNECTING.read_text().split(f"\n## {section}\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|", text, re.MULTILINE)
    return {name for row in rows for name in CODE_SPAN.findall(row)} - {"option"}


def test_the_guide_lists_every_option_of_a_table():
    options = {it.name for it in fields(ExtractContract)}
    assert names_in("Options of a table") == (
        options - {"source_system", "table", "columns"}
    )


def test_the_guide_lists_every_option_and_type_of_a_column():
    # min and max are read by dbt alone.
    options = {it.name for it in fields(Column)} - {"name"} | {"min", "max"}
    assert names_in("Options of a column") - {"data_type"} == (
        (options | set(DATA_TYPES)) - {"data_type"}
    )


def test_the_guide_lists_every_entity_with_its_columns():
    macro = REPOSITORY / "dbt_project/macros/intermediate/entity_columns.sql"
    known = {
        entity: re.findall(r"'(\w+)':", columns)
        for entity, columns in re.findall(
            r"^        '(\w+)': \{(.*?)\}", macro.read_text(), re.MULTILINE | re.DOTALL
        )
    }
    listed = re.findall(r"^\| `(\w+)` \| .* \| (.*) \|$", CONNECTING.read_text(), re.M)
    shown = {entity: CODE_SPAN.findall(columns) for entity, columns in listed}
    assert {entity: shown.get(entity) for entity in known} == known


def test_measures_point_at_columns_that_exist():
    marts = REPOSITORY / "dbt_project" / "models" / "marts"
    published = {
        f"{model['name']}.{column['name']}"
        for file in marts.rglob("*.yml")
        for model in yaml.safe_load(file.read_text()).get("models", [])
        for column in model["columns"]
    }
    named = re.findall(r"`(\w+\.\w+)`", (REPOSITORY / "docs/measures.md").read_text())
    assert len(named) > 50
    assert set(named) <= published


def test_operations_lists_every_threshold_with_its_shipped_value():
    text = OPERATIONS.read_text().split("\n## Thresholds\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \| (\S+) \| (.+) \|$", text, re.MULTILINE)
    shipped = shipped_thresholds().values()
    assert rows == [(it.name, f"{it.value:g}", it.unit) for it in shipped]


def test_capacity_reckons_every_size_from_the_measured_ones():
    text = (REPOSITORY / "docs" / "capacity.md").read_text()
    [million_in_ten_years, beds] = [
        float(re.search(pattern, text).group(1))
        for pattern in (
            r"(?m)^\| rows \|.* ([\d.]+) million \|$",
            r"hospital of (\d+) beds",
        )
    ]
    sizes = re.findall(
        r"^\| ([\d,]+) \| (\d+) \| ([\d.]+) million \| ([\d.]+) GB \| ([\d.]+) GB \|"
        r" (\d+) GB \|$",
        text,
        re.MULTILINE,
    )
    assert len(sizes) == 5
    for its_beds, years, *shown in sizes:
        bed_years = int(its_beds.replace(",", "")) * int(years)
        millions = bed_years * million_in_ten_years / 10 / beds
        raw, everything = 0.16 * millions, 1.9 * millions
        reckoned = (millions, raw, everything, 3 * everything)
        for said, it, slack in zip(shown, reckoned, (0.1, 0.1, 0.1, 1), strict=True):
            assert float(said) == pytest.approx(it, abs=slack), (its_beds, years)


def test_the_example_of_a_hospitals_own_thresholds_is_valid():
    [example] = [
        body for language, body in FENCE.findall(OPERATIONS.read_text())
        if language == "yaml" and "max_malformed_pct" in body
    ]  # fmt: skip
    own = read_thresholds(example, "gates.yml", ["his.bills"], ["billing_monthly"])
    assert own.of("his.bills", "min_rows_pct_of_last") == 60


# --- every document ------------------------------------------------------------------


def anchors(document: Path) -> set[str]:
    """A document's headings as GitHub links to them."""
    prose = FENCE.sub("", document.read_text())
    headings = re.findall(r"^#+ (.*)$", prose, re.MULTILINE)
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in headings
    }


@pytest.mark.parametrize("document", all_documents())
def test_links_lead_somewhere(document: Path):
    prose = FENCE.sub("", document.read_text())
    for path, anchor in re.findall(r"\]\(([^)#\s]*)#?([^)\s]*)\)", prose):
        if "://" in path:
            continue
        target = (document.parent / path).resolve() if path else document
        assert target.exists(), path
        if anchor and target.suffix == ".md":
            assert anchor in anchors(target), f"{path}#{anchor}"


@pytest.mark.parametrize("document", all_documents())
def test_commands_exist_with_the_options_shown(document: Path):
    commands = all_commands()
    text = document.read_text()
    lines = [line for _, body in FENCE.findall(text) for line in body.splitlines()]
    for line in lines + CODE_SPAN.findall(FENCE.sub("", text)):
        if not (found := COMMAND.match(line.strip())):
            continue
        name, rest = found.groups()
        if name in GROUPS:
            name, rest = f"{name} {rest.split()[0]}", rest.strip().partition(" ")[2]
        assert name in commands, line
        known = {"--debug", "--help"}
        for parameter in commands[name].params:
            known |= {*parameter.opts, *parameter.secondary_opts}
        shown = re.findall(r"(?<!\S)--[a-z-]+", re.sub(r"\"[^\"]*\"?|#.*", "", rest))
        assert set(shown) <= known, line


def settings_in(text: str) -> set[str]:
    """The settings that a text names; of those by source system, what all share."""
    return {name.partition("__")[0] for name in SETTING.findall(text)}


def test_settings_are_documented_and_those_documented_exist():
    known = {f"WARDLINE_{name.upper()}" for name in Settings.model_fields}
    example = (REPOSITORY / ".env.example").read_text()
    operations = (REPOSITORY / "docs" / "operations.md").read_text()
    assert settings_in(example) == known
    assert settings_in(operations) == known
    for document in DOCUMENTS:
        assert settings_in(document.read_text()) <= known, document


def test_security_names_tests_that_exist():
    named = re.findall(
        r"`([\w/]+\.py)::(test_\w+)`", (REPOSITORY / "docs/security.md").read_text()
    )
    assert len(named) > 15
    for file, test in named:
        folder = "" if "/" in file else "tests/integration/access/"
        source = (REPOSITORY / f"{folder}{file}").read_text()
        assert f"\ndef {test}(" in source, f"{file}::{test}"
