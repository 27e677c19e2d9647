"""Chance: every random number of the simulated hospital.

Belongs here: drawing. Each draw is a pure function of seed, what is drawn and row
number, and not of what was drawn before it, so rows can be drawn in any order and in
bulk, and a hospital simulated one day longer keeps the whole of its past.
"""

from dataclasses import dataclass
from zlib import crc32

import numpy as np

from simulator.layout import Booleans, Floats, Ints

_GOLDEN = 0x9E3779B97F4A7C15
_WORD = 2**64


@dataclass(frozen=True)
class Chance:
    """Draws that belong to one seed."""

    seed: int

    def uniform(self, what: str, rows: Ints) -> Floats:
        """Uniform in [0, 1), shape of `rows`. SplitMix64 (Steele, Lea and Flood, 2014).

        `what` names the stream: equal rows of two streams are unrelated.
        """
        stream = (
            self.seed * _GOLDEN + crc32(what.encode()) * 0xD1342543DE82EF95
        ) % _WORD
        bits = rows.astype(np.uint64) * np.uint64(_GOLDEN) + np.uint64(stream)
        bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        bits ^= bits >> np.uint64(31)
        return np.asarray((bits >> np.uint64(11)) * 2.0**-53, dtype=np.float64)

    def happens(self, what: str, rows: Ints, probability: Floats | float) -> Booleans:
        """True with the probability given, one for all rows or one for each."""
        return np.asarray(self.uniform(what, rows) < probability)

    def pick(self, what: str, rows: Ints, weights: Floats | list[float]) -> Ints:
        """Index into `weights`, each as likely as its weight."""
        edges = np.cumsum(weights)
        found = np.searchsorted(edges / edges[-1], self.uniform(what, rows), "right")
        return np.minimum(found, len(edges) - 1).astype(np.int64)

    def normal(self, what: str, rows: Ints) -> Floats:
        """Standard normal (Box and Muller, 1958)."""
        radius = np.sqrt(-2 * np.log1p(-self.uniform(what + "/radius", rows)))
        return np.asarray(radius * np.cos(2 * np.pi * self.uniform(what, rows)))

    def exponential(self, what: str, rows: Ints, mean: Floats | float) -> Floats:
        """Exponential with the mean given."""
        return np.asarray(-np.log1p(-self.uniform(what, rows)) * mean)

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
