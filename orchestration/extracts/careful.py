"""The careful way through a delimited file: record by record, the misfits set aside.

A filter, not a parser: sound records pass as the bytes they are, so that COPY reads
them exactly as it would have on the quick way (plain.py).
"""

import io
import json
import re
import tempfile
from collections import deque
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from typing import IO, BinaryIO

from orchestration.extracts.contract import ENCODINGS
from orchestration.extracts.lines import LineOffsets
from orchestration.extracts.opening import BLOCK_BYTES
from orchestration.extracts.plain import (
    LONGEST_RECORD,
    blocks_of_lines,
    has_width,
    is_plain,
)

MOST_LINES = 500
"""How many lines a quoted text may span before its quote counts as never closed."""
LONGEST_TEXT = 2_000
"""Characters kept of a record that is set aside."""


@dataclass(frozen=True)
class Malformed:
    """A record that was set aside: which, where, why, and its text."""

    row_number: int
    line_number: int
    reason: str
    text: str


class MalformedRows:
    """The records set aside, kept on disk when there are many."""

    def __init__(self) -> None:
        self.count = 0
        # Closed by the garbage collector at the latest, like any temporary file.
        self._spool: IO[bytes] = tempfile.SpooledTemporaryFile(BLOCK_BYTES)  # noqa: SIM115

    def add(self, row: Malformed) -> None:
        """Set one more aside."""
        self.count += 1
        self._spool.write(json.dumps(astuple(row)).encode() + b"\n")

    def __iter__(self) -> Iterator[Malformed]:
        self._spool.seek(0)
        for line in self._spool:
            yield Malformed(*json.loads(line))


def careful_blocks(
    content: BinaryIO,
    delimiter: bytes,
    width: int,
    encoding: str,
    malformed: MalformedRows,
    lines_before: int,
    offsets: LineOffsets,
) -> Iterator[bytes]:
    """Yield the sound records of what is left of a file, each after its row number.

    A record is sound if its quotes balance, it has `width` fields, and its bytes are of
    the encoding. If not, its first line alone is set aside and reading goes on with the
    next, so that a stray quote costs one record and not those below it. Blank lines are
    no records.

    Args:
        content: the file, after the header.
        delimiter: one byte.
        width: the number of fields of the header.
        encoding: as the contract names it.
        malformed: where misfits go.
        lines_before: how many lines were read already.
        offsets: where the rows' places in the file are noted.
    """
    records = _Records(content, delimiter, width, ENCODINGS[encoding][0])
    row_number, line_number = 0, lines_before
    for block in blocks_of_lines(content):
        # Most blocks of most files are sound, and need not be looked at line by line.
        if sound := records.sound_lines(block):
            first = row_number + 1
            offsets.note(first, line_number + 1)
            row_number += len(sound)
            line_number += len(sound)
            numbered = enumerate(sound, first)
            yield b"".join([b"%d%b%b\n" % (n, delimiter, line) for n, line in numbered])
            continue
        passed = []
        for lines, record, reason in records.read(block):
            if reason is None:
                row_number += 1
                offsets.note(row_number, line_number + 1)
                passed.append(b"%d%b%b\n" % (row_number, delimiter, guarded(record)))
            elif reason is not _BLANK:
                row_number += 1
                offsets.note(row_number, line_number + 1)
                text = record.decode(records.codec, "backslashreplace")
                text = text[:LONGEST_TEXT].replace("\0", "\\x00")
                malformed.add(Malformed(row_number, line_number + 1, reason, text))
            line_number += lines
        yield b"".join(passed)


def guarded(records: bytes) -> bytes:
    r"""Keep COPY before PostgreSQL 18 from ending at a line `\.` of a quoted text.

    The quotes close the text and open it again around the same two bytes.
    """
    if b"\\." not in records:
        return records
    return _END_OF_COPY.sub(rb'"\\."', records)


_END_OF_COPY = re.compile(rb"^\\\.(?=\r?$)", re.MULTILINE)


_BLANK = "a blank line"


