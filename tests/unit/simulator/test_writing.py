"""How many rows are text at one time, and on how many cores, does not show."""

import numpy as np
import pytest
from simulated_extracts import END

from simulator import LAYOUT, cores, simulation, world
from simulator.calendar import Calendar
from simulator.chance import Chance
from simulator.dirt import Dirt, soil
from simulator.files import write
from simulator.texts import decimal, filled, numbered


@pytest.fixture(scope="module")
def tables():
    calendar = Calendar(END, 60)
    life = world.live(Chance(7), calendar, beds=60, branches=2)
    found = world.tables(life, calendar)
    soil(life.chance, found, Dirt().times(10))
    return found


@pytest.mark.parametrize("table", LAYOUT)
def test_blocks_smaller_than_the_table_give_the_same_bytes(table, tables, tmp_path):
    write(tmp_path / "whole", tables[table], LAYOUT[table], 10**6)
    write(tmp_path / "blocks", tables[table], LAYOUT[table], 97)
    whole = (tmp_path / "whole").read_bytes()
    assert whole == (tmp_path / "blocks").read_bytes()
    assert whole.count(b"\n") == len(tables[table]) + 1


def test_one_core_and_several_give_the_same_bytes(tmp_path, monkeypatch):
    size = {"end": END, "days": 40, "beds": 90, "branches": 3}
    found = []
    for number in (1, 3):
        monkeypatch.setattr(cores, "cores", lambda number=number: number)
        monkeypatch.setattr(simulation, "_MANY_ROWS", 0)
        monkeypatch.setattr("simulator.bed_stays._MANY", 0)
        monkeypatch.setattr("simulator.chance._MANY", 0)
        monkeypatch.setattr("simulator.chance.cores", cores.cores)
        folder = simulation.simulate(tmp_path / str(number), **size).folder
        found.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert found[0] == found[1]


def values(parts, rows):
    """As they are written: without the NULs that fill them up."""
    return [bytes(v).replace(b"\0", b"").decode() for v in filled(parts, rows).tolist()]


def test_numbers_are_written_with_zeros_in_front_and_may_outgrow_them():
    numbers = np.array([0, 1, 9999, 10_000, 999_999, 1_000_000, 23_456_789])
    assert values(numbered("A", 6, numbers), len(numbers)) == [
        "",
        *(f"A{n:06d}" for n in numbers[1:]),
    ]


def test_amounts_are_written_with_two_decimals():
    cents = np.array([0, 5, 100, 99_999, 100_000, 123_456_789])
    written = values(decimal(cents, 2), len(cents))
    assert written == [f"{n / 100:.2f}" for n in cents]
