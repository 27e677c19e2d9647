"""Bills of finished stays and of outpatient treatments.

Belongs here: what is billed, when and for how much. What is paid on it: payments.py.
"""

from dataclasses import dataclass

import numpy as np

from simulator.appointments import Appointments
from simulator.bed_stays import Stays
from simulator.calendar import DAY, Calendar
from simulator.chance import Chance
from simulator.hospital import Hospital
from simulator.layout import Ints
from simulator.patients import Population
from simulator.tables import Table
from simulator.texts import Part, Parts, Rows, counted, encoded, money, numbered
from simulator.treatments import Treatments

_PAYERS = encoded(["Public fund", "Private insurer", "Patient", "Employer"])
_ROOM_CENTS = (24_000, 41_000, 145_000)
"""A night's price, by BED_TYPES."""
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

    order = np.flatnonzero(day < calendar.days)
    order = order[np.argsort((day[order] << 40) + row[order])]
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
    price = np.array(_ROOM_CENTS)[hospital.bed_type]
    ended = np.minimum(stays.ended_at, stays.discharged_at[stays.stay_admission])
    nights = ended // DAY - stays.started_at // DAY
    by_night = np.bincount(
        stays.stay_admission,
        weights=nights * price[stays.stay_bed],
        minlength=len(stays.plan),
    ).astype(np.int64)
    return np.where(by_night > 0, by_night, _ROOM_CENTS[0] // 2)


def table(
    hospital: Hospital,
    calendar: Calendar,
    people: Population,
    bills: Bills,
    patients: Ints,
) -> Table:
    """The table bills by the calendar's end.

    `patients` are the numbers in all persons' ids.
    """

    def amount(some: Rows) -> Parts:
        return money(
            bills.room_cents[some]
            + bills.medicine_cents[some]
            + bills.procedure_cents[some]
        )

    number = np.searchsorted(bills.day, calendar.days)
    return Table(
        slice(0, int(number)),
        {
            "bill_id": lambda some: numbered("B", 7, counted(some)),
            "patient_id": lambda some: numbered("P", 6, patients[bills.person[some]]),
            "admission_id": lambda some: numbered("A", 6, bills.admission[some] + 1),
            "treatment_id": lambda some: numbered("T", 7, bills.treatment[some] + 1),
            "branch_id": lambda some: [hospital.branch_of(bills.unit[some])],
            "department_id": lambda some: [hospital.unit_of(bills.unit[some])],
            "billed_on": lambda some: calendar.dates(bills.day[some]),
            "amount": amount,
            "room_amount": lambda some: money(bills.room_cents[some]),
            "medicine_amount": lambda some: money(bills.medicine_cents[some]),
            "procedure_amount": lambda some: money(bills.procedure_cents[some]),
            "payer": lambda some: [Part(_PAYERS, people.insurance[bills.person[some]])],
        },
        prefix="B",
        digits=7,
    )
