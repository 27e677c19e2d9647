"""True time and what a branch's clock shows.

Belongs here: the way from a local time to UTC and back. True times are datetimes with
the zone UTC, local ones have none, so that the two cannot be mixed up.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from tests.acceptance.brute_force.extract import Extract

DAY = timedelta(days=1)
QUARTER = timedelta(minutes=15)
ZONES = available_timezones()
HOSPITAL = "UTC"
"""The setting's time zone, for branches of which none is known."""


def true_time(local: datetime, zone: str) -> datetime:
    """The moment at which the clock shows `local` (RFC 5545, 3.3.5).

    A time that happens twice is the first of the two; one that the clock skips is
    counted from the clock before the change.
    """
    return local.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)


def shown(moment: datetime, zone: str) -> datetime:
    """What the clock shows at a moment."""
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)


def is_skipped(local: datetime, zone: str) -> bool:
    """Whether the clock never showed that time."""
    return shown(true_time(local, zone), zone) != local


@cache
def day_of(day: date, zone: str) -> tuple[datetime, datetime]:
    """A day's first moment, and the next day's: 23, 24 or 25 hours apart."""
    midnight = datetime.combine(day, time())
    return true_time(midnight, zone), true_time(midnight + DAY, zone)


@cache
def hours_of(
    day: date, zone: str, as_of: datetime
) -> dict[datetime, tuple[datetime, datetime]]:
    """The hours that the clock shows on a day, each with its bounds in true time.

    An hour that is shown twice lasts two, one that is skipped is not there; the local
    time as_of ends the last one.
    """
    last = true_time(as_of, zone)
    hours: dict[datetime, tuple[datetime, datetime]] = {}
    quarter, end = day_of(day, zone)
    while quarter < end:
        hour = shown(quarter, zone).replace(minute=0)
        starts, _ = hours.get(hour, (quarter, quarter))
        hours[hour] = (starts, quarter + QUARTER)
        quarter += QUARTER
    return {
        hour: (starts, min(ends, last))
        for hour, (starts, ends) in hours.items()
        if starts <= last
    }


class Clocks:
    """Which time zone each branch's times are local to."""

    def __init__(self, extract: Extract) -> None:
        self._told = {it.branch_id: it.time_zone for it in extract.branches}
        zones = {self.zone(branch) for branch in self._told}
        self._shared = zones.pop() if len(zones) == 1 else HOSPITAL

    def zone(self, branch_id: str | None) -> str:
        """The register's, else the hospital's.

        A branch that only activity names keeps the time that all registered ones share.
        """
        if branch_id not in self._told:
            return self._shared
        told = self._told[branch_id]
        return told if told in ZONES else HOSPITAL

    def unknown(self) -> list[str]:
        """Branches whose time zone does not exist."""
        return [
            branch
            for branch, told in self._told.items()
            if told is not None and told not in ZONES
        ]
