"""Another key for the pseudonyms: every key changes, and nothing else does."""

from datetime import date

import pytest

from simulator import simulate
from tests.conftest import Home, remove_home

NEW_KEY = "the-new-key-of-the-pseudonyms-is-this"
PSEUDONYM = "[0-9a-f]{32}"

pytestmark = pytest.mark.long


def smallest(home: Home) -> None:
    simulate(home.extracts, end=date(2026, 1, 10), days=10, beds=9, seed=5)


def published(home: Home) -> dict[str, list[str]]:
    """Every row of every mart but the publications, in an order of its own."""
    names = home.rows(
        "select tablename from pg_tables where schemaname = 'marts'"
        " and tablename <> 'publication' order by 1",
        None,
    )
    return {
        name: [
            row
            for (row,) in home.rows(f"select m::text from marts.{name} m order by 1")
        ]
        for (name,) in names
    }


def pseudonyms(home: Home) -> dict[str, set[str]]:
    """All values that look like a pseudonym, by mart and column."""
    columns = home.rows(
        "select table_name, column_name from information_schema.columns"
        " where table_schema = 'marts' and data_type = 'text'"
    )
    found = {}
    for mart, column in columns:
        values = home.rows(
            f"select distinct {column} from marts.{mart}"
            f" where {column} ~ '^{PSEUDONYM}$'"
        )
        if values:
            found[f"{mart}.{column}"] = {value for (value,) in values}
    return found


@pytest.fixture(scope="module")
def rotated(home: Home) -> tuple[dict[str, set[str]], dict[str, list[str]]]:
    """The pseudonyms before, and the marts after a refresh with another key."""
    smallest(home)
    home.refresh()
    before = pseudonyms(home)
    (home.path / "pseudonym.key").write_bytes(NEW_KEY.encode())
    refused = home.run("refresh")
    assert refused.returncode == 3
    assert "wardline rotate-pseudonyms" in refused.stderr
    ran = home.run("rotate-pseudonyms", "--yes", "--reason", "the old one was seen")
    assert ran.returncode == 0, ran.stderr
    assert pseudonyms(home) == before  # until the refresh
    home.refresh()
    return before, published(home)


def test_no_old_pseudonym_is_left_in_any_mart(home: Home, rotated):
    before, _ = rotated
    after = pseudonyms(home)
    for column in ("dim_patient.patient_key", "fct_bed_stays.bed_stay_key"):
        assert column in before
    assert set(after) == set(before)
    old = set().union(*before.values())
    assert [column for column, keys in after.items() if keys & old] == []
    assert {c: len(k) for c, k in after.items()} == {
        c: len(k) for c, k in before.items()
    }


def test_the_marts_are_those_of_a_warehouse_that_always_had_the_new_key(rotated):
    _, after = rotated
    fresh = Home()
    try:
        smallest(fresh)
        fresh.refresh(WARDLINE_PSEUDONYM_KEY=NEW_KEY)
        (fresh.path / "pseudonym.key").write_bytes(NEW_KEY.encode())
        assert published(fresh) == after
    finally:
        remove_home(fresh.path)


@pytest.mark.usefixtures("rotated")
def test_no_rollback_brings_the_old_pseudonyms_back(home: Home):
    ran = home.run("rollback", "--reason", "x")
    assert ran.returncode == 2, ran.stdout + ran.stderr
    kept = home.rows("select count(*) from history.dim_patient", None)
    assert kept == [(0,)]


@pytest.mark.usefixtures("rotated")
def test_the_homes_own_key_is_replaced_by_a_random_one(home: Home):
    file = home.path / "pseudonym.key"
    ran = home.run("rotate-pseudonyms", "--yes", "--reason", "yearly")
    assert ran.returncode == 0, ran.stderr
    assert file.read_bytes() != NEW_KEY.encode()
    assert len(file.read_bytes()) >= 32
    assert file.stat().st_mode & 0o777 == 0o600
    assert home.rows(
        "select reason from ops.decisions where action = 'rotate_key'"
        " order by decision_id", None,
    ) == [("the old one was seen",), ("yearly",)]  # fmt: skip
    assert home.run("status").returncode == 0


@pytest.mark.usefixtures("rotated")
def test_a_rotation_that_was_interrupted_is_completed_by_doing_it_again(home: Home):
    """Killed after the file was replaced, and before the warehouse took the key."""
    file = home.path / "pseudonym.key"
    file.write_bytes(NEW_KEY.encode())
    assert home.run("status").returncode == 3
    assert home.run("rotate-pseudonyms", "--yes", "--reason", "again").returncode == 0
    assert file.read_bytes() == NEW_KEY.encode()
    assert home.run("status").returncode == 0


@pytest.mark.usefixtures("rotated")
def test_a_key_that_the_hospital_keeps_is_never_replaced_by_wardline(home: Home):
    ran = home.run(
        "rotate-pseudonyms", "--yes", "--reason", "x", WARDLINE_PSEUDONYM_KEY=NEW_KEY
    )
    assert ran.returncode == 2
    assert "put the new key there" in ran.stderr


@pytest.mark.usefixtures("rotated")
def test_a_lost_key_file_is_not_made_anew_behind_the_hospitals_back(home: Home):
    file = home.path / "pseudonym.key"
    kept = file.rename(file.with_suffix(".kept"))
    ran = home.run("status")
    assert ran.returncode == 3
    assert "restore it" in ran.stderr
    assert not file.exists()
    kept.rename(file)
