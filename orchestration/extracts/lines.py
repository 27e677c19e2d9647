"""Where a row stands in its file: its line, kept as a few offsets instead of a column.

Only remembering; who reads a file notes where its rows begin.
"""

from array import array
from collections.abc import Sequence
from typing import overload


class LineOffsets(Sequence[tuple[int, int]]):
    """Where rows stand in their file: (row number, line - row number), at each change.

    Sixteen bytes a change, because a file may have a text of several lines in each row.
    """

    def __init__(self) -> None:
        self._numbers = array("q")

    def note(self, row_number: int, line_number: int) -> None:
        """Say that a row begins at a line; rows come in their order."""
        offset = line_number - row_number
        if not self._numbers or self._numbers[-1] != offset:
            self._numbers.extend((row_number, offset))

    def __len__(self) -> int:
        return len(self._numbers) // 2

    @overload
    def __getitem__(self, place: int) -> tuple[int, int]: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[tuple[int, int]]: ...
    def __getitem__(
        self, place: int | slice
    ) -> tuple[int, int] | Sequence[tuple[int, int]]:
        if isinstance(place, slice):
            return [self[it] for it in range(*place.indices(len(self)))]
        if not -len(self) <= place < len(self):
            raise IndexError(place)
        at = 2 * (place % len(self))
        return self._numbers[at], self._numbers[at + 1]
