"""What a hospital corrects in a night of what it said before.

Belongs here: which rows are corrected, and how. Which patients are one: merges.py; the
night's own events: nights.py. A correction is a draw by night and number, so it costs
what it changes.
"""

from dataclasses import dataclass, field

import numpy as np

from simulator import appointments
from simulator.calendar import DAY, NEVER, Calendar
from simulator.corrected_rows import FACTS, known_since, some_rows
from simulator.layout import Booleans, Ints
from simulator.merges import found_out
from simulator.world import World

_VOIDED = 0.1
"""Of the corrections."""
_ENTERED_LATE = 0.05
"""Of the payments, and of what becomes of appointments: some days behind the day."""


@dataclass
class Corrected:
    """Rows by table that a night corrected, and those that it took back."""

    changed: dict[str, list[Ints]] = field(default_factory=dict)
    voided: dict[str, list[Ints]] = field(default_factory=dict)

    def change(self, table: str, rows: Ints) -> None:
        """Note rows as corrected."""
        self.changed.setdefault(table, []).append(rows)


class Corrections:
    """The corrections of one world, night by night; they alter it in place.

    `gone` says by table which rows were taken back so far, `entered` by payment the day
    that it is entered on.
    """

    def __init__(self, world: World, first_night: Calendar, share: float) -> None:
        self.world, self.share = world, share
        sizes = {
            "admissions": len(world.stays.plan),
            "bed_stays": len(world.stays.stay_bed),
            "appointments": len(world.booked.row),
            "treatments": len(world.treated.row),
            "bills": len(world.bills.row),
            "payments": len(world.payments.day),
            "doctor_shifts": len(world.shifts.row),
        }
        self.gone = {name: np.zeros(rows, np.bool_) for name, rows in sizes.items()}
        self.last_stay = np.zeros(sizes["admissions"], dtype=np.int64)
        self.last_stay[world.stays.stay_admission] = np.arange(sizes["bed_stays"])
        self.treated = np.zeros(sizes["appointments"], dtype=np.bool_)
        self.treated[world.treated.appointment[world.treated.appointment >= 0]] = True
        self.entered = world.payments.day.copy()
        house = world.hospital
        self.spare_beds = np.flatnonzero(~house.usable & (house.bed_closed == NEVER))
        if share:
            self._enter_late(first_night)

    def _enter_late(self, first_night: Calendar) -> None:
        """Payments and outcomes of appointments that become known some days later."""
        chance, booked = self.world.chance, self.world.booked
        paid = np.flatnonzero(self.entered >= first_night.days)
        late = paid[chance.happens("late.payment", paid, _ENTERED_LATE)]
        delay = chance.uniform("late.payment_days", late) * 6
        self.entered[late] += 1 + delay.astype(np.int64)
        settled = booked.settled_at
        new = np.flatnonzero((settled > first_night.closing) & (settled < NEVER))
        new = new[~self.treated[new]]
        late = new[chance.happens("late.appointment", new, _ENTERED_LATE)]
        delay = chance.uniform("late.appointment_days", late) * 3
        settled[late] += DAY * (1 + delay.astype(np.int64))

    def night(self, number: int, before: Calendar) -> Corrected:
        """Correct what was known at the closing of the calendar before."""
        world, found = self.world, Corrected()
        if not self.share:
            return found
        drawn = {table: self._some(table, number, before) for table in FACTS}
        for table, rows in drawn.items():
            voids = world.chance.happens(
                f"correct.{table}.void.{number}", rows, _VOIDED
            )
            if table in ("admissions", "appointments"):
                voids &= self._may_be_voided(table, rows)
            getattr(self, f"_{table}")(found, rows[~voids], number, before)
            self._void(found, table, rows[voids])
        self._merge_patients(found, number, before)
        self._staff_beds(found, number, before)
        return found

    def was_known(self, table: str, rows: Ints, before: Calendar) -> Booleans:
        """Which of the rows had been sent by the end of the calendar before."""
        if table == "payments":
            return np.asarray(self.entered[rows] < before.days)
        moments, unit = known_since(self.world, table)
        return np.asarray(moments[rows] < before.days * unit)

    def _some(self, table: str, number: int, before: Calendar) -> Ints:
        rows = some_rows(self.world, table, number, before, self.share)
        return rows[~self.gone[table][rows]]

    def _may_be_voided(self, table: str, rows: Ints) -> Booleans:
        """Nobody who died in hospital, and no appointment that was treated."""
        if table == "appointments":
            return ~self.treated[rows]
        return ~self.world.plans.is_death[self.world.stays.plan[rows]]

    def _admissions(
        self, found: Corrected, rows: Ints, number: int, before: Calendar
    ) -> None:
        """Discharges that were earlier than said, but within the last bed stay."""
        stays = self.world.stays
        ended = stays.discharged_at[rows] <= before.closing
        rows = rows[ended & ~self.world.plans.is_death[stays.plan[rows]]]
        last = self.last_stay[rows]
        length = stays.discharged_at[rows] - stays.started_at[last]
        share = self.world.chance.uniform(f"correct.discharge.{number}", rows)
        moved = stays.started_at[last] + 1 + ((length - 1) * share).astype(np.int64)
        stays.discharged_at[rows] = moved
        stays.ended_at[last] = moved
        found.change("admissions", rows)
        found.change("bed_stays", last)

    def _appointments(
        self, found: Corrected, rows: Ints, _: int, before: Calendar
    ) -> None:
        """They did come, or did not, or had said so."""
        booked = self.world.booked
        rows = rows[(booked.settled_at[rows] <= before.closing) & ~self.treated[rows]]
        was = booked.status[rows]
        kept = np.where(was == appointments.NO_SHOW, appointments.BY_PATIENT, was)
        became = np.where(was == kept, appointments.NO_SHOW, kept)
        booked.status[rows] = became
        found.change("appointments", rows)

    def _treatments(self, found: Corrected, rows: Ints, number: int, _: object) -> None:
        """Another doctor of the department did it."""
        treated, chance = self.world.treated, self.world.chance
        treated.doctor[rows] = self.world.hospital.doctor(
            chance, f"correct.doctor.{number}", rows, treated.unit[rows]
        )
        found.change("treatments", rows)

    def _bills(self, found: Corrected, rows: Ints, number: int, _: object) -> None:
        """Medicines had been forgotten."""
        more = self.world.chance.exponential(f"correct.bill.{number}", rows, 4_000.0)
        self.world.bills.medicine_cents[rows] += 100 + more.astype(np.int64)
        found.change("bills", rows)

    def _payments(self, found: Corrected, rows: Ints, _: int, before: Calendar) -> None:
        """The money came back, or it was paid in another way."""
        rows = rows[self.entered[rows] < before.days]
        payments = self.world.payments
        payments.status[rows[::4]] = 1
        payments.method[rows] = (payments.method[rows] + 1) % 4
        found.change("payments", rows)

    def _doctor_shifts(
        self, found: Corrected, rows: Ints, number: int, _: object
    ) -> None:
        """The roster said otherwise."""
        hours = self.world.chance.uniform(f"correct.shift.{number}", rows) * 5
        self.world.shifts.planned_hours[rows] = 8 + hours.astype(np.int64)
        found.change("doctor_shifts", rows)

    def _void(self, found: Corrected, table: str, rows: Ints) -> None:
        """Take rows back, and whatever hangs on them."""
        if not len(rows):
            return
        self.gone[table][rows] = True
        found.voided.setdefault(table, []).append(rows)
        world, gone = self.world, self.gone
        hanging = {
            "admissions": (
                ("bed_stays", world.stays.stay_admission),
                ("treatments", world.treated.admission),
                ("bills", world.bills.admission),
            ),
            "treatments": (("bills", world.bills.treatment),),
            "bills": (("payments", world.payments.bill),),
        }
        for other, named in hanging.get(table, ()):
            hit = np.zeros(len(gone[table]) + 1, dtype=np.bool_)
            hit[rows] = True
            self._void(found, other, np.flatnonzero(hit[named] & ~gone[other]))

    def _merge_patients(self, found: Corrected, number: int, before: Calendar) -> None:
        """Some registrations turn out to be of someone registered already."""
        world = self.world
        left, gone = found_out(world, number, before, self.share * _VOIDED)
        world.merged_into[gone] = left
        # Their death is that of the person, by the registration that is left.
        world.people.dies_at[gone] = NEVER
        found.change("patients", gone)

    def _staff_beds(self, found: Corrected, number: int, before: Calendar) -> None:
        """A bed that no patient is given gets staff in the register, or loses it."""
        house = self.world.hospital
        beds = self.spare_beds[house.bed_opened[self.spare_beds] < before.days]
        if len(beds):
            lot = np.zeros(1, dtype=np.int64)
            drawn = self.world.chance.uniform(f"correct.bed.{number}", lot)
            bed = beds[(drawn * len(beds)).astype(np.int64)]
            house.bed_staffed[bed] ^= True
            found.change("beds", bed)
