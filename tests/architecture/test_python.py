"""Python's imports held to the rules of the house."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestration.settings import REPOSITORY

ROOMS = ("benchmarks", "expectations", "orchestration", "serving", "simulator")
FORBIDDEN = {
    "expectations": {"dagster", "dagster_dbt", "dbt", "orchestration", "simulator"},
    "serving": {
        "dagster",
        "dagster_dbt",
        "dbt",
        "expectations",
        "great_expectations",
        "orchestration",
        "simulator",
    },
    "simulator": {"dagster", "dbt", "expectations", "orchestration"},
    "orchestration/extracts": {
        "dagster",
        "dagster_dbt",
        "dbt",
        "expectations",
        "great_expectations",
        "simulator",
    },
    "orchestration": {"great_expectations"},
}
ONLY_IN_DEFS = {"dagster_dbt"}


def python_files(room: str) -> list[Path]:
    return sorted((REPOSITORY / room).rglob("*.py"))


def imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


@pytest.mark.parametrize("room", FORBIDDEN)
def test_a_room_does_not_know_what_it_must_not(room):
    for file in python_files(room):
        packages = {name.split(".")[0] for name in imported(file)}
        assert not packages & FORBIDDEN[room], file


def test_dagster_stays_in_its_part_of_the_house():
    allowed = {"definitions.py", "refresh.py"}
    for file in python_files("orchestration"):
        if file.parent.name == "defs" or file.name in allowed:
            continue
        packages = {name.split(".")[0] for name in imported(file)}
        assert not packages & {"dagster", "dagster_dbt"}, file


@pytest.mark.parametrize("room", ROOMS)
def test_every_module_says_what_belongs_in_it_and_stays_small(room):
    for file in python_files(room):
        source = file.read_text()
        assert ast.get_docstring(ast.parse(source)), file
        assert len(source.splitlines()) <= 250, file


@pytest.mark.parametrize("room", ROOMS)
def test_settings_are_read_in_one_place(room):
    # dbt and Dagster are told where the home is through the environment, and dbt with
    # which process it ends.
    allowed = {
        "settings.py",
        "definitions.py",
        "dagster_home.py",
        "dbt.py",
        "dbt_child.py",
    }
    for file in python_files(room):
        if file.name not in allowed:
            assert "os.environ" not in file.read_text(), file
            assert "getenv" not in file.read_text(), file
