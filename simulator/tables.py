"""Tables that are not there until they are written: columns are asked for some rows.

Belongs here: which rows a table shows, the values that were altered in it, and how
values are read back. What a column holds stands in the module of its table.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from simulator.layout import Ints
from simulator.texts import Bytes, Column, Parts, Rows, filled

AT_ONCE = 8_192
"""Rows that are text at one time: they stay in the processor's cache."""


@dataclass
class Table:
    """A table of `rows` (numbers of the simulation's own rows, in order of the file).

    `columns` give the text of any of those rows; `edits` hold values put in their
    place, by column and row; `broken` rows are to be written as malformed lines, with
    a field too many (True) or cut off.
    `prefix` and `digits` are those of the key, whose number is in `numbers` by row, or
    the row's own plus 1.
    """

    rows: Rows
    columns: dict[str, Column]
    prefix: str = ""
    digits: int = 0
    numbers: Ints | None = None
    edits: dict[str, dict[int, str]] = field(default_factory=dict)
    broken: dict[int, bool] = field(default_factory=dict)

    def __len__(self) -> int:
        if isinstance(self.rows, slice):
            return int(self.rows.stop - self.rows.start)
        return len(self.rows)

    def at(self, places: Rows) -> Rows:
        """The rows at places of the table, counted from 0."""
        if isinstance(self.rows, slice):
            if isinstance(places, slice):
                start = int(self.rows.start)
                return slice(start + places.start, start + places.stop)
            return np.asarray(places + self.rows.start, dtype=np.int64)
        return np.asarray(self.rows[places], dtype=np.int64)

    def keys(self) -> Ints:
        """The keys' numbers, in order of the file."""
        if self.numbers is not None:
            return self.numbers[self.rows]
        everything = self.at(np.arange(len(self)))
        return np.asarray(everything, dtype=np.int64) + 1

    def texts(self, column: str, places: Ints) -> list[str]:
        """Values at some places, a few at most."""
        rows = np.asarray(self.at(places))
        parts = self.columns[column](rows)
        pieces = [
            [texts[0]] * len(rows) if which is None else texts[which].tolist()
            for texts, which in parts
        ]
        altered = self.edits.get(column, {})
        values = [b"".join(each).decode() for each in zip(*pieces, strict=True)]
        return [
            altered.get(row, value)
            for row, value in zip(rows.tolist(), values, strict=True)
        ]

    def whole(self, column: str) -> Bytes:
        """Every value, as wide as the widest; see simulator.texts.filled."""
        blocks = [
            filled(self.columns[column](self.at(block)), block.stop - block.start)
            for block in self.blocks()
        ]
        found = np.concatenate(blocks) if blocks else np.array([], dtype="S1")
        places, values = self.altered(column)
        if len(places):
            width = max(found.dtype.itemsize, *(len(v) for v in values))
            found = found.astype(f"S{width}")
            found[places] = values
        return found

    def alter(self, column: str, places: Ints, values: Sequence[str]) -> None:
        """Put other values in a column."""
        rows = np.asarray(self.at(places)).tolist()
        self.edits.setdefault(column, {}).update(zip(rows, values, strict=True))

    def altered(self, column: str) -> tuple[Ints, list[bytes]]:
        """Ascending places of altered values that are shown, and the values."""
        edits = self.edits.get(column, {})
        rows = np.array(list(edits), dtype=np.int64)
        places, shown = self.places_of(rows)
        values = [value.encode() for value in edits.values()]
        kept = [values[n] for n in np.flatnonzero(shown).tolist()]
        order = np.argsort(places)
        return places[order], [kept[n] for n in order.tolist()]

    def places_of(self, rows: Ints) -> tuple[Ints, Ints]:
        """The places of those rows that the table shows, and which of them it shows."""
        if isinstance(self.rows, slice):
            shown = (rows >= self.rows.start) & (rows < self.rows.stop)
            return rows[shown] - self.rows.start, shown
        if not len(self.rows):
            return rows[:0], np.zeros(len(rows), dtype=np.bool_)
        if (self.rows[1:] > self.rows[:-1]).all():
            found = np.searchsorted(self.rows, rows)
        else:
            order = np.argsort(self.rows, kind="stable")
            found = np.searchsorted(self.rows, rows, sorter=order)
            found = order[np.minimum(found, len(order) - 1)]
        found = np.minimum(found, len(self.rows) - 1)
        shown = self.rows[found] == rows
        return found[shown], shown

    def blocks(self, rows: int = AT_ONCE) -> list[slice]:
        """The places of the table, some rows at a time."""
        return [
            slice(start, min(start + rows, len(self)))
            for start in range(0, len(self), rows)
        ]

    def parts(self, column: str, block: slice) -> Parts:
        """A column at some places, without what was altered."""
        return self.columns[column](self.at(block))
