"""The people around the hospital, and which of them are on its patient index.

Belongs here: who a person is, and when they were registered and died. When they come to
the hospital is the business of admissions.py and appointments.py.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from simulator.calendar import DAY, NEVER, Calendar
from simulator.chance import Chance
from simulator.hospital import ADULTS
from simulator.layout import Booleans, Floats, Ints
from simulator.names import addresses, mailboxes, person_names
from simulator.tables import Table
from simulator.texts import Part, Parts, Rows, constant, encoded, numbered

_PEOPLE_PER_BED = 100
_CHILDREN_UP_TO, _MOTHERS_UP_TO = 0.18, 0.32
"""People stand in line by age: children, women of 18 to 44, all other adults."""
_SEXES = encoded(["M", "F"])
_INSURANCES = encoded(["Public", "Private", "Self-pay", "Corporate"])
_INSURED = [0.62, 0.23, 0.08, 0.07]
SELF_PAY = 2


_STAYS_UP_TO_AGE = (18.0, 45.0, 105.0)
"""Older children, mothers and others have moved on; the young take their places."""
YEAR = 365
DAY_AFTER_FIRST_VISIT = "day_after_first_visit"
"""No column of the layout, but what a fault needs to know."""


@dataclass
class Population:
    """Everyone who may become a patient, a number each.

    People stand in a line of places. Year by year whoever died or grew out of a place
    is followed by someone new, who has the next free number: `who` says by place who
    stands there, an array for each year so far. `dies_at` (minutes) starts with deaths
    at home; a death in hospital overwrites it. `age_years` is the age on the first day.
    """

    chance: Chance
    place: Ints
    age_years: Floats
    is_female: Booleans
    insurance: Ints
    registered: Ints
    dies_at: Ints
    who: list[Ints]

    @classmethod
    def around(cls, chance: Chance, beds: int) -> "Population":
        """The people around a hospital of `beds` beds in all branches."""
        rows = np.arange(beds * _PEOPLE_PER_BED)
        age = _first_age(chance, rows, rows / len(rows))
        known_before = chance.happens("person.known", rows, 0.55)
        years_before = chance.uniform("person.registered", rows) * np.minimum(age, 8.0)
        return cls(
            chance=chance,
            place=rows,
            age_years=age,
            is_female=_is_female(chance, rows, rows / len(rows)),
            insurance=chance.pick("person.insurance", rows, _INSURED),
            registered=np.where(
                known_before, -(years_before * 365).astype(np.int64), NEVER
            ),
            dies_at=_dies_after(chance, rows, age),
            who=[rows],
        )

    @property
    def places(self) -> int:
        """How long the line is."""
        return len(self.who[0])

    def turn_year(self) -> None:
        """Another year begins: someone new comes to each place that has become free."""
        year, now = len(self.who), self.who[-1]
        age = self.age_years[now] + year
        kind = _kind(np.arange(self.places) / self.places)
        gone = self.dies_at[now] <= year * YEAR * DAY
        free = np.flatnonzero(gone | (age > np.array(_STAYS_UP_TO_AGE)[kind]))
        rows = len(self.place) + np.arange(len(free))
        line = free / self.places
        # Children are born, the young come of age; the others come as old as the line.
        age = np.where(kind[free] == 2, _first_age(self.chance, rows, line), 0.0)
        age = np.where(kind[free] == 0, 1.0, np.where(kind[free] == 1, 18.0, age))
        dies_at = year * YEAR * DAY + _dies_after(self.chance, rows, age)
        self.place = np.concatenate([self.place, free])
        self.age_years = np.concatenate([self.age_years, age - year])
        self.is_female = np.concatenate(
            [self.is_female, _is_female(self.chance, rows, line)]
        )
        insurance = self.chance.pick("person.insurance", rows, _INSURED)
        self.insurance = np.concatenate([self.insurance, insurance])
        self.registered = np.concatenate([self.registered, rows * 0 + NEVER])
        self.dies_at = np.concatenate([self.dies_at, dies_at])
        now = now.copy()
        now[free] = rows
        self.who.append(now)

    def somewhere(self, chance: Chance, what: str, rows: Ints, patients: Ints) -> Ints:
        """A place for each row, of the kind in `patients` (Department.patients)."""
        low = np.array([0.0, _CHILDREN_UP_TO, _CHILDREN_UP_TO])[patients]
        high = np.array([_CHILDREN_UP_TO, _MOTHERS_UP_TO, 1.0])[patients]
        # The power leans adults towards the end of the line, where the old stand.
        lean = np.where(patients == ADULTS, 0.6, 1.0)
        place = low + (high - low) * chance.uniform(what, rows) ** lean
        place = np.minimum(np.ceil(place * self.places), self.places - 1)
        return np.asarray(place, dtype=np.int64)

    def someone(self, place: Ints, day: Ints) -> Ints:
        """Who stands at each place on the day."""
        year = np.clip(day // YEAR, 0, len(self.who) - 1)
        return np.asarray(np.stack(self.who)[year, place], dtype=np.int64)

    def meet(self, person: Ints, day: Ints) -> None:
        """Register whoever was not on the index before the day of their contact."""
        np.minimum.at(self.registered, person, day)

    def numbers(self) -> Ints:
        """The number in each person's id; the first are scattered, to tell no age."""
        people = self.places
        step = next(
            s for s in range(int(people * 0.618), people) if np.gcd(s, people) == 1
        )
        rows = np.arange(len(self.place))
        return np.where(rows < people, rows * step % people, rows) + 1


