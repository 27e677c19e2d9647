"""Many days or numbers in few words: unbroken rows of them by their ends.

Pure functions, for what people read in tags and sentences.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import groupby


def spans_of_days(days: Iterable[date]) -> str:
    """Days in the order of time, as `2026-03-01 to 2026-03-30, 2026-04-02`."""
    return ", ".join(
        " to ".join(
            date.fromordinal(it).isoformat() for it in dict.fromkeys((first, last))
        )
        for first, last in _rows(day.toordinal() for day in days)
    )


def spans_of_numbers(numbers: Iterable[int]) -> str:
    """Numbers in order, as `12-24, 31`."""
    return ", ".join(
        "-".join(map(str, dict.fromkeys((first, last))))
        for first, last in _rows(numbers)
    )


def _rows(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """The first and the last of each unbroken row."""
    ordered = sorted(set(numbers))
    # In an unbroken row, numbers grow just as fast as their places do.
    for _, row in groupby(enumerate(ordered), lambda it: it[1] - it[0]):
        members = [number for _, number in row]
        yield members[0], members[-1]
