"""Which rows of the facts a night corrects: most of the last weeks, some of any age.

Belongs here: when rows became known, and drawing some of them at the cost of those that
are drawn. How they are corrected: corrections.py.
"""

import numpy as np

from simulator.calendar import DAY, Calendar
from simulator.layout import Ints
from simulator.rosters import DAYS_AHEAD
from simulator.world import World

FACTS = (
    "admissions",
    "appointments",
    "treatments",
    "bills",
    "payments",
    "doctor_shifts",
)
_RECENT, _RECENT_DAYS = 0.8, 14


def known_since(world: World, table: str) -> tuple[Ints, int]:
    """By row of a table the moment from which it is known, ascending, and a day of it.

    A day is 1 or as many minutes as it has.
    """
    if table == "doctor_shifts":
        return world.shifts.day - DAYS_AHEAD, 1
    return {
        "admissions": (world.stays.admitted_at, DAY),
        "bed_stays": (world.stays.started_at, DAY),
        "appointments": (world.booked.booked_at, DAY),
        "treatments": (world.treated.day, 1),
        "bills": (world.bills.day, 1),
        "payments": (world.payments.day, 1),
    }[table]


def some_rows(
    world: World, table: str, number: int, before: Calendar, share: float
) -> Ints:
    """Rows, ascending, of those known at the calendar's closing: about that share."""
    moments, day = known_since(world, table)
    weeks_ago = (before.days - _RECENT_DAYS) * day
    since, until = np.searchsorted(moments, (weeks_ago, before.days * day))
    rows, recent = int(until), int(until - since)
    chance, what = world.chance, f"correct.{table}.{number}"
    more = chance.uniform(what, np.zeros(1, dtype=np.int64))[0]
    lots = np.arange(int(share * rows + more) if rows else 0)
    back = chance.exponential(what + ".back", lots, max(recent, 1))
    age = chance.uniform(what + ".age", lots) * rows
    is_recent = chance.happens(what + ".recent", lots, _RECENT)
    found = np.where(is_recent & (back < rows), rows - 1 - back, age)
    return np.unique(np.clip(found, 0, rows - 1).astype(np.int64))
