"""The first line of a delimited file: byte order mark, encoding, names of the columns.

What comes after it is read by plain.py or careful.py.
"""

import csv
from dataclasses import dataclass
from typing import BinaryIO

from orchestration.extracts.contract import ExtractContract
from orchestration.extracts.errors import ExtractRefusedError
from orchestration.extracts.plain import LONGEST_RECORD

UTF8_MARK = b"\xef\xbb\xbf"
# How a file begins that is no text in the contract's encoding, and what it is then.
_BEGINNINGS = {
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
    b"\x1f\x8b": "a gzip file, which should be named .csv.gz",
    b"PK\x03\x04": "a zip file or an Excel workbook, which should be named .xlsx",
    b"PAR1": "a Parquet file, which should be named .parquet",
    b"\xd0\xcf\x11\xe0": "an old or a protected Excel workbook",
}


@dataclass(frozen=True)
class FirstLine:
    """The header as it stands in the file."""

    names: tuple[str, ...]
    line: bytes
    """Its bytes, without byte order mark and line end."""
    lines_read: int
    """Lines up to and including it; those before it are blank."""


def read_first_line(
    content: BinaryIO, contract: ExtractContract, file_name: str
) -> FirstLine:
    """Read up to and including the header.

    Raises:
        ExtractRefusedError: the file is empty, or its first line is no header.
    """

    def refused(found: str) -> ExtractRefusedError:
        return ExtractRefusedError(
            f"{file_name}: expected a header with the columns of {contract.subject} in "
            f"{contract.encoding}, found {found}."
        )

    lines = 0
    while line := content.readline(LONGEST_RECORD + 1):
        lines += 1
        for beginning, what in _BEGINNINGS.items():
            if lines == 1 and line.startswith(beginning):
                raise refused(what)
        if lines == 1 and line.startswith(UTF8_MARK):
            if contract.encoding != "utf-8":
                raise refused("the mark of UTF-8")
            line = line.removeprefix(UTF8_MARK)
        if line.strip():
            break
    else:
        raise refused("an empty file")
    if len(line) > LONGEST_RECORD or b"\0" in line:
        raise refused("something that is no text")
    line = line.removesuffix(b"\n").removesuffix(b"\r")
    if b"\r" in line:
        raise refused("lines that end in a bare carriage return")
    try:
        text = line.decode(contract.codec)
        rows = list(csv.reader([text], delimiter=contract.delimiter, strict=True))
    except UnicodeDecodeError:
        raise refused("bytes of another encoding") from None
    except csv.Error:
        raise refused("a first line whose quotes do not balance") from None
    return FirstLine(tuple(rows[0]), line, lines)
