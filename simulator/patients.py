"""The people around the hospital, and which of them are on its patient index.

Belongs here: who a person is, and when they were registered and died. When they come to
the hospital is the business of admissions.py and appointments.py.
"""

from dataclasses import dataclass

import numpy as np

from simulator.calendar import DAY, NEVER, Calendar
from simulator.chance import Chance
from simulator.hospital import ADULTS
from simulator.layout import Booleans, Floats, Ints, Table, Texts
from simulator.names import addresses, person_names

_PEOPLE_PER_BED = 100
_CHILDREN_UP_TO, _MOTHERS_UP_TO = 0.18, 0.32
"""People stand in line by age: children, women of 18 to 44, all other adults."""
_INSURANCES = np.array(["Public", "Private", "Self-pay", "Corporate"], dtype=object)
_INSURED = [0.62, 0.23, 0.08, 0.07]
SELF_PAY = 2


@dataclass
class Population:
    """Everyone who may become a patient, a number each.

    `dies_at` (minutes) starts with deaths at home; a death in hospital overwrites it.
    """

    age_years: Floats
    is_female: Booleans
    insurance: Ints
    registered: Ints
    dies_at: Ints

    @classmethod
    def around(cls, chance: Chance, beds: int) -> "Population":
        """The people around a hospital of `beds` beds in all branches."""
        rows = np.arange(beds * _PEOPLE_PER_BED)
        place = rows / len(rows)
        child = place < _CHILDREN_UP_TO
        mother = ~child & (place < _MOTHERS_UP_TO)
        elder = (place - _MOTHERS_UP_TO) / (1 - _MOTHERS_UP_TO)
        age = np.where(
            child,
            1 + 17 * place / _CHILDREN_UP_TO,
            np.where(
                mother, 18 + 26 * chance.uniform("person.age", rows), 18 + 79 * elder
            ),
        )
        # About 1 % a year at 60, 5 % at 90: more than a nation's, for these are ill.
        per_year = 0.0005 + 0.07 * (age / 100) ** 4
        known_before = chance.happens("person.known", rows, 0.55)
        years_before = chance.uniform("person.registered", rows) * np.minimum(age, 8.0)
        return cls(
            age_years=age,
            is_female=mother | chance.happens("person.sex", rows, 0.46),
            insurance=chance.pick("person.insurance", rows, _INSURED),
            registered=np.where(
                known_before, -(years_before * 365).astype(np.int64), NEVER
            ),
            dies_at=(
                chance.exponential("person.dies", rows, 365 / per_year) * DAY
            ).astype(np.int64),
        )

    def someone(self, chance: Chance, what: str, rows: Ints, patients: Ints) -> Ints:
        """A person for each row, of the kind in `patients` (Department.patients)."""
        people = len(self.age_years)
        low = np.array([0.0, _CHILDREN_UP_TO, _CHILDREN_UP_TO])[patients]
        high = np.array([_CHILDREN_UP_TO, _MOTHERS_UP_TO, 1.0])[patients]
        # The power leans adults towards the end of the line, where the old stand.
        lean = np.where(patients == ADULTS, 0.6, 1.0)
        place = low + (high - low) * chance.uniform(what, rows) ** lean
        place = np.minimum(np.ceil(place * people), people - 1)
        return np.asarray(place, dtype=np.int64)

    def meet(self, person: Ints, day: Ints) -> None:
        """Register whoever was not on the index before the day of their contact."""
        np.minimum.at(self.registered, person, day)

    def labels(self) -> Texts:
        """The patient id of each person, scattered so that it tells no age."""
        people = len(self.age_years)
        step = next(
            s for s in range(int(people * 0.618), people) if np.gcd(s, people) == 1
        )
        scattered = np.arange(people) * step % people
        return np.array([f"P{n + 1:06d}" for n in scattered.tolist()], dtype=object)

    def table(self, chance: Chance, calendar: Calendar, labels: Texts) -> Table:
        """The table patients: everyone registered by the extract's end, by id."""
        listed = np.flatnonzero(self.registered < calendar.days)
        listed = listed[np.argsort(labels[listed])]
        ids = labels[listed]
        numbers = np.array([label[1:] for label in ids.tolist()], dtype=object)
        names = person_names(chance, "person", listed, self.is_female[listed])
        born = -(self.age_years[listed] * 365.25).astype(np.int64) - 1
        insurance = _INSURANCES[self.insurance[listed]]
        mailboxes = [name.lower().replace(" ", ".") for name in names.tolist()]
        return {
            "patient_id": ids,
            "patient_name": names,
            "sex": np.where(self.is_female[listed], "F", "M").astype(object),
            "birth_date": calendar.dates(born),
            "insurance_type": insurance,
            "phone": np.asarray("+00 555 0" + numbers, dtype=object),
            "email": np.asarray(
                np.array(mailboxes, dtype=object) + "." + numbers + "@example.org",
                object,
            ),
            "address": addresses(chance, listed),
            "registered_on": calendar.dates(self.registered[listed]),
            "deceased_on": calendar.dates(self.dies_at[listed] // DAY),
            "merged_into_id": np.full(len(listed), "", dtype=object),
        }
