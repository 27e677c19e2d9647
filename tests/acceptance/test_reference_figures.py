"""Each system on an empty warehouse, asked for its known figures through the marts."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from orchestration.settings import REPOSITORY
from tests.conftest import Home, remove_home
from tests.fixtures.dump_to_csv import dump_to_csv
from tests.personal import personal_values_in_marts

SYSTEMS = ("hospital_management", "resource_utilization", "hospital_operations")
FIXTURES = REPOSITORY / "tests" / "fixtures"
REAL = Path(
    os.environ.get("WARDLINE_TEST_EXTRACTS", REPOSITORY.parent / "shared" / "extracts")
)
REAL_FIGURES = yaml.safe_load(
    (Path(__file__).parent / "reference_figures.yml").read_text()
)
FIXTURE_FIGURES = yaml.safe_load((FIXTURES / "expected.yml").read_text())

real_extracts = pytest.mark.skipif(
    not REAL.is_dir(), reason="the real extracts are not on this machine"
)


def drop_folder(source: Path, folder: Path) -> Path:
    """The system's extracts as CSV: copied, or made from its MySQL dump."""
    folder.mkdir(parents=True)
    dumps = list(source.glob("*.sql"))
    if dumps:
        dump_to_csv(dumps[0], folder)
    else:
        for file in source.glob("*.csv"):
            shutil.copy(file, folder)
    return folder.parent


@pytest.fixture(scope="module")
def real_homes() -> Iterator[dict[str, Home]]:
    homes: dict[str, Home] = {}
    for system in SYSTEMS if REAL.is_dir() else ():
        homes[system] = Home()
        extracts = drop_folder(REAL / system, homes[system].path / "real" / system)
        homes[system].refresh("--source", system, "--extracts", str(extracts))
    yield homes
    for home in homes.values():
        remove_home(home.path)


@pytest.fixture(scope="module")
def fixture_home() -> Iterator[Home]:
    home = Home()
    # A handful of rows leaves weeks between one day and the next.
    (home.path / "gates.yml").write_text("max_days_ahead: 60\n")
    for system in (*SYSTEMS, "his"):
        drop_folder(FIXTURES / system, home.extracts / system)
    home.refresh()
    yield home
    remove_home(home.path)


def as_text(rows: list[Any]) -> list[list[str | None]]:
    """Digit for digit, so that an amount is exact to the cent."""
    return [[None if v is None else str(v) for v in row] for row in rows]


def named(figure: dict[str, Any]) -> str:
    return f"{figure['source_system']}: {figure['measure']}"


@real_extracts
@pytest.mark.parametrize("figure", REAL_FIGURES, ids=named)
def test_a_reference_figure_of_the_real_extracts(real_homes, figure):
    home = real_homes[figure["source_system"]]
    assert as_text(home.rows(figure["sql"])) == as_text(figure["expected"])


@real_extracts
@pytest.mark.parametrize("system", SYSTEMS)
def test_a_home_that_took_in_one_system_has_marts_of_that_system_alone(
    real_homes, system
):
    found = real_homes[system].rows(
        "select distinct source_system from marts.dim_patient"
    )
    assert found == [(system,)]


@pytest.mark.parametrize("figure", FIXTURE_FIGURES, ids=named)
def test_a_figure_computed_by_hand_from_the_fixtures(fixture_home, figure):
    assert as_text(fixture_home.rows(figure["sql"])) == as_text(figure["expected"])


@real_extracts
@pytest.mark.parametrize("system", SYSTEMS)
def test_no_personal_value_of_the_real_extracts_is_published(real_homes, system):
    home = real_homes[system]
    assert personal_values_in_marts(home, home.path / "real") == []


def test_no_personal_value_of_the_fixtures_is_published(fixture_home):
    assert personal_values_in_marts(fixture_home, fixture_home.extracts) == []