class _Records:
    """Splits lines into (how many lines, record without line end, its fault)."""

    def __init__(
        self, content: BinaryIO, delimiter: bytes, width: int, codec: str
    ) -> None:
        self.codec = codec
        self._content = content
        self._delimiter = delimiter
        self._width = width
        self._ahead: deque[bytes] = deque()
        comma = re.escape(delimiter)
        field = rb'(?:"(?:[^"]++|"")*+"|[^"\r\n%b]*+)' % comma
        self._whole = re.compile(rb"%b(?:%b%b)*+" % (field, comma, field))
        self._unclosed = re.compile(rb'(?:%b%b)*"(?:[^"]++|"")*+' % (field, comma))
        self._quoted = re.compile(rb'"[^"]*+"')

    def sound_lines(self, block: bytes) -> list[bytes]:
        """The block's lines without their ends, if all are sound records by themselves.

        Empty if one may not be.
        """
        if (
            self._width == 1  # a blank line would pass for a record
            or not is_plain(block, self._delimiter)
            or not has_width(block, self._delimiter, self._width)
        ):
            return []
        try:
            block.decode(self.codec)
        except UnicodeDecodeError:
            return []
        return block.replace(b"\r\n", b"\n").removesuffix(b"\n").split(b"\n")

    def read(self, block: bytes) -> Iterator[tuple[int, bytes, str | None]]:
        """Read the records that begin in a block; the last may end behind it."""
        self._ahead.extend(io.BytesIO(block))
        while self._ahead:
            line = self._ahead.popleft()
            body = _without_end(line)
            if not body.strip(b" "):
                yield 1, body, _BLANK
            elif len(line) > LONGEST_RECORD:
                self._skip_line(line)
                yield 1, body, f"longer than {LONGEST_RECORD:,} bytes"
            elif b'"' in line:
                yield self._quoted_record(line)
            else:
                width = body.count(self._delimiter) + 1
                yield 1, body, self._fault(body, width)

    def _quoted_record(self, line: bytes) -> tuple[int, bytes, str | None]:
        """Read on until the quotes balance; if they never do, give back the lines."""
        lines, reason = [line], None
        record = _without_end(line)
        while not self._whole.fullmatch(record):
            if not self._unclosed.fullmatch(record):
                reason = "a quote that neither opens nor closes a field"
                break
            if not self._read_to_next_quote(lines):
                reason = "a quote that is never closed"
                break
            record = _without_end(b"".join(lines))
        if reason is None:
            width = self._quoted.sub(b"", record).count(self._delimiter) + 1
            reason = self._fault(record, width)
            if len(lines) == 1 or width == self._width:
                return len(lines), record, reason
        self._ahead.extendleft(reversed(lines[1:]))
        return 1, _without_end(line), reason

    def _read_to_next_quote(self, lines: list[bytes]) -> bool:
        """Add lines up to the next that holds a quote; False if none is near enough."""
        size = sum(map(len, lines))
        while len(lines) < MOST_LINES and size <= LONGEST_RECORD:
            line = self._next_line()
            if not line:
                return False
            lines.append(line)
            size += len(line)
            if b'"' in line:
                return size <= LONGEST_RECORD
        return False

    def _fault(self, record: bytes, width: int) -> str | None:
        if width != self._width:
            return f"{width} fields instead of {self._width}"
        if b"\0" in record:
            return "a NUL byte"
        if b"\r" in record and b"\r" in self._quoted.sub(b"", record):
            return "a carriage return inside a field"
        try:
            record.decode(self.codec)
        except UnicodeDecodeError as error:
            wrong = record[error.start : error.start + 1].hex()
            return f"byte 0x{wrong} is not {self.codec}"
        return None

    def _next_line(self) -> bytes:
        if self._ahead:
            return self._ahead.popleft()
        return self._content.readline(LONGEST_RECORD + 1)

    def _skip_line(self, line: bytes) -> None:
        while line and line[-1:] != b"\n":
            line = self._next_line()


def _without_end(line: bytes) -> bytes:
    return line.removesuffix(b"\n").removesuffix(b"\r")
