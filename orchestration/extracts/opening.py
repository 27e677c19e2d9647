"""A file's bytes, hashed on the way: plain or gzip, from the first byte to the last.

Knows nothing of records; readers of delimited text and of Excel stand on it.
"""

import gzip
import hashlib
import io
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from orchestration.extracts.errors import ExtractRefusedError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

# Measured: larger blocks leave the processor's cache, and COPY slows by a twentieth.
BLOCK_BYTES = 1 << 18


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


@contextmanager
def opened(path: Path) -> Iterator[OpenedFile]:
    """Open an extract; its hash covers the whole file, however little was read.

    Raises:
        ExtractRefusedError: it cannot be read, is no whole gzip file though its name
            says so, or changed while it was read.
    """
    try:
        with path.open("rb", buffering=0) as disk:
            before = os.fstat(disk.fileno())
            hashing = _Hashing(disk)
            outer = io.BufferedReader(hashing, BLOCK_BYTES)
            inner: BinaryIO = outer
            if path.suffix.lower() == ".gz":
                inner = cast(BinaryIO, gzip.GzipFile(fileobj=outer))
            file = OpenedFile(path, inner, before.st_size, before.st_mtime_ns)
            yield file
            while outer.read(BLOCK_BYTES):
                pass
            after = os.fstat(disk.fileno())
            file.content_sha256 = hashing.digest.hexdigest()
    except (EOFError, gzip.BadGzipFile, zlib.error) as broken:
        raise ExtractRefusedError(
            f"{path.name}: expected a whole gzip file, found one that cannot be "
            f"unpacked ({broken})."
        ) from broken
    except OSError as failed:
        raise ExtractRefusedError(
            f"{path.name}: expected a readable file, but reading it failed "
            f"({failed.strerror or failed})."
        ) from failed
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise ExtractRefusedError(
            f"{path.name}: expected a finished file, but it changed while it was read."
        )


class _Hashing(io.RawIOBase):
    """Passes bytes through and hashes them."""

    def __init__(self, disk: io.FileIO) -> None:
        self.digest = hashlib.sha256()
        self._disk = disk

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        count = self._disk.readinto(buffer) or 0
        self.digest.update(memoryview(buffer)[:count])
        return count
