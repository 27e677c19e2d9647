"""Chance: every random number of the simulated hospital.

Belongs here: drawing. Each draw is a pure function of seed, what is drawn and row
number, and not of what was drawn before it, so rows can be drawn in any order and in
bulk, and a hospital simulated one day longer keeps the whole of its past.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TypeVar
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from simulator.cores import cores
from simulator.layout import Booleans, Floats, Ints

_GOLDEN = 0x9E3779B97F4A7C15
_WORD = 2**64
_AT_ONCE = 32_768
_MANY = 500_000
_Drawn = TypeVar("_Drawn", bound=np.generic)


@dataclass(frozen=True)
class Chance:
    """Draws that belong to one seed."""

    seed: int

    def uniform(self, what: str, rows: Ints) -> Floats:
        """Uniform in [0, 1), shape of `rows`. SplitMix64 (Steele, Lea and Flood, 2014).

        `what` names the stream: equal rows of two streams are unrelated.
        """
        return _piecewise(partial(_uniform, self._stream(what)), rows)

    def happens(self, what: str, rows: Ints, probability: Floats | float) -> Booleans:
        """True with the probability given, one for all rows or one for each."""
        return np.asarray(self.uniform(what, rows) < probability)

    def pick(self, what: str, rows: Ints, weights: Floats | list[float]) -> Ints:
        """Index into `weights`, each as likely as its weight."""
        edges = np.cumsum(weights)
        shares, stream = edges / edges[-1], self._stream(what)

        def picked(some: Ints) -> Ints:
            found = np.searchsorted(shares, _uniform(stream, some), "right")
            return np.minimum(found, len(edges) - 1)

        return _piecewise(picked, rows, np.int64)

    def normal(self, what: str, rows: Ints) -> Floats:
        """Standard normal (Box and Muller, 1958)."""
        radial, angular = self._stream(what + "/radius"), self._stream(what)

        def drawn(some: Ints) -> Floats:
            radius = np.sqrt(-2 * np.log1p(-_uniform(radial, some)))
            return np.asarray(radius * np.cos(2 * np.pi * _uniform(angular, some)))

        return _piecewise(drawn, rows)

    def exponential(self, what: str, rows: Ints, mean: Floats | float) -> Floats:
        """Exponential with the mean given."""
        stream = self._stream(what)
        drawn = _piecewise(lambda some: -np.log1p(-_uniform(stream, some)), rows)
        drawn *= mean
        return drawn

    def _stream(self, what: str) -> np.uint64:
        stream = self.seed * _GOLDEN + crc32(what.encode()) * 0xD1342543DE82EF95
        return np.uint64(stream % _WORD)

    def arrivals(self, what: str, per_hour: Floats) -> Ints:
        """Moments of a Poisson process whose rate changes by the hour.

        `per_hour` holds the expected arrivals of each hour from hour 0 on. Returns
        minutes since hour 0, ascending. By inversion: a process of rate 1 read on the
        clock that the expected number of arrivals makes (Cinlar, 1975).
        """
        expected = np.concatenate(([0.0], np.cumsum(per_hour)))
        enough = int(expected[-1] + 8 * np.sqrt(expected[-1]) + 20)
        ticks = np.cumsum(self.exponential(what, np.arange(enough), 1.0))
        ticks = ticks[ticks < expected[-1]]
        hours = np.interp(ticks, expected, np.arange(len(expected)))
        return np.asarray(np.floor(hours * 60), dtype=np.int64)


def _uniform(stream: np.uint64, rows: Ints) -> Floats:
    bits = rows.astype(np.uint64)
    bits *= np.uint64(_GOLDEN)
    bits += stream
    bits ^= bits >> np.uint64(30)
    bits *= np.uint64(0xBF58476D1CE4E5B9)
    bits ^= bits >> np.uint64(27)
    bits *= np.uint64(0x94D049BB133111EB)
    bits ^= bits >> np.uint64(31)
    bits >>= np.uint64(11)
    return np.asarray(bits * 2.0**-53, dtype=np.float64)


def _piecewise(
    draw: Callable[[Ints], NDArray[_Drawn]], rows: Ints, kind: type = np.float64
) -> NDArray[_Drawn]:
    """`draw` of the rows, by pieces that stay in a processor's cache, on every core."""
    drawn: NDArray[_Drawn] = np.empty(len(rows), dtype=kind)

    def one(start: int) -> None:
        piece = slice(start, start + _AT_ONCE)
        drawn[piece] = draw(rows[piece])

    starts = range(0, len(rows), _AT_ONCE)
    if len(rows) < _MANY or cores() < 2:
        for start in starts:
            one(start)
    else:
        with ThreadPoolExecutor(cores()) as threads:
            list(threads.map(one, starts))
    return drawn
