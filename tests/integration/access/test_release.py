"""What leaves the hospital: no withheld cell can be worked out from what is released.

The attacker has the whole release, knows the rule by which cells are withheld, can
compute, and may know the branches' totals from elsewhere. The release is the model's
own SQL, on random hospitals.
"""

from collections.abc import Iterator
from random import Random
from typing import Any

import jinja2
import psycopg
import pytest

from orchestration.settings import REPOSITORY
from orchestration.warehouse import Role, Warehouse

SMALL = range(1, 11)
SEEDS = 200
Cells = dict[tuple[str, str], int]
"""Patients by branch and cell."""


def released_by() -> str:
    """The model's SQL over the table `hospital`."""
    project = REPOSITORY / "dbt_project"
    macro = project / "macros/marts/largest_small_cell.sql"
    model = project / "models/marts/patients/patient_demographics_for_release.sql"
    text = macro.read_text() + model.read_text()
    rendered = jinja2.Template(text).render(ref=lambda _: "hospital")
    assert "{{" not in rendered
    return rendered


class Office:
    """The office that releases."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection
        self.sql = released_by().encode()
        connection.execute(
            "create temporary table hospital (source_system text, branch_key text,"
            " branch_name text, sex text, age_band text, insurance_type text,"
            " patients bigint)"
        )

    def release(self, hospital: Cells) -> list[tuple[Any, ...]]:
        """Rows of branch, cell, patients, is_withheld, branch_patients."""
        self.connection.execute("truncate hospital")
        with self.connection.cursor() as cursor:
            cursor.executemany(
                "insert into hospital values ('s', %s, %s, 'F', '0-17', %s, %s)",
                [(b, b, cell, patients) for (b, cell), patients in hospital.items()],
            )
            rows = cursor.execute(self.sql).fetchall()
        return sorted((b, cell, *rest) for _, b, _, _, _, cell, *rest in rows)


@pytest.fixture(scope="module")
def office(warehouse: Warehouse) -> Iterator[Office]:
    with warehouse.connect(Role.TRANSFORMER) as connection:
        yield Office(connection)
        connection.rollback()


def hospital_of(seed: int) -> Cells:
    """Branches of all kinds: with few and many cells, small and large, and ties."""
    chance = Random(seed)  # noqa: S311
    cells = {}
    for branch in "abc":
        largest = chance.choice([8, 12, 15, 40, 400])
        for number in range(chance.randint(1, 7)):
            cells[branch, f"{branch}{number}"] = chance.randint(1, largest)
    return cells


def possible_values(
    withheld: int, together: int, smallest_shown: int | None
) -> set[int]:
    """What a withheld cell of a branch can be, the release and its total considered.

    Integer programming by exhaustion. Of `withheld` cells with `together` patients,
    some are small, and the others are the branch's smallest large number, below every
    one that is shown. The rule asks for numbers alone, so each cell may be any of them.
    """
    found: set[int] = set()
    for large_cells in range(1, withheld):
        small_cells = withheld - large_cells
        bound = together if smallest_shown is None else smallest_shown - 1
        for large in range(max(SMALL) + 1, bound + 1):
            left = together - large * large_cells
            if small_cells <= left <= small_cells * max(SMALL):
                found.add(large)
                low = max(1, left - (small_cells - 1) * max(SMALL))
                high = min(max(SMALL), left - (small_cells - 1))
                found |= set(range(low, high + 1))
    return found


@pytest.mark.parametrize(
    "seeds", [range(n, n + 20) for n in range(0, SEEDS, 20)], ids=str
)
def test_with_a_total_known_a_withheld_cell_may_still_be_small_or_large(office, seeds):
    attacked = 0
    for seed in seeds:
        hospital = hospital_of(seed)
        rows = office.release(hospital)
        for branch in {row[0] for row in rows}:
            cells = [row for row in rows if row[0] == branch]
            hidden = [hospital[row[0], row[1]] for row in cells if row[3]]
            shown = [row[2] for row in cells if not row[3]]
            if not hidden:
                continue
            attacked += 1
            possible = possible_values(
                len(hidden), sum(hidden), min(shown, default=None)
            )
            assert set(hidden) <= possible, (seed, branch)
            assert min(possible) <= max(SMALL) < max(possible), (seed, branch)
    assert attacked


@pytest.mark.parametrize("seed", range(0, SEEDS, 8))
def test_the_same_is_released_whatever_the_small_numbers_are(office, seed):
    hospital = hospital_of(seed)
    rows = office.release(hospital)
    chance = Random(seed)  # noqa: S311
    for _ in range(5):
        others = {
            cell: chance.choice(SMALL)
            for cell, patients in hospital.items()
            if patients in SMALL
        }
        assert office.release(hospital | others) == rows


@pytest.mark.parametrize("seed", range(0, SEEDS, 8))
def test_exchanging_two_withheld_cells_releases_the_same(office, seed):
    """So whoever knows the total cannot tell either which of the two is small."""
    hospital = hospital_of(seed)
    rows = office.release(hospital)
    hidden = [row[:2] for row in rows if row[3]]
    for one in hidden:
        for other in hidden:
            if one[0] == other[0] and hospital[one] < hospital[other]:
                exchanged = hospital | {one: hospital[other], other: hospital[one]}
                assert office.release(exchanged) == rows


@pytest.mark.parametrize("seed", range(0, SEEDS, 8))
def test_no_small_cell_is_shown_and_large_ones_are_withheld_beside_small_ones_only(
    office, seed
):
    hospital = hospital_of(seed)
    for branch, cell, patients, is_withheld, _ in office.release(hospital):
        assert patients == (None if is_withheld else hospital[branch, cell])
        assert is_withheld or patients not in SMALL
        small = [n for (b, _), n in hospital.items() if b == branch and n in SMALL]
        assert not is_withheld or small


@pytest.mark.parametrize("seed", range(0, SEEDS, 8))
def test_the_total_stands_where_nothing_is_withheld(office, seed):
    rows = office.release(hospital_of(seed))
    for branch in {row[0] for row in rows}:
        cells = [row for row in rows if row[0] == branch]
        is_whole = not any(row[3] for row in cells)
        total = sum(row[2] for row in cells) if is_whole else None
        assert {row[4] for row in cells} == {total}


def test_a_branch_of_small_cells_only_is_not_released(office):
    hospital = {("a", "a0"): 4, ("a", "a1"): 10, ("b", "b0"): 11}
    assert [row[:3] for row in office.release(hospital)] == [("b", "b0", 11)]


def test_without_the_cells_beside_them_small_ones_could_be_worked_out(office):
    """The attack finds them where only small cells are withheld: it can find."""
    hospital = {("a", "a0"): 4, ("a", "a1"): 30, ("a", "a2"): 50}
    assert [row[2] for row in office.release(hospital)] == [None, None, 50]
    assert possible_values(1, 4, 30) == set()
