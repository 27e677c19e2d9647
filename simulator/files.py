"""Tables to CSV files, and nothing else.

Belongs here: commas and line ends. Rows are laid out at full width, NUL where a value
is shorter, and lose the NULs as they are written: no row is ever an object of Python.
What needs quotes brings them along. A broken line is written broken on purpose.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simulator.layout import Booleans, Ints
from simulator.tables import AT_ONCE, Table
from simulator.texts import fill

_Altered = list[tuple[Ints, list[bytes]]]


def write(
    path: Path, table: Table, columns: Sequence[str], rows_at_once: int = AT_ONCE
) -> None:
    """Write one table as UTF-8, comma-separated, LF; the same table, the same bytes.

    Broken rows get a wrong number of fields: two too few (a line cut off) or one too
    many. `rows_at_once` decides the memory taken and not the bytes.
    """
    altered = [table.altered(column) for column in columns]
    broken, shown = table.places_of(np.array(list(table.broken), dtype=np.int64))
    too_long = np.array(list(table.broken.values()), dtype=np.bool_)[shown]
    with path.open("wb") as file:
        file.write((",".join(columns) + "\n").encode())
        for block in table.blocks(rows_at_once):
            text = _text(table, columns, altered, block)
            here = (broken >= block.start) & (broken < block.stop)
            if here.any():
                text = _broken(text, broken[here] - block.start, too_long[here])
            file.write(text)


def _text(
    table: Table, columns: Sequence[str], altered: _Altered, block: slice
) -> bytes:
    found = [table.parts(column, block) for column in columns]
    added = [_within(places, values, block) for places, values in altered]
    width = sum(
        sum(part.texts.dtype.itemsize for part in parts) + 1 + values.shape[1]
        for parts, (_, values) in zip(found, added, strict=True)
    )
    out = np.zeros((block.stop - block.start, width), dtype=np.uint8)
    place = 0
    for parts, (places, values), end in zip(found, added, _ends(columns), strict=True):
        first = place
        for part in parts:
            fill(out, place, part)
            place += part.texts.dtype.itemsize
        out[places, first:place] = 0
        out[places, place : place + values.shape[1]] = values
        place += values.shape[1]
        out[:, place] = end
        place += 1
    return out.tobytes().translate(None, b"\0")


def _broken(text: bytes, places: Ints, too_long: Booleans) -> bytes:
    lines = text.split(b"\n")
    for place, longer in zip(places.tolist(), too_long.tolist(), strict=True):
        line = lines[place]
        lines[place] = line + b",?" if longer else line.rsplit(b",", 2)[0]
    return b"\n".join(lines)


def _ends(columns: Sequence[str]) -> Iterator[int]:
    yield from b"," * (len(columns) - 1) + b"\n"


def _within(
    places: Ints, values: list[bytes], block: slice
) -> tuple[Ints, NDArray[np.uint8]]:
    """Places within the block of what was altered there, and the bytes."""
    first, last = np.searchsorted(places, (block.start, block.stop)).tolist()
    if first == last:
        return places[:0], np.zeros((0, 0), dtype=np.uint8)
    text = np.array(values[first:last], dtype=np.bytes_)
    return places[first:last] - block.start, text.view(np.uint8).reshape(len(text), -1)
