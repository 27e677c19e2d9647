"""Who the patients in the beds are, and who of them comes again or dies there.

Belongs here: the walk through admissions that lets nobody lie in two beds at once, and
nobody come after their death. When and where they lie: admissions.py, bed_stays.py.
"""

from heapq import merge

import numpy as np

from simulator.admissions import Plans
from simulator.calendar import DAY, NEVER, Calendar
from simulator.chance import Chance
from simulator.hospital import ADULTS, DEPARTMENTS
from simulator.layout import Ints
from simulator.patients import YEAR, Population

_RETURNS = 0.10
"""Share of emergencies that are someone discharged in the last weeks."""
_RETURNS_WITHIN = 35 * DAY


def admit(
    chance: Chance, calendar: Calendar, people: Population, plans: Plans, plan: Ints
) -> Ints:
    """The person admitted by each plan in `plan`, which are in order of arrival.

    Years turn in `people` on the way, and deaths in hospital are entered there.
    """
    kind = np.array([d.patients for d in DEPARTMENTS])[plans.unit % len(DEPARTMENTS)]
    rows = np.arange(len(kind))
    places = people.somewhere(chance, "stay.person", rows, kind)[plan]
    adult = (kind == ADULTS)[plan]
    returns = adult & plans.is_emergency[plan]
    returns &= chance.happens("stay.returns", plan, _RETURNS)
    which = np.where(returns, chance.uniform("stay.which", plan), -1.0)
    arrives_at, leaves_at = plans.arrives_at[plan], plans.leaves_at[plan]
    dies = plans.is_death[plan]
    walk = _Walk(
        people,
        persons=[-1] * len(plan),
        dies=dies.tolist(),
        may_return=(adult & ~plans.is_transfer_out[plan] & ~dies).tolist(),
    )
    leaves = np.argsort(leaves_at, kind="stable")
    leaves = leaves[leaves_at[leaves] <= calendar.closing]
    turns = range(YEAR * DAY, calendar.days * DAY, YEAR * DAY)
    # Whoever leaves makes room for who arrives at the same minute.
    ends = zip(leaves_at[leaves].tolist(), leaves.tolist(), strict=True)
    events = merge(ends, ((turn, -1) for turn in turns))
    ended_at, ended = next(events, (NEVER, -1))
    for number, (now, place, share) in enumerate(
        zip(arrives_at.tolist(), places.tolist(), which.tolist(), strict=True)
    ):
        while ended_at <= now:
            walk.end(ended_at, ended)
            ended_at, ended = next(events, (NEVER, -1))
        walk.begin(now, number, place, share)
    while ended_at < NEVER:
        walk.end(ended_at, ended)
        ended_at, ended = next(events, (NEVER, -1))
    people.dies_at = np.array(walk.dies_at, dtype=np.int64)
    return np.array(walk.persons, dtype=np.int64)


class _Walk:
    """Who is in the hospital and who has been, as time goes by."""

    def __init__(
        self,
        people: Population,
        persons: list[int],
        dies: list[bool],
        may_return: list[bool],
    ) -> None:
        self.people, self.persons = people, persons
        self.dies, self.may_return = dies, may_return
        self.inside: set[int] = set()
        self.home_at: list[int] = []
        self.home: list[int] = []
        self.long_gone = 0
        self._look_around()

    def _look_around(self) -> None:
        self.who = self.people.who[-1].tolist()
        self.dies_at = self.people.dies_at.tolist()
        self.place_of = self.people.place.tolist()

    def end(self, at: int, number: int) -> None:
        """An admission ends, or with -1 a year."""
        if number < 0:
            self.people.dies_at = np.array(self.dies_at, dtype=np.int64)
            self.people.turn_year()
            self._look_around()
            return
        person = self.persons[number]
        self.inside.discard(person)
        if self.dies[number]:
            self.dies_at[person] = at
        elif self.may_return[number]:
            self.home_at.append(at)
            self.home.append(person)

    def begin(self, now: int, number: int, place: int, share: float) -> None:
        """Admit whoever stands at the place, or by their share someone again.

        Whoever it is is alive and not in the hospital already.
        """
        gone, home_at = self.long_gone, self.home_at
        while gone < len(home_at) and home_at[gone] < now - _RETURNS_WITHIN:
            gone += 1
        self.long_gone = gone
        person = self.who[place]
        if share >= 0 and gone < len(home_at):
            person = self.home[gone + int(share * (len(home_at) - gone))]
            place = self.place_of[person]
        while person in self.inside or self.dies_at[person] <= now:
            place = (place + 1) % len(self.who)
            person = self.who[place]
        # Whoever is admitted does not die at home any more.
        self.dies_at[person] = NEVER
        self.inside.add(person)
        self.persons[number] = person
