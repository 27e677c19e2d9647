"""The simulator's promises about an extract as a whole."""

from datetime import date, timedelta

import pytest
from simulated_extracts import END, read

from simulator import LAYOUT, simulate


def contents(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_an_extract_is_one_file_per_table_headed_as_the_layout_says(dirty):
    assert dirty.folder.parts[-2:] == ("his", "2026-03-31")
    assert {path.stem for path in dirty.folder.iterdir()} == set(LAYOUT)
    for table, columns in LAYOUT.items():
        lines = (dirty.folder / f"{table}.csv").read_text().splitlines()
        assert lines[0] == ",".join(columns)
        assert len(lines) - 1 == dirty.rows[table]


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path):
    one = simulate(tmp_path / "1", end=END, days=20, beds=40)
    two = simulate(tmp_path / "2", end=END, days=20, beds=40)
    other = simulate(tmp_path / "3", end=END, days=20, beds=40, seed=8)
    assert contents(one.folder) == contents(two.folder)
    assert one.dirty_rows == two.dirty_rows
    assert contents(one.folder) != contents(other.folder)


def test_keys_are_unique_in_every_table(clean):
    for table, columns in LAYOUT.items():
        keys = clean[table][columns[0]]
        assert keys.is_unique, table
        assert (keys != "").all(), table


def test_every_reference_of_a_clean_extract_is_to_a_row_that_is_there(clean):
    for table, columns in LAYOUT.items():
        for column in columns[1:]:
            owner = column.removesuffix("_id")
            owner = "branches" if owner == "branch" else f"{owner}s"
            if not column.endswith("_id") or owner not in LAYOUT:
                continue
            named = set(clean[table][column]) - {""}
            assert named <= set(clean[owner][column]), (table, column)


def test_beds_are_shared_out_among_the_branches(tmp_path):
    extract = simulate(tmp_path, end=END, days=14, beds=90, branches=3, dirt=0)
    tables = read(extract.folder)
    assert len(tables["branches"]) == 3
    wards = tables["wards"].set_index("ward_id")
    beds = tables["beds"]["ward_id"].map(wards["branch_id"]).value_counts()
    assert beds.between(27, 30).all()
    assert set(tables["admissions"]["branch_id"]) == {"BR1", "BR2", "BR3"}


def test_a_day_later_the_past_is_the_same_and_only_open_things_have_moved(tmp_path):
    today = simulate(tmp_path, end=END, days=30, beds=40, dirt=0)
    next_day = END + timedelta(days=1)
    tomorrow = simulate(tmp_path, end=next_day, days=31, beds=40, dirt=0)
    before, after = read(today.folder), read(tomorrow.folder)
    may_change = {
        "admissions": ["discharged_at", "outcome"],
        "bed_stays": ["ended_at"],
        "appointments": ["status"],
        "patients": ["deceased_on"],
        "doctor_shifts": ["worked_hours"],
        "beds": ["closed_on"],
    }
    for table, columns in LAYOUT.items():
        old = before[table].set_index(columns[0])
        new = after[table].set_index(columns[0])
        assert set(old.index) <= set(new.index), table
        new = new.loc[old.index]
        differs = (old != new).any(axis=1)
        changed = may_change.get(table, [])
        assert differs.mean() < 0.2, table
        assert old.drop(columns=changed).equals(new.drop(columns=changed)), table


@pytest.mark.parametrize(
    "arguments",
    [
        {"days": 0},
        {"beds": 8},
        {"beds": 17, "branches": 2},
        {"branches": 0},
        {"dirt": -1.0},
    ],
)
def test_a_hospital_that_cannot_be_is_refused(tmp_path, arguments):
    with pytest.raises(ValueError, match=r"at least|must not"):
        simulate(tmp_path, end=END, **arguments)


@pytest.mark.parametrize("beds", [9, 10, 25])
def test_the_smallest_hospital_on_its_first_day_is_an_extract_too(tmp_path, beds):
    extract = simulate(tmp_path, end=date(2024, 2, 29), days=1, beds=beds)
    assert extract.rows["beds"] >= 9
    assert extract.rows["admissions"] >= 0
