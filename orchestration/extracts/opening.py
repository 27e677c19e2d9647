"""A file's bytes, hashed on the way: plain or gzip, from the first byte to the last.

Also where something that is no file, or unpacks to no end, is refused. Knows nothing of
records; readers of delimited text and of Excel stand on it.
"""

import gzip
import hashlib
import io
import os
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from orchestration.extracts.errors import ExtractRefusedError, printable

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

# Measured: larger blocks leave the processor's cache, and COPY slows by a twentieth.
BLOCK_BYTES = 1 << 18
# A table of the same few words packs to a fiftieth. Beyond this it is a bomb; a gzip
# file can hold a thousand times its size.
MOST_TIMES_UNPACKED = 200
UNPACKED_UNASKED = 1 << 26  # 64 MiB may unpack from anything
_NONBLOCK = getattr(os, "O_NONBLOCK", 0)  # Windows has neither this nor the need


@dataclass
class OpenedFile:
    """An extract while it is read; the facts are whole once its `with` block ended."""

    path: Path
    content: BinaryIO
    """The decompressed bytes."""
    size_bytes: int = 0
    modified_ns: int = 0
    content_sha256: str = ""
    """SHA-256 of the file as it lies on the disk."""
    is_ended: bool = True
    """Whether its last line has a line end; if not, it may have been cut off."""


@contextmanager
def opened(path: Path) -> Iterator[OpenedFile]:
    """Open an extract; its hash covers the whole file, however little was read.

    Raises:
        ExtractRefusedError: it cannot be read, is no whole gzip file though its name
            says so, or changed while it was read.
    """
    name = printable(path.name)
    try:
        # Without waiting: a pipe that took the file's place would never answer.
        with io.FileIO(os.open(path, os.O_RDONLY | _NONBLOCK)) as disk:
            before = os.fstat(disk.fileno())
            if not stat.S_ISREG(before.st_mode):
                raise ExtractRefusedError(
                    f"{name}: expected a file, found something else."
                )
            hashing = _Hashing(disk)
            last: _Watched = hashing
            outer: BinaryIO = io.BufferedReader(hashing, BLOCK_BYTES)
            inner = outer
            if path.suffix.lower() == ".gz":
                last = _Unpacking(outer, hashing, name)
                inner = io.BufferedReader(last, BLOCK_BYTES)
            file = OpenedFile(path, inner, before.st_size, before.st_mtime_ns)
            yield file
            while outer.read(BLOCK_BYTES):
                pass
            after = os.fstat(disk.fileno())
            file.content_sha256 = hashing.digest.hexdigest()
            file.is_ended = last.last_byte in b"\r\n"
    except (EOFError, gzip.BadGzipFile, zlib.error) as broken:
        raise ExtractRefusedError(
            f"{name}: expected a whole gzip file, found one that cannot be "
            f"unpacked ({broken})."
        ) from broken
    except OSError as failed:
        raise ExtractRefusedError(
            f"{name}: expected a readable file, but reading it failed "
            f"({failed.strerror or failed})."
        ) from failed
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise ExtractRefusedError(
            f"{name}: expected a finished file, but it changed while it was read."
        )


class _Watched(io.RawIOBase):
    """Passes bytes through, counts them and remembers the last."""

    def __init__(self) -> None:
        self.count = 0
        self.last_byte = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        read = memoryview(buffer)[: self.fill(buffer)]
        if read:
            self.count += len(read)
            self.last_byte = bytes(read[-1:])
        return len(read)

    def fill(self, buffer: "WriteableBuffer") -> int:
        raise NotImplementedError


class _Hashing(_Watched):
    """The bytes of a file on the disk, hashed."""

    def __init__(self, disk: io.FileIO) -> None:
        super().__init__()
        self.digest = hashlib.sha256()
        self._disk = disk

    def fill(self, buffer: "WriteableBuffer") -> int:
        count = self._disk.readinto(buffer) or 0
        self.digest.update(memoryview(buffer)[:count])
        return count


class _Unpacking(_Watched):
    """What is in a gzip file, unless it is out of all proportion to the file."""

    def __init__(self, packed: BinaryIO, disk: _Hashing, name: str) -> None:
        super().__init__()
        self._unpacked = gzip.GzipFile(fileobj=packed)
        self._disk = disk
        self._name = name

    def fill(self, buffer: "WriteableBuffer") -> int:
        allowed = max(UNPACKED_UNASKED, MOST_TIMES_UNPACKED * self._disk.count)
        if self.count > allowed:
            raise ExtractRefusedError(
                f"{self._name}: expected an extract, found a gzip file that unpacks to "
                f"more than {MOST_TIMES_UNPACKED} times its size."
            )
        return self._unpacked.readinto(buffer)
