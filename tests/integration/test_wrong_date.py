"""A night that was accepted under a wrong date: the way back is last night's backup."""

from datetime import date

import pytest

from simulator import simulate
from tests.conftest import Home

pytestmark = pytest.mark.long

NIGHT_1, NIGHT_2, WRONG = date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 9)


def exported(home: Home, night: date, folder: date) -> None:
    days = (night - date(2025, 12, 31)).days
    extract = simulate(home.extracts, end=night, days=days, beds=30, seed=11)
    extract.folder.rename(extract.folder.with_name(f"{folder}"))


def published(home: Home) -> list[tuple[str, int]]:
    """The day the marts speak for, and the days after the true one that they count."""
    return home.rows(
        "select cast(as_of as date)::text, (select count(*) from"
        f" marts.bed_occupancy_daily where date_day > '{NIGHT_2}')"
        " from marts.publication order by publication_id desc limit 1"
    )


def test_the_backup_of_the_night_before_takes_a_wrong_date_back(home: Home):
    exported(home, NIGHT_1, NIGHT_1)
    home.refresh()
    backups = home.path / "backups"
    assert home.run("backup", backups).returncode == 0
    exported(home, NIGHT_2, WRONG)
    home.refresh()
    [(day, too_many)] = published(home)
    assert day == f"{WRONG}"
    assert too_many

    (home.extracts / "his" / f"{WRONG}").rename(home.extracts / "his" / f"{NIGHT_2}")
    [backup] = backups.iterdir()
    reason = ("--reason", "The folder had a wrong date.")
    ran = home.run("restore", backup, "--force", *reason)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert home.run("init-db").returncode == 0
    home.refresh()
    assert published(home) == [(f"{NIGHT_2}", 0)]
    assert home.rows("select max(as_of)::date::text from ops.batches", None) == [
        (f"{NIGHT_2}",)
    ]
