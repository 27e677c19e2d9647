"""Bills and what is paid on them: late, in parts, after a failure, or never.

Belongs here: bills of finished stays and of outpatient treatments, and their payments.
"""

from dataclasses import dataclass

import numpy as np

from simulator.appointments import Appointments
from simulator.bed_stays import Stays
from simulator.calendar import DAY, Calendar
from simulator.chance import Chance
from simulator.hospital import Hospital
from simulator.layout import Ints, Table, Texts
from simulator.patients import SELF_PAY, Population
from simulator.treatments import Treatments, money

_PAYERS = np.array(
    ["Public fund", "Private insurer", "Patient", "Employer"], dtype=object
)
_METHODS = np.array(["Insurance", "Card", "Cash", "Bank transfer"], dtype=object)
_ROOM_CENTS = {"General": 24_000, "Private": 41_000, "ICU": 145_000}
_NEVER_BILLED = 0.015


@dataclass(frozen=True)
class Bills:
    """In order of day. `admission` and `treatment` count rows, -1 for none."""

    row: Ints
    admission: Ints
    treatment: Ints
    person: Ints
    unit: Ints
    day: Ints
    room_cents: Ints
    medicine_cents: Ints
    procedure_cents: Ints

    @property
    def cents(self) -> Ints:
        """The whole amount."""
        return self.room_cents + self.medicine_cents + self.procedure_cents

    def labels(self) -> Texts:
        """The bill ids."""
        return np.array(
            [f"B{n:07d}" for n in range(1, len(self.row) + 1)], dtype=object
        )


def bill(
    chance: Chance,
    calendar: Calendar,
    hospital: Hospital,
    stays: Stays,
    booked: Appointments,
    treated: Treatments,
) -> Bills:
    """One bill for each finished stay, one for each outpatient treatment."""
    closed = np.flatnonzero(stays.discharged_at <= calendar.closing)
    clinic = np.flatnonzero(treated.appointment >= 0)
    in_bed = treated.admission >= 0
    procedures = np.bincount(
        treated.admission[in_bed],
        weights=treated.cost_cents[in_bed],
        minlength=len(stays.plan),
    ).astype(np.int64)
    # Even numbers for stays, odd ones for outpatient treatments.
    row = np.concatenate([stays.plan[closed] * 2, treated.row[clinic]])
    nothing = np.zeros(len(clinic), dtype=np.int64)
    nights = stays.discharged_at // DAY - stays.admitted_at // DAY
    medicine = (
        3_800
        * np.maximum(nights, 1)
        * np.exp(0.6 * chance.normal("bill.medicine", stays.plan))
    )
    done = np.concatenate([stays.discharged_at[closed] // DAY, treated.day[clinic]])
    delay = chance.exponential("bill.delay", row, np.where(row % 2 == 0, 3.5, 1.2))
    day = done + np.minimum(delay, 40).astype(np.int64)
    none = np.full(len(row), -1)
    admission, treatment = none.copy(), none.copy()
    admission[: len(closed)] = closed
    treatment[len(closed) :] = clinic

    order = np.lexsort((row, day))
    order = order[(day[order] < calendar.days)]
    order = order[~chance.happens("bill.forgotten", row[order], _NEVER_BILLED)]
    return Bills(
        row=row[order],
        admission=admission[order],
        treatment=treatment[order],
        person=np.concatenate(
            [stays.person[closed], booked.person[treated.appointment[clinic]]]
        )[order],
        unit=np.concatenate([stays.unit[closed], treated.unit[clinic]])[order],
        day=day[order],
        room_cents=np.concatenate([_room_cents(hospital, stays)[closed], nothing])[
            order
        ],
        medicine_cents=np.concatenate([medicine.astype(np.int64)[closed], nothing])[
            order
        ],
        procedure_cents=np.concatenate(
            [procedures[closed], treated.cost_cents[clinic]]
        )[order],
    )


def _room_cents(hospital: Hospital, stays: Stays) -> Ints:
    """The price of the nights in their beds, by admission; half a night's for a day."""
    price = np.array([_ROOM_CENTS[kind] for kind in hospital.bed_type.tolist()])
    ended = np.minimum(stays.ended_at, stays.discharged_at[stays.stay_admission])
    nights = ended // DAY - stays.started_at // DAY
    by_night = np.bincount(
        stays.stay_admission,
        weights=nights * price[stays.stay_bed],
        minlength=len(stays.plan),
    ).astype(np.int64)
    return np.where(by_night > 0, by_night, _ROOM_CENTS["General"] // 2)


def bills_table(
    hospital: Hospital,
    people: Population,
    bills: Bills,
    patients: Texts,
    admissions: Texts,
    treatments: Texts,
) -> Table:
    """The table bills; the ids are those of the other tables."""
    none = np.array([""], dtype=object)
    return {
        "bill_id": bills.labels(),
        "patient_id": patients[bills.person],
        "admission_id": np.concatenate([admissions, none])[bills.admission],
        "treatment_id": np.concatenate([treatments, none])[bills.treatment],
        "branch_id": hospital.branch_of(bills.unit),
        "department_id": hospital.units[bills.unit],
        "billed_on": hospital.calendar.dates(bills.day),
        "amount": money(bills.cents),
        "room_amount": money(bills.room_cents),
        "medicine_amount": money(bills.medicine_cents),
        "procedure_amount": money(bills.procedure_cents),
        "payer": _PAYERS[people.insurance[bills.person]],
    }


def payments_table(
    chance: Chance, calendar: Calendar, people: Population, bills: Bills
) -> Table:
    """The table payments, by day: failed attempts, first and second instalments."""
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
    order = np.lexsort((part, row[bill_number], day))
    order = order[day[order] < calendar.days]
    method = np.where(alone, 1 + chance.pick("payment.method", row, [0.5, 0.2, 0.3]), 0)
    return {
        "payment_id": np.array(
            [f"Y{n:07d}" for n in range(1, len(order) + 1)], dtype=object
        ),
        "bill_id": bills.labels()[bill_number[order]],
        "paid_on": calendar.dates(day[order]),
        "amount": money(paid[order]),
        "payment_method": _METHODS[method[bill_number[order]]],
        "status": np.where(part[order] == 0, "Failed", "Paid").astype(object),
    }
