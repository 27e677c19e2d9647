"""The careful way through a delimited file: record by record, the misfits set aside.

A filter, not a parser: sound records pass as the bytes they are, so that COPY reads
them exactly as it would have on the quick way (plain.py).
"""

import io
import re
from collections import deque
from collections.abc import Iterator
from typing import BinaryIO

from orchestration.extracts.contract import ExtractContract
from orchestration.extracts.delimited import UTF8_MARK, FirstLine
from orchestration.extracts.lines import LineOffsets
from orchestration.extracts.malformed import LONGEST_TEXT, Malformed, MalformedRows
from orchestration.extracts.plain import (
    LONGEST_RECORD,
    blocks_of_lines,
    has_width,
    is_plain,
)

MOST_LINES = 500
"""How many lines a quoted text may span before its quote counts as never closed."""


def careful_blocks(
    content: BinaryIO,
    contract: ExtractContract,
    header: FirstLine,
    malformed: MalformedRows,
    offsets: LineOffsets,
    file_name: str,
) -> Iterator[bytes]:
    """Yield the sound records of what is left of a file, each after its row number.

    A record is sound if its quotes balance, it has as many fields as the header and is
    not the header itself, and its bytes are of the encoding. If not, its first line
    alone is set aside and reading goes on with the next, so that a stray quote costs
    one record and not those below it. Blank lines are no records.

    Args:
        content: the file, after the header.
        contract: for its delimiter and encoding.
        header: of the file.
        malformed: where misfits go.
        offsets: where the rows' places in the file are noted.
        file_name: for the sentence of a refusal.

    Raises:
        ExtractRefusedError: most of the records are misfits, and they are many.
    """
    records = _Records(content, contract, header)
    delimiter = contract.delimiter.encode()
    row_number, line_number = 0, header.lines_read
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
        malformed.refuse_if_most(row_number, contract.subject, file_name)


def guarded(records: bytes) -> bytes:
    r"""Keep COPY before PostgreSQL 18 from ending at a line `\.` of a quoted text.

    The quotes close the text and open it again around the same two bytes.
    """
    if b"\\." not in records:
        return records
    return _END_OF_COPY.sub(rb'"\\."', records)


_END_OF_COPY = re.compile(rb"^\\\.(?=\r?$)", re.MULTILINE)


_BLANK = "a blank line"
AGAIN = "the header once more"


class _Records:
    """Splits lines into (how many lines, record without line end, its fault)."""

    def __init__(
        self, content: BinaryIO, contract: ExtractContract, header: FirstLine
    ) -> None:
        self.codec = contract.codec
        self._content = content
        self._delimiter = contract.delimiter.encode()
        self._header = header.line
        self._width = len(header.names)
        self._ahead: deque[bytes] = deque()
        comma = re.escape(self._delimiter)
        text = rb'(?:[^"]++|"")*+'  # what may stand between the quotes of a field
        field = rb'(?:"%b"|[^"\r\n%b]*+)' % (text, comma)
        self._whole = re.compile(rb"%b(?:%b%b)*+" % (field, comma, field))
        self._opening = re.compile(rb'(?:%b%b)*"%b' % (field, comma, text))
        # Of a line within a quoted text, so that none is looked at twice.
        self._closing = re.compile(rb'%b"(?:%b%b)*+' % (text, comma, field))
        self._going_on = re.compile(
            rb'%b(?:"%b(?:%b%b)*"%b)?' % (text, comma, field, comma, text)
        )
        self._quoted = re.compile(rb'"[^"]*+"')

    def sound_lines(self, block: bytes) -> list[bytes]:
        """The block's lines without their ends, if all are sound records by themselves.

        Empty if one may not be.
        """
        if (
            self._width == 1  # a blank line would pass for a record
            or self._header in block
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
        if block[-1:] == b"\n" and block[:1] in b" \r\n":
            ends = block.count(b"\n")
            if not block.replace(b"\r\n", b"\n").strip(b" \n"):
                yield ends, b"", _BLANK  # a gibibyte of them in seconds, not an hour
                return
        self._ahead.extend(io.BytesIO(block))
        while self._ahead:
            line = self._ahead.popleft()
            body = _without_end(line)
            if len(line) > LONGEST_RECORD:
                self._skip_line(line)
                yield 1, body, f"longer than {LONGEST_RECORD:,} bytes"
            elif not body.strip(b" "):
                yield 1, body, _BLANK
            elif body.removeprefix(UTF8_MARK) == self._header:
                yield 1, body, AGAIN
            elif b'"' in line:
                yield self._quoted_record(line)
            else:
                width = body.count(self._delimiter) + 1
                yield 1, body, self._fault(body, width)

    def _quoted_record(self, line: bytes) -> tuple[int, bytes, str | None]:
        """Read on until the quotes balance; if they never do, give back the lines."""
        lines, reason = [line], None
        ends, goes_on = self._whole, self._opening
        while not ends.fullmatch(_without_end(lines[-1])):
            if not goes_on.fullmatch(lines[-1]):
                reason = "a quote that neither opens nor closes a field"
                break
            if not self._read_to_next_quote(lines):
                reason = "a quote that is never closed"
                break
            ends, goes_on = self._closing, self._going_on
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
            fields = "1 field" if width == 1 else f"{width} fields"
            return f"{fields} instead of {self._width}"
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
