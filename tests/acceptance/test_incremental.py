"""Incremental equals full: whatever happens, in whatever order, row for row.

After each night, every table of staging, quarantine, intermediate and candidate that
was built from what changed is compared with the same table built from nothing.
"""

from collections.abc import Iterator
from copy import deepcopy
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from tests.acceptance.incremental.living_hospital import (
    HAPPENINGS,
    LivingHospital,
    Tables,
    opened,
)
from tests.acceptance.incremental.nights import Nights
from tests.conftest import TURN, Home

SEQUENCES = 2 if TURN is None else 1


@pytest.fixture(scope="module")
def nights(home: Home) -> Nights:
    assert home.run("init-db").returncode == 0
    return Nights(home)


@pytest.fixture(scope="module")
def first(home: Home) -> Tables:
    return opened(home.path / "simulated")


@pytest.fixture
def hospital(nights: Nights, first: Tables) -> Iterator[LivingHospital]:
    """A hospital whose first extract is published."""
    made = LivingHospital(first)
    nights.forget()
    nights.load(made.tables, made.as_of)
    assert nights.build()
    nights.publish()
    return made


@pytest.mark.parametrize(
    "but",
    [
        "a register changes",
        pytest.param("a roster changes", marks=pytest.mark.long),
        pytest.param(None, marks=pytest.mark.long),
    ],
)
def test_a_night_in_which_everything_happens(nights, hospital, but):
    """But for what has much built as a whole, which would hide the parts."""
    hospital.pass_days(1)
    for number, what in enumerate(HAPPENINGS):
        if what != but:
            hospital.happen(what, number)
    nights.load(hospital.tables, hospital.as_of)
    assert nights.build()
    nights.publish()
    assert nights.difference() == {}


def test_a_night_is_built_from_what_changed(nights, hospital):
    hospital.pass_days(1)
    hospital.happen("somebody comes", 1)
    nights.load(hospital.tables, hospital.as_of)
    before = nights.places("intermediate.appointments", "appointment_key")
    assert nights.build()
    assert nights.places("intermediate.appointments", "appointment_key") == before


@pytest.mark.long
def test_whatever_happens(nights, first, record_property):
    sequences = []

    class Life(RuleBasedStateMachine):
        @initialize()
        def open(self) -> None:
            sequences.append(0)
            self.hospital = LivingHospital(first)
            self.told: list[tuple[Tables, LivingHospital]] = []
            nights.forget()
            self.night()

        @rule(
            what=st.lists(
                st.tuples(st.sampled_from(sorted(HAPPENINGS)), st.integers(0, 999)),
                max_size=4,
            ),
            days=st.sampled_from([0, 1, 1, 1, 2, 9]),
        )
        def happens(self, what: list[tuple[str, int]], days: int) -> None:
            self.hospital.pass_days(days)
            for it in what:
                self.hospital.happen(*it)
            self.night()

        @rule(what=st.sampled_from(sorted(HAPPENINGS)), chance=st.integers(0, 999))
        def comes_but_is_not_published(self, what: str, chance: int) -> None:
            self.hospital.happen(what, chance)
            self.take_in()
            assert nights.build()

        @rule(
            what=st.sampled_from(sorted(HAPPENINGS)),
            chance=st.integers(0, 999),
            model=st.sampled_from(["bills", "bed_moments", "fct_admissions"]),
        )
        def fails_on_its_way(self, what: str, chance: int, model: str) -> None:
            self.hospital.happen(what, chance)
            self.take_in()
            nights.build("--select", f"+{model}")

        @rule(days=st.integers(1, 20), chance=st.integers(0, 999))
        def an_earlier_day_is_told_anew(self, days: int, chance: int) -> None:
            other = LivingHospital(deepcopy(self.hospital.tables))
            other.happen("a discharge moves", chance)
            other.happen("a row vanishes", chance)
            nights.load(other.tables, self.hospital.as_of - timedelta(days=days))
            self.night()

        def take_in(self) -> None:
            nights.load(self.hospital.tables, self.hospital.as_of)

        def night(self) -> None:
            self.take_in()
            assert nights.build()
            nights.publish()
            sequences[-1] += 1

        def teardown(self) -> None:
            # The last night may have failed on its way, or told nothing yet.
            self.night()
            different = nights.difference()
            note(str(different))
            assert different == {}

    Life.TestCase.settings = settings(
        max_examples=SEQUENCES,
        stateful_step_count=4,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.reuse, Phase.generate],
    )
    Life.TestCase().runTest()
    record_property("sequences", len(sequences))
    record_property("published_nights", sum(sequences))
