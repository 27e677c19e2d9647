"""Extracts in a random order of arrival, and a simple model of what they tell.

The model keeps every extract and lays them upon each other in the order of time: a
snapshot replaces what was there, a delta is put on top of it.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from hypothesis import strategies as st

from orchestration.extracts.ledger import BatchResult

MOMENTS = [datetime(2024, 3, 1 + day, 23, 59, 59) for day in range(5)]
FIRST_DAY = datetime(1900, 1, 1).date()
State = Counter[tuple[str, str]]
"""How often each (id, value) is there."""


@dataclass(frozen=True)
class Arrival:
    """One file, in the order of coming: rows of an id and a value."""

    moment: int
    mode: Literal["snapshot", "delta"]
    rows: tuple[tuple[str, str], ...]
    stays_in_folder: bool
    """Whether it is still there, and offered again, when others come later."""


def arrivals(has_key: bool) -> Any:
    """A strategy: lists of arrivals, several of them for one moment."""
    row = st.tuples(st.sampled_from("123"), st.sampled_from("AB"))
    one = st.builds(
        Arrival,
        moment=st.integers(0, len(MOMENTS) - 1),
        mode=st.sampled_from(["snapshot", "snapshot", "delta"]),
        rows=st.lists(
            row, max_size=4, unique_by=(lambda it: it[0]) if has_key else None
        ).map(tuple),
        stays_in_folder=st.booleans(),
    )
    return st.lists(one, min_size=2, max_size=7)


def receive(came: list[Arrival], load: Callable[[Arrival], BatchResult]) -> None:
    """Load one after the other, each time with what still lies in the folder."""
    lying: dict[int, Arrival] = {}
    for it in came:
        lying.pop(it.moment, None)
        load(it)
        for other in lying.values():
            assert load(other).status == "known"
        if it.stays_in_folder:
            lying[it.moment] = it


def told(came: list[Arrival], until: int, has_key: bool) -> State:
    """The rows at a moment, as the model has them."""
    state: State = Counter()
    for it in sorted(came, key=lambda arrival: arrival.moment):  # stable
        if it.moment > until:
            break
        if it.mode == "snapshot":
            state = Counter(it.rows)
        elif has_key:
            state = Counter((dict(state.keys()) | dict(it.rows)).items())
        else:
            state |= Counter(it.rows)
    return state


def told_history(came: list[Arrival]) -> set[tuple[Any, ...]]:
    """The periods of a table with history: (id, value, from, to), to exclusive.

    The first of an id begins on FIRST_DAY; the last may be without an end.
    """
    periods: list[list[Any]] = []
    for until, moment in enumerate(MOMENTS):
        now = dict(told(came, until, has_key=True).keys())
        going_on = {period[0]: period for period in periods if period[3] is None}
        for key, period in going_on.items():
            if now.get(key) != period[1]:
                period[3] = moment.date()
        for key, value in now.items():
            if key not in going_on or going_on[key][3] is not None:
                is_first = all(period[0] != key for period in periods)
                begins = FIRST_DAY if is_first else moment.date()
                periods.append([key, value, begins, None])
    return {tuple(period) for period in periods}
