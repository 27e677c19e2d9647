"""Poisoned extracts have the one fault that a gate has to stop."""

import pytest
from simulated_extracts import END

from simulator import POISONS, poison, simulate


@pytest.fixture
def extract(tmp_path):
    return simulate(tmp_path, end=END, days=20, beds=30, dirt=0).folder


def lines(path):
    return path.read_text().splitlines()


def test_duplicate_keys_repeat_whole_rows(extract):
    before = lines(extract / "admissions.csv")
    after = lines(poison(extract, "duplicate_keys"))
    assert after[: len(before)] == before
    assert len(after) > len(before)
    assert set(after) == set(before)


def test_a_missing_column_is_gone_from_every_line(extract):
    before = lines(extract / "admissions.csv")
    after = lines(poison(extract, "missing_column"))
    assert "admitted_at" not in after[0]
    assert {line.count(",") for line in after} == {before[0].count(",") - 1}
    assert len(after) == len(before)


def test_cut_off_leaves_sixty_percent_of_the_rows(extract):
    before = lines(extract / "bed_stays.csv")
    after = lines(poison(extract, "rows_cut_off", table="bed_stays"))
    assert after == before[: len(after)]
    assert len(after) - 1 == round((len(before) - 1) * 0.6)


def test_another_table_takes_the_place_of_the_right_one(extract):
    path = poison(extract, "other_table", table="bills", other="wards")
    assert path.name == "bills.csv"
    assert path.read_bytes() == (extract / "wards.csv").read_bytes()


def test_an_empty_file_has_no_byte(extract):
    assert poison(extract, "empty_file").read_bytes() == b""


@pytest.mark.parametrize("kind", POISONS)
def test_a_poison_alters_one_file_only(extract, kind):
    before = {path.name: path.read_bytes() for path in extract.iterdir()}
    altered = poison(extract, kind)
    after = {path.name: path.read_bytes() for path in extract.iterdir()}
    differing = {name for name in before if before[name] != after[name]}
    assert differing == {altered.name}


def test_an_unknown_poison_or_column_is_refused(extract):
    with pytest.raises(ValueError, match="unknown poison"):
        poison(extract, "arsenic")
    with pytest.raises(ValueError, match="no column"):
        poison(extract, "missing_column", column="nobody")
