"""How numbers become text: looked up, a part at a time, and never as Python's objects.

Belongs here: parts of a column's values, and the tables they are looked up in. A value
is its parts one after the other; a part is a number per row into some texts of bytes,
which numpy holds padded with NUL. What a column means stands where its table is made.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.layout import Booleans, Ints, Texts

Bytes = NDArray[np.bytes_]
Rows = slice | Ints
"""Which rows: a stretch of them, or their numbers."""


class Part(NamedTuple):
    """`texts[which]`, for each row; without numbers the one text there is."""

    texts: Bytes
    which: Ints | None = None


Parts = list[Part]
Column = Callable[[Rows], Parts]


def encoded(texts: Sequence[str] | Texts) -> Bytes:
    """Texts to look up; ASCII, for a character of another kind raises."""
    return np.array(list(texts), dtype=np.bytes_)


def counted(rows: Rows) -> Ints:
    """The rows' own numbers, from 1."""
    if isinstance(rows, slice):
        return np.arange(rows.start + 1, rows.stop + 1)
    return rows + 1


def constant(text: str) -> Part:
    """The same text in each row."""
    return Part(encoded([text]))


@cache
def _counted(prefix: str, digits: int, numbers: int) -> Bytes:
    """No text, then `numbers` numbers from 0 with leading zeros, after the prefix."""
    return encoded(["", *(f"{prefix}{n:0{digits}d}" for n in range(numbers))])


def numbered(prefix: str, digits: int, numbers: Ints) -> Parts:
    """The prefix and a number of at least `digits` (5 to 8) digits; none for 0."""
    thousands, rest = _divided(numbers, 10_000)
    most = max(10 ** (digits - 4), int(thousands.max(initial=0)) + 1)
    known = numbers > 0
    return [
        Part(_counted(prefix, digits - 4, most), (thousands + 1) * known),
        Part(_counted("", 4, 10_000), (rest + 1) * known),
    ]


def small(numbers: Ints, digits: int = 0) -> Part:
    """Whole numbers from 0 to 9,999, with leading zeros up to `digits`; none for -1."""
    return Part(_counted("", digits, 10_000), numbers + 1)


@cache
def _hundreds_after_thousands() -> Bytes:
    return encoded([str(n) for n in range(1000)] + [f"{n:03d}" for n in range(1000)])


@cache
def _after_the_point(decimals: int) -> Bytes:
    return encoded([f".{n:0{decimals}d}" for n in range(10**decimals)])


def decimal(numbers: Ints, decimals: int) -> Parts:
    """Numbers of 0 to 9,999,999 in units of their last decimal, with a point."""
    units, rest = _divided(numbers, 10**decimals)
    thousands, hundreds = _divided(units, 1000)
    return [
        small(np.where(thousands > 0, thousands, -1)),
        Part(_hundreds_after_thousands(), hundreds + 1000 * (thousands > 0)),
        Part(_after_the_point(decimals), rest),
    ]


def money(cents: Ints) -> Parts:
    """Amounts with two decimals."""
    return decimal(cents, 2)


def where(known: Booleans, parts: Parts) -> Parts:
    """The parts, and no text in rows that are not known."""
    return [
        Part(
            np.concatenate([np.array([b""], dtype=texts.dtype), texts]),
            known * 1 if which is None else (which + 1) * known,
        )
        for texts, which in parts
    ]


def _divided(numbers: Ints, by: int) -> tuple[Ints, Ints]:
    # Faster than divmod, which minds the sign.
    whole = numbers // by
    return whole, numbers - whole * by


def filled(parts: Parts, rows: int) -> Bytes:
    """The parts beside each other, each at its full width: one element per row.

    Equal values are equal here too. Where no part is shorter than its width, but for
    values that are empty, the elements are the values and sort as they do.
    """
    widths = [texts.dtype.itemsize for texts, _ in parts]
    out = np.zeros((rows, sum(widths)), dtype=np.uint8)
    place = 0
    for part, width in zip(parts, widths, strict=True):
        fill(out, place, part)
        place += width
    return out.view(f"S{sum(widths)}").ravel()


def fill(out: NDArray[np.uint8], place: int, part: Part) -> None:
    """Write the part into the bytes from `place` on of each row of `out`."""
    texts, which = part
    field: Bytes = np.ndarray(
        len(out), texts.dtype, out.data, offset=place, strides=(out.strides[0],)
    )
    field[:] = texts[0] if which is None else texts.take(which, mode="clip")
