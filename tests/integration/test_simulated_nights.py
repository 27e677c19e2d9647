"""Simulated nights load: as snapshots at once, as deltas once the contract says so.

Either way the marts are the same, whatever the hospital corrected on the way.
"""

import re
from datetime import date

import pytest

from orchestration.settings import REPOSITORY
from simulator import VOID, VOID_MARKERS, Nights, simulate_nights
from tests.conftest import Home, remove_home
from tests.nights.deltas import project_for_deltas
from tests.nights.marts import marts_of

SIZE = {"end": date(2026, 2, 28), "days": 40, "beds": 30, "seed": 11, "dirt": 0}
KEY = "planted-key-of-32-characters-or-more"
DOCUMENT = REPOSITORY / "docs" / "his-layout.md"


def published(home: Home) -> dict[str, list[tuple]]:
    return marts_of(lambda sql: home.rows(sql, None))


def test_the_document_names_the_columns_that_are_marked():
    text = DOCUMENT.read_text().split("\n## A simulated hospital\n")[1]
    rows = dict(re.findall(r"^\| (\w+) \| `(\w+)` \|$", text, re.MULTILINE))
    assert rows == VOID_MARKERS
    assert f"values: [{VOID}]" in text


@pytest.fixture
def homes():
    made = Home(), Home()
    for home in made:
        home.settings.pseudonym_key_path.write_text(KEY)
    yield made
    for home in made:
        remove_home(home.path)


@pytest.mark.long
def test_deltas_and_snapshots_become_the_same_marts(homes):
    as_snapshots, as_deltas = homes
    changes = Nights(3, changes=0.02, deltas=False)
    simulate_nights(as_snapshots.extracts, changes, **SIZE)
    changes = Nights(3, changes=0.02, deltas=True)
    nights = simulate_nights(as_deltas.extracts, changes, **SIZE)
    voided = (nights[-1].folder / "treatments.csv").read_text().count(VOID)
    project = project_for_deltas(as_deltas.path)
    as_snapshots.refresh()
    as_deltas.refresh(WARDLINE_DBT_PROJECT=str(project))
    assert voided
    wanted, found = published(as_snapshots), published(as_deltas)
    assert wanted.keys() == found.keys()
    for mart, rows in wanted.items():
        assert found[mart] == rows, mart
    assert len(wanted["fct_admissions"]) > 100
