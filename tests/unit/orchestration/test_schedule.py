"""The nightly schedule across clock changes, by Dagster's own reckoning."""

from datetime import datetime, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

import pytest
from dagster._utils.schedules import schedule_execution_time_iterator

from orchestration.defs.jobs import nightly_refresh, nightly_schedule
from orchestration.errors import UsageError
from orchestration.settings import Settings

BERLIN = ZoneInfo("Europe/Berlin")


def ticks(day: str, days: int, **settings: str) -> list[str]:
    """When the refresh starts in so many days from one on, in hospital time."""
    made = Settings(time_zone="Europe/Berlin", _env_file=None, **settings)
    schedule = nightly_schedule(nightly_refresh(), made)
    begin = datetime.fromisoformat(day).replace(tzinfo=BERLIN)
    end = begin + timedelta(days=days)
    found = schedule_execution_time_iterator(
        begin.timestamp(),
        schedule.cron_schedule,
        schedule.execution_timezone,
        ascending=True,
    )
    return [
        it.astimezone(BERLIN).strftime("%d %H:%M")
        for it in takewhile(lambda it: it < end, found)
    ]


def test_it_starts_once_a_night_when_two_is_skipped():
    assert ticks("2026-03-28", 3) == ["28 02:00", "29 03:00", "30 02:00"]


def test_it_starts_once_a_night_when_two_comes_twice():
    assert ticks("2026-10-24", 3) == ["24 02:00", "25 02:00", "26 02:00"]


def test_its_time_is_a_setting():
    assert ticks("2026-05-04", 2, schedule="30 1 * * mon") == ["04 01:30"]


def test_what_cron_does_not_understand_is_said():
    with pytest.raises(UsageError, match=r"WARDLINE_SCHEDULE is '99 2 \* \* \*'"):
        ticks("2026-05-04", 1, schedule="99 2 * * *")
