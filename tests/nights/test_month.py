"""A month of a hospital of two branches, run by the real daemon: schedule and sensors.

Extracts come late, twice, corrected, a week late and poisoned, and a run is killed. At
the end the marts are those of one refresh of all that was accepted, and whoever is on
call was told what he had to be told, and nothing else.
"""

import shutil
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest

from simulator import poison, simulate
from tests.conftest import Home, remove_home
from tests.integration.guarded import KEY
from tests.nights.clock import LIBRARY
from tests.nights.daemon import ZONE, NightWatch
from tests.nights.marts import marts_of
from tests.unit.alerts.receivers import http

pytestmark = [
    pytest.mark.month,
    pytest.mark.skipif(LIBRARY is None, reason="there is no libfaketime"),
]

FIRST = date(2026, 3, 10)
NIGHTS = [FIRST + timedelta(days=it) for it in range(30)]
LATE, VERY_LATE, TWICE, CORRECTED = NIGHTS[3], NIGHTS[6], NIGHTS[8], NIGHTS[11]
MISSING, POISONED, KILLED = NIGHTS[14], NIGHTS[18], NIGHTS[23]
LEAPT = date(2026, 3, 29)
"""The morning whose two o'clock is three."""
DELIVERED = MISSING + timedelta(days=7)
"""The night with which the missing one comes."""

DUE = [
    ("raised", "extract_late", "his"),  # the very late one, at six
    ("resolved", "extract_late", "his"),
    ("raised", "extract_late", "his"),  # the missing one
    ("resolved", "extract_late", "his"),
    ("raised", "gate_failed", "his.admissions"),
    ("resolved", "gate_failed", "his.admissions"),
    ("raised", "refresh_failed", "refresh"),
    ("resolved", "refresh_failed", "refresh"),
]


class Month:
    """The hospital's nights, written elsewhere and moved in when they are complete."""

    def __init__(self, watch: NightWatch, desk: Path) -> None:
        self.watch, self.desk = watch, desk
        self.extracts = watch.home.extracts / "his"
        self.extracts.mkdir(parents=True)

    def write(self, night: date) -> Path:
        days = (night - FIRST).days + 20
        return simulate(
            self.desk, end=night, days=days, beds=18, branches=2, seed=5, dirt=0.5
        ).folder

    def write_corrected(self, night: date) -> Path:
        """The same night, with three treatments that cost something else."""
        folder = self.write(night)
        file = folder / "treatments.csv"
        header, *rows = file.read_text().splitlines()
        cost = header.split(",").index("cost")
        for number, row in enumerate(rows[:3]):
            values = row.split(",")
            values[cost] = f"{number + 1}.50"
            rows[number] = ",".join(values)
        file.write_text("\n".join([header, *rows]) + "\n")
        return folder

    def deliver(self, night: date, folder: Path | None = None) -> None:
        """Move a night into the drop folder, in place of what is there."""
        written = folder or self.write(night)
        shutil.rmtree(self.extracts / night.isoformat(), ignore_errors=True)
        shutil.move(written, self.extracts / night.isoformat())

    def published(self, night: date) -> bool:
        """Whether the marts speak for a night, and no run is under way."""
        found = self.watch.rows("select max(as_of)::date from ops.publications")
        return found == [(night,)] and self.watch.is_idle()

    def taken_in(self, night: date, batches: int) -> bool:
        """Whether so many of a night's batches were accepted, and all is quiet."""
        found = self.watch.rows(
            "select count(*) from ops.batches where status = 'accepted'"
            f" and as_of::date = '{night}' and rows_received > 0"
        )
        return found[0][0] >= batches and self.watch.is_idle()

    def pass_by(self, night: date) -> None:
        """One night and the day after it."""
        watch, morning = self.watch, night + timedelta(days=1)

        def at(hour: int, minute: int = 0) -> None:
            watch.at(datetime.combine(morning, time(hour, minute)))

        at(1, 59)
        tables = 13
        if night == DELIVERED:
            self.deliver(MISSING)
        if night == POISONED:
            folder = self.write(night)
            poison(folder, "duplicate_keys", table="admissions")
            self.deliver(night, folder)
        elif night not in (LATE, VERY_LATE, MISSING):
            self.deliver(night)
        before = len(watch.ended())
        watch.strike(datetime.combine(morning, time(2 + (morning == LEAPT))))
        if night == KILLED:
            # Not while it waits in the queue, without a process to be killed.
            begun = "select run_id from ops.open_runs"
            watch.until(lambda: watch.rows(begun), "the refresh is under way")
            watch.kill_the_run()
        watch.until(
            lambda: any("schedule" in it[2] for it in watch.ended()[before:]),
            f"the schedule's run of {morning}",
        )
        if night == LATE:
            at(4, 10)
            self.deliver(night)
        if night == VERY_LATE:
            at(9, 30)
            self.deliver(night)
        if night == MISSING:
            at(9)
            watch.until(lambda: watch.told()[-1:] == [DUE[2]], "the lack is told")
            return
        if night == POISONED:
            at(11)
            assert not self.published(night)
            self.deliver(night)
        watch.until(lambda: self.published(night), f"{night} is published")
        if night == TWICE:
            at(14)
            for file in (self.extracts / night.isoformat()).iterdir():
                file.touch()
        if night == CORRECTED:
            at(15)
            self.deliver(night, self.write_corrected(night))
            watch.until(lambda: self.taken_in(night, tables + 1), "the correction")
        if night == DELIVERED:
            assert self.taken_in(MISSING, tables)


def found_strange(watch: NightWatch) -> dict[str, bool]:
    """What a gate warned of in any night, and whether it did when it last looked."""
    found: dict[str, bool] = {}
    last: dict[str, tuple[str, dict[str, bool]]] = {}
    for subject, run, expectation, is_strange in watch.rows(
        "select subject, run_id, expectation, severity = 'warning' and not is_success"
        " from ops.gate_results order by gate_result_id"
    ):
        if subject not in last or last[subject][0] != run:
            last[subject] = (run, {})
        last[subject][1][expectation] = is_strange
        if is_strange or subject in found:
            found[subject] = any(last[subject][1].values())
    return found


@pytest.fixture(scope="module")
def watch() -> Iterator[NightWatch]:
    with http() as posts:
        watch = NightWatch(posts, datetime.combine(FIRST, time(20)))
        yield watch
        watch.stop()
    remove_home(watch.home.path)


def test_a_month_of_nights(watch: NightWatch, tmp_path: Path) -> None:
    month = Month(watch, tmp_path / "desk")
    for night in NIGHTS:
        month.pass_by(night)
    watch.until(
        lambda: (
            len(watch.told()) >= len(DUE) and watch.warned() == found_strange(watch)
        ),
        "all is told",
    )
    assert watch.told() == DUE, watch.posts.payloads
    assert {it[1] for it in watch.ended()} == {"published", "held_back", "died"}

    # One refresh of all that was accepted, elsewhere.
    anew = Home()
    shutil.copytree(watch.home.extracts, anew.extracts)
    anew.settings.pseudonym_key_path.write_text(KEY)
    anew.refresh(WARDLINE_TIME_ZONE=ZONE.key)
    assert marts_of(watch.rows) == marts_of(lambda sql: anew.rows(sql, None))
    remove_home(anew.path)
