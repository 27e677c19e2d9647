"""Which registrations of the patient index a night finds to be of one person.

Belongs here: who may be taken for whom, so that nothing becomes impossible by it. That
a night says so: corrections.py.
"""

import numpy as np

from simulator.calendar import Calendar
from simulator.layout import Booleans, Ints
from simulator.world import World

_APART_YEARS = 1.0
"""The most by which the births of two registrations of one person differ."""


def found_out(
    world: World, number: int, before: Calendar, share: float
) -> tuple[Ints, Ints]:
    """Registrations that are left, and those of the same person that merge into them.

    About `share` of the index, each two of one sex and nearly one birth, of the living
    at the calendar's closing. The earlier registration is left; by the later one nobody
    lies in a bed, or ever will, and no two of their stays overlap.
    """
    people, chance = world.people, world.chance
    alive = people.dies_at > before.closing
    listed = np.flatnonzero(
        (people.registered < before.days) & (world.merged_into < 0) & alive
    )
    line = listed[np.lexsort((people.age_years[listed], people.is_female[listed]))]
    some = chance.uniform(f"correct.merge.{number}", np.zeros(1, np.int64))[0]
    lots = np.arange(int(share * len(line) + some))
    drawn = chance.uniform(f"correct.merge.who.{number}", lots) * (len(line) // 2)
    first = 2 * np.unique(drawn.astype(np.int64))
    one, other = line[first], line[first + 1]
    is_later = people.registered[one] > people.registered[other]
    left, gone = np.where(is_later, other, one), np.where(is_later, one, other)
    alike = people.is_female[left] == people.is_female[gone]
    apart = np.abs(people.age_years[left] - people.age_years[gone])
    alike &= apart <= _APART_YEARS
    alike &= _fit(world, left, gone, before)
    return left[alike], gone[alike]


def _fit(world: World, left: Ints, gone: Ints, before: Calendar) -> Booleans:
    """Which two may be one person by their stays, with all merged into them so far."""
    stays, owner = world.stays, _owners(world.merged_into)
    pair = np.full(len(owner), -1)
    pair[left] = pair[gone] = np.arange(len(left))
    whose = owner[stays.person]
    theirs = np.flatnonzero(pair[whose] >= 0)
    theirs = theirs[np.lexsort((stays.admitted_at[theirs], pair[whose[theirs]]))]
    of_pair, whose = pair[whose[theirs]], whose[theirs]
    begins, ends = stays.admitted_at[theirs], stays.discharged_at[theirs]
    fits = np.ones(len(left), dtype=np.bool_)
    fits[of_pair[(whose == gone[of_pair]) & (ends > before.closing)]] = False
    overlap = (of_pair[1:] == of_pair[:-1]) & (begins[1:] <= ends[:-1])
    fits[of_pair[1:][overlap]] = False
    return fits


def _owners(merged_into: Ints) -> Ints:
    """By person, whoever is left of them in the end."""
    owner = np.where(merged_into < 0, np.arange(len(merged_into)), merged_into)
    while (owner[owner] != owner).any():
        owner = owner[owner]
    return owner
