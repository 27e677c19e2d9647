"""What is paid on bills: late, in parts, after a failure, or never.

Belongs here: payments and failed attempts up to the extract's end.
"""

from dataclasses import dataclass

import numpy as np

from simulator.billing import Bills
from simulator.calendar import Calendar
from simulator.chance import Chance
from simulator.layout import Ints
from simulator.patients import SELF_PAY, Population
from simulator.tables import Table
from simulator.texts import Part, counted, encoded, money, numbered

_METHODS = encoded(["Insurance", "Card", "Cash", "Bank transfer"])
_STATUSES = encoded(["Paid", "Failed"])


@dataclass(frozen=True)
class Payments:
    """In order of day. `bill` counts bills; `method` and `status` count the words."""

    bill: Ints
    day: Ints
    cents: Ints
    method: Ints
    status: Ints


def pay(
    chance: Chance, calendar: Calendar, people: Population, bills: Bills
) -> Payments:
    """By day: failed attempts, first and second instalments."""
    row, cents = bills.row, bills.cents
    alone = people.insurance[bills.person] == SELF_PAY
    pays = ~chance.happens("payment.never", row, np.where(alone, 0.14, 0.03))
    delay = chance.exponential("payment.delay", row, np.where(alone, 12.0, 26.0))
    attempt = bills.day + delay.astype(np.int64) + np.where(alone, 0, 4)
    fails = pays & chance.happens("payment.fails", row, 0.06)
    pays &= ~fails | chance.happens("payment.retries", row, 0.75)
    first = attempt + np.where(fails, 12, 0)
    parted = pays & chance.happens("payment.parted", row, np.where(alone, 0.35, 0.08))
    share = 0.4 + 0.4 * chance.uniform("payment.share", row)
    first_cents = np.where(parted, (cents * share).astype(np.int64), cents)
    rest = parted & chance.happens("payment.rest", row, 0.65)

    parts = [np.flatnonzero(which) for which in (fails, pays, rest)]
    bill_number = np.concatenate(parts)
    part = np.repeat(np.arange(3), [len(p) for p in parts])
    day = np.concatenate([attempt[parts[0]], first[parts[1]], first[parts[2]] + 30])
    paid = np.concatenate(
        [cents[parts[0]], first_cents[parts[1]], (cents - first_cents)[parts[2]]]
    )
    order = np.flatnonzero(day < calendar.days)
    row_and_part = row[bill_number[order]] * 4 + part[order]
    order = order[np.argsort((day[order] << 40) + row_and_part)]
    method = np.where(alone, 1 + chance.pick("payment.method", row, [0.5, 0.2, 0.3]), 0)
    return Payments(
        bill=bill_number[order],
        day=day[order],
        cents=paid[order],
        method=method[bill_number[order]],
        status=(part[order] == 0).astype(np.int64),
    )


def table(calendar: Calendar, payments: Payments) -> Table:
    """The table payments by the calendar's end."""
    number = np.searchsorted(payments.day, calendar.days)
    return Table(
        slice(0, int(number)),
        {
            "payment_id": lambda some: numbered("Y", 7, counted(some)),
            "bill_id": lambda some: numbered("B", 7, payments.bill[some] + 1),
            "paid_on": lambda some: calendar.dates(payments.day[some]),
            "amount": lambda some: money(payments.cents[some]),
            "payment_method": lambda some: [Part(_METHODS, payments.method[some])],
            "status": lambda some: [Part(_STATUSES, payments.status[some])],
        },
        prefix="Y",
        digits=7,
    )
