"""The simulated hospital's time: integers inside, ISO texts outside.

Belongs here: what turns days and minutes into text, and the rhythms of week and year.
A day is counted from the first simulated day, a minute from its midnight. `NEVER`
stands for what does not happen. What lies after the extract's end is not written.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np

from simulator.layout import Booleans, Floats, Ints, Texts

DAY = 24 * 60
NEVER = 2**40
_TIMES = np.array([f" {m // 60:02d}:{m % 60:02d}:00" for m in range(DAY)], dtype=object)


@dataclass(frozen=True)
class Calendar:
    """`days` days of which the last is `end`, every minute of it included."""

    end: date
    days: int

    @property
    def closing(self) -> int:
        """The last minute that the extract speaks for."""
        return self.days * DAY - 1

    @property
    def opened(self) -> np.datetime64:
        """The first simulated day."""
        return np.datetime64(self.end) - np.timedelta64(self.days - 1, "D")

    def dates(self, days: Ints, until: int | None = None) -> Texts:
        """YYYY-MM-DD; no value for a day after `until` (unset: the extract's end)."""
        known = days <= (self.days - 1 if until is None else until)
        return self._looked_up(np.where(known, days, 0), known)

    def moments(self, minutes: Ints, until: int | None = None) -> Texts:
        """YYYY-MM-DD HH:MM:SS; no value after minute `until` (unset: the closing)."""
        known = minutes <= (self.closing if until is None else until)
        day, minute = np.divmod(np.where(known, minutes, 0), DAY)
        texts = self._looked_up(day, known)
        texts[known] += _TIMES[minute[known]]
        return texts

    def _looked_up(self, days: Ints, known: Booleans) -> Texts:
        # Each day is written once and then looked up: formatting is what costs.
        first, last = (int(days.min()), int(days.max())) if days.size else (0, 0)
        written = np.datetime_as_string(self.opened + np.arange(first, last + 1))
        texts = written.astype(object)[days - first]
        texts[~known] = ""
        return texts

    def weekday(self, days: Ints) -> Ints:
        """0 is Monday."""
        # Day 0 of the epoch was a Thursday.
        return (days + self.opened.astype(np.int64) + 3) % 7

    def per_hour(
        self,
        per_day: float,
        day: range,
        hours: list[float],
        week: list[float],
        season: float,
    ) -> Floats:
        """Expected arrivals of each hour of `day`, `per_day` on an average one.

        `hours` weighs the 24 hours and `week` the 7 days from Monday; `season` is the
        share by which mid-January stands above the year's mean and mid-July below it.
        """
        days = np.arange(day.start, day.stop)
        year_days = (self.opened + days).astype("datetime64[Y]")
        day_of_year = (self.opened + days - year_days).astype(np.int64)
        swing = 1 + season * np.cos(2 * np.pi * (day_of_year - 14) / 365.25)
        weeks = np.array(week)[self.weekday(days)] / np.mean(week)
        clock = np.array(hours) / np.sum(hours)
        return np.outer(per_day * swing * weeks, clock).ravel()
