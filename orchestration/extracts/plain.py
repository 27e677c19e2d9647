"""The quick way through a delimited file: its bytes as they are, for COPY to read.

Belongs here: the cheap scan that decides whether COPY will read a block exactly as
careful.py would. When in doubt it says no; it never mends anything.
"""

from collections.abc import Iterator
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from orchestration.extracts.opening import BLOCK_BYTES

LONGEST_RECORD = 1 << 20
"""Bytes. No field of a HIS is longer than a mebibyte; a lost quote or line end is."""
_LF, _CR, _QUOTE = b'\n\r"'


class NotPlainError(Exception):
    """Something in the file asks for the careful way."""


def blocks_of_lines(content: BinaryIO) -> Iterator[bytes]:
    """Yield what is left of a file in whole lines, a quarter of a mebibyte at a time.

    Only a line longer than LONGEST_RECORD may be cut, and then comes last in its block.
    """
    while block := content.read(BLOCK_BYTES):
        if block[-1] != _LF:
            block += content.readline(LONGEST_RECORD)
        yield block


def plain_blocks(content: BinaryIO, delimiter: bytes, header: bytes) -> Iterator[bytes]:
    """Yield the blocks of a file as long as they are plain.

    Raises:
        NotPlainError: a block is not plain, or may hold the header once more.
    """
    for block in blocks_of_lines(content):
        if header in block or not is_plain(block, delimiter):
            raise NotPlainError
        yield block


def is_plain(block: bytes, delimiter: bytes) -> bool:
    r"""Whether COPY either reads these lines as careful.py would, or fails on them.

    Plain is a block without NUL bytes, without `\.` (which ends a COPY before
    PostgreSQL 18), without a carriage return inside a line, without overlong lines, and
    with quotes only around whole fields, none of which spans lines. COPY itself finds
    wrong field counts, blank lines, mixed line ends and bad encodings.
    """
    last_line = len(block) - 1 - block.rfind(b"\n", 0, -1)
    return (
        last_line <= LONGEST_RECORD
        and b"\0" not in block
        # One byte is looked for a hundred times faster than two.
        and (b"\\" not in block or b"\\." not in block)
        and (b"\r" not in block or block.count(b"\r") == block.count(b"\r\n"))
        and (b'"' not in block or _is_plainly_quoted(block, delimiter))
    )


def has_width(block: bytes, delimiter: bytes, width: int) -> bool:
    """Whether every line of a plain block has this many fields."""
    text = np.frombuffer(block if block[-1] == _LF else block + b"\n", np.uint8)
    quotes, line_ends = _places(text, b'"'), _places(text, b"\n")
    delimiters = _places(text, delimiter)
    outside = delimiters[np.searchsorted(quotes, delimiters) % 2 == 0]
    per_line = np.diff(np.searchsorted(outside, line_ends), prepend=0)
    return bool((per_line == width - 1).all())


def _is_plainly_quoted(block: bytes, delimiter: bytes) -> bool:
    """Whether every quote opens or closes a field, doubled inside, within its line."""
    text = np.frombuffer(b"\n" + block + b"\n", np.uint8)
    quotes = _places(text, b'"')
    if len(quotes) % 2:
        return False
    # A doubled quote closes and opens at once; that it does so inside a field, and
    # not at its start, follows from the quote before it.
    before, after = text[quotes[::2] - 1], text[quotes[1::2] + 1]
    opens = np.isin(before, (delimiter[0], _LF, _QUOTE))
    closes = np.isin(after, (delimiter[0], _LF, _CR, _QUOTE))
    inside = np.searchsorted(quotes, _places(text, b"\n")) % 2
    return bool(opens.all() and closes.all() and not inside.any())


def _places(text: NDArray[np.uint8], byte: bytes) -> NDArray[Any]:
    return np.flatnonzero(text == byte[0])