def _kind(line: Floats) -> Ints:
    """Children, mothers and all others, by how far down the line they stand."""
    edges = [_CHILDREN_UP_TO, _MOTHERS_UP_TO]
    return np.asarray(np.searchsorted(edges, line, "right"), dtype=np.int64)


def _first_age(chance: Chance, rows: Ints, line: Floats) -> Floats:
    elder = (line - _MOTHERS_UP_TO) / (1 - _MOTHERS_UP_TO)
    ages = (
        1 + 17 * line / _CHILDREN_UP_TO,
        18 + 26 * chance.uniform("person.age", rows),
        18 + 79 * elder,
    )
    return np.asarray(np.choose(_kind(line), ages), dtype=np.float64)


def _is_female(chance: Chance, rows: Ints, line: Floats) -> Booleans:
    is_mother = _kind(line) == 1
    return np.asarray(is_mother | chance.happens("person.sex", rows, 0.46))


def _dies_after(chance: Chance, rows: Ints, age: Floats) -> Ints:
    """Minutes until a death at home."""
    # About 1 % a year at 60, 5 % at 90: more than a nation's, for these are ill.
    per_year = 0.0005 + 0.07 * (age / 100) ** 4
    days = chance.exponential("person.dies", rows, 365 / per_year)
    return np.asarray(days * DAY).astype(np.int64)


def table(
    people: Population,
    calendar: Calendar,
    numbers: Ints,
    merged_into: Ints,
    first_visits: Callable[[], Ints],
) -> Table:
    """The table patients: everyone registered by the calendar's end, by id.

    By person: `numbers` are those of the ids, `merged_into` the person that is left, or
    -1, `first_visits()` when the first appointment took place, or NEVER.
    """
    listed = np.flatnonzero(people.registered < calendar.days)
    listed = listed[np.argsort(numbers[listed])]
    chance = people.chance
    born = -(people.age_years * 365.25).astype(np.int64) - 1

    def names(some: Rows) -> Parts:
        rows = np.arange(len(numbers))[some]
        return person_names(chance, "person", rows, people.is_female[rows])

    def digits(some: Rows) -> Parts:
        return numbered("", 6, numbers[some])

    return Table(
        listed,
        {
            "patient_id": lambda some: numbered("P", 6, numbers[some]),
            "patient_name": names,
            "sex": lambda some: [Part(_SEXES, people.is_female[some].astype(np.int64))],
            "birth_date": lambda some: calendar.dates(born[some]),
            "insurance_type": lambda some: [Part(_INSURANCES, people.insurance[some])],
            "phone": lambda some: [constant("+00 555 0"), *digits(some)],
            "email": lambda some: [
                *mailboxes(names(some)),
                constant("."),
                *digits(some),
                constant("@example.org"),
            ],
            "address": lambda some: addresses(chance, np.asarray(some)),
            "registered_on": lambda some: calendar.dates(people.registered[some]),
            "deceased_on": lambda some: calendar.dates(people.dies_at[some] // DAY),
            "merged_into_id": lambda some: numbered(
                "P", 6, np.append(numbers, 0)[merged_into[some]]
            ),
            DAY_AFTER_FIRST_VISIT: lambda some: calendar.dates(
                first_visits()[some] // DAY + 1
            ),
        },
        prefix="P",
        digits=6,
        numbers=numbers,
    )
