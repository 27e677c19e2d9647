"""Treatments: what is done to patients in beds and at appointments, and what it costs.

Belongs here: treatments up to the extract's end. Who pays for them: billing.py.
"""

from dataclasses import dataclass

import numpy as np

from simulator.appointments import COMPLETED, Appointments
from simulator.bed_stays import Stays
from simulator.calendar import DAY, Calendar
from simulator.chance import Chance
from simulator.cores import by_blocks
from simulator.hospital import DEPARTMENTS, Hospital
from simulator.layout import Ints
from simulator.tables import Table
from simulator.texts import Part, counted, encoded, money, numbered

_TREATED_APPOINTMENTS = 0.45
_PER_NIGHT = 0.45
_TYPES = (
    ("Blood test", 45),
    ("X-ray", 120),
    ("ECG", 90),
    ("Ultrasound", 160),
    ("MRI", 780),
    ("CT scan", 540),
    ("Physiotherapy", 85),
    ("Infusion", 210),
    ("Chemotherapy", 2400),
    ("Minor surgery", 950),
    ("Major surgery", 6200),
    ("Delivery", 2900),
    ("Angiography", 3100),
    ("Vaccination", 35),
)
"""What is done, and its median cost in units of the currency. Invented."""
_MIX = {
    "EMER": {0: 4, 1: 4, 2: 3, 3: 2, 5: 2, 7: 2, 9: 1},
    "INTE": {0: 1},
    "MEDI": {0: 6, 1: 2, 2: 2, 3: 3, 4: 1, 5: 1, 6: 2, 7: 3},
    "SURG": {0: 4, 1: 1, 3: 2, 5: 2, 7: 1, 9: 3, 10: 3},
    "ORTH": {0: 2, 1: 5, 4: 3, 6: 6, 9: 2, 10: 2},
    "CARD": {0: 4, 2: 6, 3: 3, 4: 1, 12: 2},
    "ONCO": {0: 4, 4: 2, 5: 2, 7: 3, 8: 6},
    "MATE": {0: 3, 3: 5, 11: 3, 13: 1},
    "PAED": {0: 4, 1: 2, 3: 2, 7: 1, 13: 4},
}


@dataclass(frozen=True)
class Treatments:
    """In order of day. `admission` and `appointment` count rows, -1 for none.

    `row` is a number that stays with a treatment however long is simulated.
    """

    row: Ints
    admission: Ints
    appointment: Ints
    unit: Ints
    doctor: Ints
    kind: Ints
    day: Ints
    cost_cents: Ints


def treat(
    chance: Chance,
    calendar: Calendar,
    hospital: Hospital,
    stays: Stays,
    booked: Appointments,
) -> Treatments:
    """Treatments of all stays and of some completed appointments."""
    nights = (stays.discharged_at - stays.admitted_at) / DAY
    number = 0.6 + _PER_NIGHT * nights + chance.uniform("treatment.number", stays.plan)
    number_of = np.minimum(number.astype(np.int64), 32)
    admission = np.repeat(np.arange(len(stays.plan)), number_of)
    place = np.arange(len(admission)) - np.repeat(
        np.cumsum(number_of) - number_of, number_of
    )
    seen = np.flatnonzero(
        (booked.status == COMPLETED)
        & (booked.settled_at <= calendar.closing)
        & chance.happens("treatment.appointment", booked.row, _TREATED_APPOINTMENTS)
    )
    # Even numbers for treatments in bed, odd ones for those at appointments.
    row = np.concatenate(
        [(stays.plan[admission] * 32 + place) * 2, booked.row[seen] * 2 + 1]
    )
    in_bed = len(admission)
    none = np.full(len(row), -1)
    admission_of, appointment_of = none, none.copy()
    admission_of[:in_bed] = admission
    appointment_of[in_bed:] = seen
    begins = np.concatenate([stays.admitted_at[admission], booked.scheduled_at[seen]])
    length = np.zeros(len(row), dtype=np.int64)
    length[:in_bed] = (stays.discharged_at - stays.admitted_at)[admission]
    unit = np.concatenate([stays.unit[admission], booked.unit[seen]])
    attending = np.concatenate([stays.doctor[admission], booked.doctor[seen]])

    def some(block: slice) -> tuple[Ints, ...]:
        row_, unit_, doctor = row[block], unit[block], attending[block]
        share = chance.uniform("treatment.day", row_)
        moment = begins[block] + (share * length[block]).astype(np.int64)
        other = hospital.doctor(chance, "treatment.doctor", row_, unit_)
        colleague = chance.happens("treatment.colleague", row_, 0.3)
        colleague &= admission_of[block] >= 0
        kind, cost_cents = _kind_and_cost(chance, row_, unit_)
        return moment, np.where(colleague, other, doctor), kind, cost_cents

    moment, doctor, kind, cost_cents = by_blocks(some, len(row))
    done = np.flatnonzero(moment <= calendar.closing)
    # By day, then by row: one number for both sorts faster than two.
    order = done[np.argsort((moment[done] // DAY << 40) + row[done])]
    return Treatments(
        row=row[order],
        admission=admission_of[order],
        appointment=appointment_of[order],
        unit=unit[order],
        doctor=doctor[order],
        kind=kind[order],
        day=moment[order] // DAY,
        cost_cents=cost_cents[order],
    )


def _kind_and_cost(chance: Chance, row: Ints, unit: Ints) -> tuple[Ints, Ints]:
    drawn = chance.uniform("treatment.kind", row)
    department = unit % len(DEPARTMENTS)
    kind = np.zeros(len(row), dtype=np.int64)
    for number, here in enumerate(DEPARTMENTS):
        edges = np.cumsum([_MIX[here.code].get(n, 0) for n in range(len(_TYPES))])
        mine = department == number
        kind[mine] = np.searchsorted(edges / edges[-1], drawn[mine], "right")
    median = np.array([cost for _, cost in _TYPES])[kind]
    spread = np.exp(0.25 * chance.normal("treatment.cost", row))
    return kind, np.round(median * 100 * spread).astype(np.int64)


def table(hospital: Hospital, calendar: Calendar, treated: Treatments) -> Table:
    """The table treatments by the calendar's end."""
    names = encoded([name for name, _ in _TYPES])
    number = np.searchsorted(treated.day, calendar.days)
    return Table(
        slice(0, int(number)),
        {
            "treatment_id": lambda some: numbered("T", 7, counted(some)),
            "admission_id": lambda some: numbered("A", 6, treated.admission[some] + 1),
            "appointment_id": lambda some: numbered(
                "E", 7, treated.appointment[some] + 1
            ),
            "doctor_id": lambda some: [hospital.doctor_of(treated.doctor[some])],
            "department_id": lambda some: [hospital.unit_of(treated.unit[some])],
            "treatment_type": lambda some: [Part(names, treated.kind[some])],
            "treated_on": lambda some: calendar.dates(treated.day[some]),
            "cost": lambda some: money(treated.cost_cents[some]),
        },
        prefix="T",
        digits=7,
    )
