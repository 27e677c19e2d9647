"""The simulated hospital's time: integers inside, ISO texts outside.

Belongs here: what turns days and minutes into text, and the rhythms of week and year.
A day is counted from the first simulated day, a minute from its midnight. `NEVER`
stands for what does not happen. What lies after the extract's end is not written.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import numpy as np

from simulator.layout import Booleans, Floats, Ints
from simulator.texts import Bytes, Part, Parts, encoded

DAY = 24 * 60
NEVER = 2**40
_DAYS_AT_ONCE = 4096


@cache
def _times() -> Bytes:
    """No text, then every minute of a day."""
    return encoded(["", *(f" {m // 60:02d}:{m % 60:02d}:00" for m in range(DAY))])


@cache
def _days(opened: np.datetime64, first: int, last: int) -> Bytes:
    """No text, then the days of the `first` to the `last` 4,096 since `opened`."""
    counted = np.arange(first * _DAYS_AT_ONCE, (last + 1) * _DAYS_AT_ONCE)
    written = np.datetime_as_string(opened + counted)
    return encoded(["", *written.tolist()])


@dataclass(frozen=True)
class Calendar:
    """`days` days of which the last is `end`, every minute of it included."""

    end: date
    days: int

    @property
    def closing(self) -> int:
        """The last minute that the extract speaks for."""
        return self.days * DAY - 1

    def before(self, nights: int) -> "Calendar":
        """The same days without the last ones."""
        return Calendar(self.end - timedelta(days=nights), self.days - nights)

    @property
    def opened(self) -> np.datetime64:
        """The first simulated day."""
        return np.datetime64(self.end) - np.timedelta64(self.days - 1, "D")

    def dates(self, days: Ints, until: int | None = None) -> Parts:
        """YYYY-MM-DD; no value for a day after `until` (unset: the extract's end)."""
        known = days <= (self.days - 1 if until is None else until)
        return [self._looked_up(days, known)]

    def moments(self, minutes: Ints, until: int | None = None) -> Parts:
        """YYYY-MM-DD HH:MM:SS; no value after minute `until` (unset: the closing)."""
        known = minutes <= (self.closing if until is None else until)
        day = minutes // DAY
        return [
            self._looked_up(day, known),
            Part(_times(), (minutes - day * DAY + 1) * known),
        ]

    def _looked_up(self, days: Ints, known: Booleans) -> Part:
        days = days[known] if not known.all() else days
        first = int(days.min(initial=0)) // _DAYS_AT_ONCE
        last = int(days.max(initial=0)) // _DAYS_AT_ONCE
        index = np.zeros(len(known), dtype=np.int64)
        index[known] = days - (first * _DAYS_AT_ONCE - 1)
        return Part(_days(self.opened, first, last), index)

    def weekday(self, days: Ints) -> Ints:
        """0 is Monday."""
        # Day 0 of the epoch was a Thursday.
        return (days + self.opened.astype(np.int64) + 3) % 7

    def per_hour(
        self,
        per_day: Floats | float,
        day: range,
        hours: list[float],
        week: list[float],
        season: float,
    ) -> Floats:
        """Expected arrivals of each hour of `day`, `per_day` on an average one.

        `per_day` is one number, or one for each day. `hours` weighs the 24 hours and
        `week` the 7 days from Monday; `season` is the share by which mid-January stands
        above the year's mean and mid-July below it.
        """
        days = np.arange(day.start, day.stop)
        year_days = (self.opened + days).astype("datetime64[Y]")
        day_of_year = (self.opened + days - year_days).astype(np.int64)
        swing = 1 + season * np.cos(2 * np.pi * (day_of_year - 14) / 365.25)
        weeks = np.array(week)[self.weekday(days)] / np.mean(week)
        clock = np.array(hours) / np.sum(hours)
        return np.outer(per_day * swing * weeks, clock).ravel()
