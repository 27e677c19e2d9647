"""The first line of a delimited file: byte order mark, encoding, names of the columns.

What comes after it is read by plain.py or careful.py.
"""

import csv
from typing import BinaryIO

from orchestration.extracts.contract import ENCODINGS, ExtractContract
from orchestration.extracts.errors import ExtractRefusedError
from orchestration.extracts.plain import LONGEST_RECORD

_UTF8_MARK = b"\xef\xbb\xbf"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def read_names(
    content: BinaryIO, contract: ExtractContract, file_name: str
) -> tuple[list[str], int]:
    """Read up to and including the header.

    Returns:
        The column names as they stand there, and how many lines were read.

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
        if lines == 1 and line.startswith(_UTF16_MARKS):
            raise refused("UTF-16")
        if lines == 1 and line.startswith(_UTF8_MARK):
            if contract.encoding != "utf-8":
                raise refused("the mark of UTF-8")
            line = line.removeprefix(_UTF8_MARK)
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
        text = line.decode(ENCODINGS[contract.encoding][0])
        rows = list(csv.reader([text], delimiter=contract.delimiter, strict=True))
    except UnicodeDecodeError:
        raise refused("bytes of another encoding") from None
    except csv.Error:
        raise refused("a header whose quotes do not balance") from None
    return rows[0], lines
