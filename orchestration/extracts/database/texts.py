"""Rows as the lines that PostgreSQL's COPY reads, and the rows that it could not.

Belongs here: what each reader of a database shares. A line is in COPY's text format,
tab between values, nothing for no value: an empty text and none are the same, as in
files.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence

from orchestration.extracts.malformed import LONGEST_TEXT, Malformed, MalformedRows
from orchestration.extracts.plain import LONGEST_RECORD

BATCH_BYTES = 1 << 18
_ESCAPES = ((b"\\", b"\\\\"), (b"\t", b"\\t"), (b"\n", b"\\n"), (b"\r", b"\\r"))


def line_of(values: Sequence[bytes | None]) -> bytes:
    """A row's line, without its end."""
    line = b"\t".join([b"" if value is None else value for value in values])
    if (
        line.count(b"\t") == len(values) - 1
        and b"\\" not in line
        and b"\n" not in line
        and b"\r" not in line
    ):
        return line
    return b"\t".join([escaped(value or b"") for value in values])


def escaped(value: bytes) -> bytes:
    """A value that may hold what COPY takes for more than itself."""
    for sign, escape in _ESCAPES:
        value = value.replace(sign, escape)
    return value


def batches_of(lines: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Lines in lists of about BATCH_BYTES, so that memory does not grow with them."""
    batch: list[bytes] = []
    size = 0
    for line in lines:
        batch.append(line)
        size += len(line)
        if size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


class Stream:
    """The rows of one table on their way: numbered, hashed and counted."""

    def __init__(self, subject: str, place: str, names: Sequence[str]) -> None:
        self.malformed = MalformedRows()
        self.size_bytes = 0
        self.rows_received = 0
        self._subject = subject
        self._place = place
        # The same values under other names are another content.
        self._digest = hashlib.sha256("\t".join(names).encode())

    @property
    def content_sha256(self) -> str:
        """Of the columns' names and of all rows, those set aside included."""
        return self._digest.hexdigest()

    def blocks(self, batches: Iterable[list[bytes]]) -> Iterator[bytes]:
        """Pass the sound rows on, each behind its number.

        Raises:
            ExtractRefusedError: most rows are no texts of PostgreSQL, and many.
        """
        for lines in batches:
            first = self.rows_received + 1
            self.rows_received += len(lines)
            block = b"\n".join(lines)
            self.size_bytes += len(block) + 1
            self._digest.update(b"\n" + block)
            numbered: Iterable[tuple[int, bytes]] = enumerate(lines, first)
            if not _is_sound(block) or max(map(len, lines)) > LONGEST_RECORD:
                numbered = self._sifted(numbered)
            yield b"".join([b"%d\t%b\n" % it for it in numbered])
            self.malformed.refuse_if_most(
                self.rows_received, self._subject, self._place
            )

    def _sifted(
        self, numbered: Iterable[tuple[int, bytes]]
    ) -> Iterator[tuple[int, bytes]]:
        for number, line in numbered:
            reason = _fault_of(line)
            if reason is None:
                yield number, line
            else:
                text = line.decode("utf-8", "backslashreplace")[:LONGEST_TEXT]
                text = text.replace("\0", "\\x00")
                self.malformed.add(Malformed(number, number, reason, text))


def _is_sound(block: bytes) -> bool:
    return b"\0" not in block and (block.isascii() or _wrong_byte(block) is None)


def _fault_of(line: bytes) -> str | None:
    if len(line) > LONGEST_RECORD:
        return f"longer than {LONGEST_RECORD:,} bytes"
    if b"\0" in line:
        return "a NUL byte"
    if wrong := _wrong_byte(line):
        return f"byte 0x{wrong} is not utf-8"
    return None


def _wrong_byte(text: bytes) -> str | None:
    try:
        text.decode()
    except UnicodeDecodeError as error:
        return text[error.start : error.start + 1].hex()
    return None
