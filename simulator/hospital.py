"""The house: branches, departments, wards, beds and doctors.

Belongs here: what stands still while patients come and go, and what a department is
like (its share of the beds, how long its patients stay). A unit is a department of a
branch.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from simulator.calendar import NEVER
from simulator.chance import Chance
from simulator.layout import Booleans, Floats, Ints, Texts
from simulator.texts import Part, encoded

CHILDREN, MOTHERS, ADULTS = range(3)


class Department(NamedTuple):
    """What sets one department apart from another. Invented figures."""

    code: str
    name: str
    bed_share: float
    median_stay_days: float
    """Of the lognormal length of stay; 0 where patients are only passed on."""
    stay_spread: float
    emergency_share: float
    death_share: float
    clinic_share: float
    """Of the outpatient appointments."""
    patients: int
    """Who comes: CHILDREN, MOTHERS (women of childbearing age) or ADULTS."""


EMERGENCY, INTENSIVE, MEDICINE, SURGERY = range(4)
DEPARTMENTS = (
    Department("EMER", "Emergency", 0.07, 0.38, 0.60, 1.00, 0.012, 0.00, ADULTS),
    Department("INTE", "Intensive Care", 0.06, 0.0, 0.0, 1.00, 0.000, 0.00, ADULTS),
    Department("MEDI", "General Medicine", 0.26, 5.6, 0.75, 0.85, 0.045, 0.22, ADULTS),
    Department("SURG", "Surgery", 0.18, 4.1, 0.80, 0.35, 0.014, 0.17, ADULTS),
    Department("ORTH", "Orthopaedics", 0.12, 5.4, 0.65, 0.40, 0.010, 0.18, ADULTS),
    Department("CARD", "Cardiology", 0.11, 4.4, 0.75, 0.60, 0.038, 0.15, ADULTS),
    Department("ONCO", "Oncology", 0.08, 5.2, 0.75, 0.25, 0.055, 0.10, ADULTS),
    Department("MATE", "Maternity", 0.07, 2.8, 0.45, 0.55, 0.001, 0.10, MOTHERS),
    Department("PAED", "Paediatrics", 0.05, 2.4, 0.65, 0.75, 0.002, 0.08, CHILDREN),
)
BED_TYPES = ("General", "Private", "ICU")
BRANCHES = ("Northgate", "Riverside", "Hillcrest", "Lakeview", "Old Mill", "Parkside")


def branch_name(number: int) -> str:
    """The name of a branch, by number from 0; names come round again with a numeral."""
    turn, place = divmod(number, len(BRANCHES))
    return BRANCHES[place] + (f" {turn + 1}" if turn else "")


@dataclass(frozen=True)
class Hospital:
    """Arrays by branch, unit, ward, bed and doctor; the numbers refer to each other."""

    branches: Texts
    units: Texts
    wards: Texts
    ward_unit: Ints
    ward_opened: Ints
    """Days; 0 for wards that were there on the first."""
    beds: Texts
    bed_ward: Ints
    bed_type: Ints
    """Counts BED_TYPES."""
    bed_opened: Ints
    bed_closed: Ints
    bed_staffed: Booleans
    doctors: Texts
    doctor_unit: Ints
    doctor_shifts_per_week: Ints

    @property
    def bed_unit(self) -> Ints:
        """The unit of each bed."""
        return self.ward_unit[self.bed_ward]

    @property
    def first_beds(self) -> int:
        """Beds of the wards that were there on the first day."""
        return int((self.ward_opened[self.bed_ward] == 0).sum())

    @property
    def usable(self) -> Booleans:
        """Beds that a patient may ever be given."""
        return self.bed_staffed & (self.bed_closed > 0)

    def changes(self) -> Ints:
        """The days on which the number of usable wards changes, ascending."""
        opened = self.bed_opened[self.usable & (self.ward_opened[self.bed_ward] > 0)]
        closed = self.bed_closed[self.usable & (self.bed_closed < NEVER)]
        return np.unique(np.concatenate([opened, closed]))

    def usable_beds(self, day: int = 0) -> Floats:
        """Beds in use on a day, by unit; single beds of the first year not counted."""
        opened = np.maximum(self.ward_opened[self.bed_ward], 0)
        new = (self.bed_opened > 0) & (opened == 0)
        ready = self.usable & ~new & (opened <= day) & (self.bed_closed > day)
        number = np.bincount(self.bed_unit[ready], minlength=len(self.units))
        return np.asarray(number, dtype=np.float64)

    def doctor(self, chance: Chance, what: str, rows: Ints, unit: Ints) -> Ints:
        """A doctor of the unit, for each row."""
        first = np.searchsorted(self.doctor_unit, unit)
        number = np.bincount(self.doctor_unit, minlength=len(self.units))[unit]
        return first + (chance.uniform(what, rows) * number).astype(np.int64)

    def branch_of(self, unit: Ints) -> Part:
        """The branch's id, for units."""
        return Part(encoded(self.branches), unit // len(DEPARTMENTS))

    def unit_of(self, unit: Ints) -> Part:
        """The department's id, for units."""
        return Part(encoded(self.units), unit)

    def doctor_of(self, doctor: Ints) -> Part:
        """The doctor's id, for doctors."""
        return Part(encoded(self.doctors), doctor)

    def shift_hours(self) -> Ints:
        """Hours of a shift, by doctor: long ones where the department never closes."""
        return np.where(self.doctor_unit % len(DEPARTMENTS) <= INTENSIVE, 12, 8)
