"""Text columns to CSV files, and nothing else.

Belongs here: commas, quotes and line ends. A broken line is written broken on purpose.
"""

from collections.abc import Collection, Sequence
from pathlib import Path

from simulator.layout import Table


def write(
    path: Path, table: Table, columns: Sequence[str], broken: Collection[int]
) -> None:
    """Write one table as UTF-8, comma-separated, LF; the same table, the same bytes.

    `broken` are the rows that get a wrong number of fields: by turns two too few (a
    line cut off) and one too many.
    """
    written = [_quoted(table[column].tolist()) for column in columns]
    lines = list(map(",".join, zip(*written, strict=True)))
    for turn, row in enumerate(sorted(broken)):
        line = lines[row]
        lines[row] = line + ",?" if turn % 2 else line.rsplit(",", 2)[0]
    text = "\n".join([",".join(columns), *lines, ""])
    path.write_bytes(text.encode())


def _quoted(values: list[str]) -> list[str]:
    """RFC 4180 quotes where a value needs them."""
    everything = "".join(values)
    if not any(mark in everything for mark in ',"\n\r'):
        return values
    return [
        '"' + value.replace('"', '""') + '"'
        if any(mark in value for mark in ',"\n\r')
        else value
        for value in values
    ]
