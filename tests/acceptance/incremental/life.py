"""The life of a hospital and its warehouse: nights in an order that chance decides.

Belongs here: what a night can be like, and how the nights of one life are drawn, each
kind at least once. That what they leave is right is asked by the test.
"""

from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from datetime import timedelta
from random import Random
from typing import Generic, TypeVar

from tests.acceptance.incremental.happenings import OF_PATIENTS, OF_REGISTERS, happen
from tests.acceptance.incremental.living_hospital import LivingHospital, Tables
from tests.acceptance.incremental.nights import Nights

Card = TypeVar("Card")


class Deck(Generic[Card]):
    """Cards dealt in an order of chance; none again before all were."""

    def __init__(self, cards: Iterable[Card], chance: Random) -> None:
        self.cards, self.chance = list(cards), chance
        self.left: list[Card] = []

    def deal(self) -> Card:
        if not self.left:
            self.left = self.chance.sample(self.cards, len(self.cards))
        return self.left.pop()


class Life:
    """One hospital's nights; `told` says what happened, for who looks for a fault."""

    def __init__(self, nights: Nights, first: Tables, seed: int) -> None:
        self.nights, self.hospital = nights, LivingHospital(first)
        self.chance = Random(seed)  # noqa: S311 (a test's own chance)
        self.told: list[str] = []
        self.published = 0
        self.of_patients = Deck(OF_PATIENTS, self.chance)
        self.of_registers = Deck(OF_REGISTERS, self.chance)
        self.days = Deck([0, 1, 1, 2, 9], self.chance)
        self.breaks = Deck(["bills", "bed_moments", "fct_admissions"], self.chance)

    def go_on(self) -> Iterator[bool]:
        """Live each night, and say whether it was published; the last one always is."""
        kinds = self.chance.sample(KINDS, len(KINDS))
        for kind in (*kinds, Life.things_happen):
            before = self.published
            self.told.append(f"{kind.__name__}:")
            kind(self)
            yield self.published > before

    def things_happen(self) -> None:
        self.pass_days(self.days.deal())
        self.let_happen(self.hospital, 4, self.of_patients)
        self.night()

    def a_register_changes(self) -> None:
        self.pass_days(1)
        self.let_happen(self.hospital, 1, self.of_registers)
        self.let_happen(self.hospital, 2, self.of_patients)
        self.night()

    def a_month_passes(self) -> None:
        self.pass_days(40)
        self.let_happen(self.hospital, 2, self.of_patients)
        self.night()

    def time_alone_passes(self) -> None:
        self.pass_days(1)
        self.night()

    def only_some_tables_come(self) -> None:
        self.pass_days(1)
        self.let_happen(self.hospital, 4, self.of_patients)
        tables = self.chance.sample(sorted(self.hospital.tables), 6)
        self.night(tables)

    def an_earlier_day_is_told_anew(self) -> None:
        other = LivingHospital(deepcopy(self.hospital.tables))
        self.let_happen(other, 3, self.of_patients)
        earlier = timedelta(days=self.chance.randint(1, 20))
        self.nights.load(other.tables, self.hospital.as_of - earlier)
        self.night()

    def what_comes_is_not_published(self) -> None:
        self.pass_days(self.chance.choice([0, 1]))
        self.let_happen(self.hospital, 3, self.of_patients)
        self.nights.load(self.hospital.tables, self.hospital.as_of)
        assert self.nights.build()

    def the_night_fails_on_its_way(self) -> None:
        self.let_happen(self.hospital, 3, self.of_patients)
        self.nights.load(self.hospital.tables, self.hospital.as_of)
        self.nights.build("--select", f"+{self.breaks.deal()}")

    def pass_days(self, days: int) -> None:
        self.told.append(f"{days} days")
        self.hospital.pass_days(days)

    def let_happen(self, hospital: LivingHospital, times: int, deck: Deck[str]) -> None:
        for _ in range(times):
            what, chance = deck.deal(), self.chance.randint(0, 999)
            self.told.append(f"{what} ({chance})")
            happen(hospital, what, chance)

    def night(self, tables: list[str] | None = None) -> None:
        """Take in what the hospital tells, or some tables of it, and publish it."""
        told = self.hospital.tables
        self.nights.load({it: told[it] for it in tables or told}, self.hospital.as_of)
        assert self.nights.build(), self.told
        self.nights.publish()
        self.published += 1


KINDS: tuple[Callable[[Life], None], ...] = (
    Life.things_happen,
    Life.a_register_changes,
    Life.a_month_passes,
    Life.time_alone_passes,
    Life.only_some_tables_come,
    Life.an_earlier_day_is_told_anew,
    Life.what_comes_is_not_published,
    Life.the_night_fails_on_its_way,
)
