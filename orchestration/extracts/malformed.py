"""The records of a file that were set aside, until their batch is decided on.

Kept on disk when they are many. Why a record does not fit is said in careful.py and
excel.py.
"""

import json
import tempfile
from collections.abc import Iterator
from typing import IO, NamedTuple

from orchestration.extracts.errors import ExtractRefusedError
from orchestration.extracts.opening import BLOCK_BYTES

LONGEST_TEXT = 2_000
"""Characters kept of a record that is set aside."""
MOST_MALFORMED = 100_000
"""Records that may be set aside before the sound ones have to outnumber them.

A file of nothing but misfits takes many times its size to keep, and is no extract.
"""


class Malformed(NamedTuple):
    """A record that was set aside: which, where, why, and its text."""

    row_number: int
    line_number: int
    """In the file; in a workbook, the row of the sheet."""
    reason: str
    text: str


class MalformedRows:
    """The records set aside, in the order of the file."""

    def __init__(self) -> None:
        self.count = 0
        self._last_reason = ""
        # Closed by the garbage collector at the latest, like any temporary file.
        self._spool: IO[bytes] = tempfile.SpooledTemporaryFile(BLOCK_BYTES)  # noqa: SIM115

    def add(self, row: Malformed) -> None:
        """Set one more aside."""
        self.count += 1
        self._last_reason = row.reason
        self._spool.write(json.dumps(row).encode() + b"\n")

    def refuse_if_most(self, records: int, subject: str, file_name: str) -> None:
        """Give a file up of whose first `records` most had to be set aside.

        Raises:
            ExtractRefusedError: they are many, and more than the sound ones.
        """
        if MOST_MALFORMED < self.count > records / 2:
            raise ExtractRefusedError(
                f"{file_name}: expected records with the columns of {subject}, but "
                f"{self.count:,} of the first {records:,} do not fit (the last: "
                f"{self._last_reason})."
            )

    def __iter__(self) -> Iterator[Malformed]:
        self._spool.seek(0)
        for line in self._spool:
            yield Malformed(*json.loads(line))
