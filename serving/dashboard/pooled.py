"""Figures of a period from its parts: sums, last values, and rates that are pooled.

Pure: rows in, a figure out. A rate is never an average of rates.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from serving.dashboard.panels import Row

Value = Callable[[Sequence[Row]], Any]


def total(column: str) -> Value:
    """The sum over the rows; None if no row has it."""

    def value(rows: Sequence[Row]) -> Any:
        found = [row[column] for row in rows if row[column] is not None]
        return sum(found) if found else None

    return value


def last(column: str) -> Value:
    """The value of the last row; None if there is no row."""
    return lambda rows: rows[-1][column] if rows else None


def ratio(numerator: str, *denominator: str, factor: int = 1) -> Value:
    """A rate, pooled: sums first, then one division; None if there is nothing below.

    Args:
        numerator: a column.
        denominator: columns whose sums are added.
        factor: 100 for per cent.
    """

    def value(rows: Sequence[Row]) -> Any:
        above = total(numerator)(rows)
        below = sum(total(it)(rows) or 0 for it in denominator)
        return (
            factor * Decimal(above) / Decimal(below)
            if above is not None and below
            else None
        )

    return value
