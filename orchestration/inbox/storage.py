"""What a storage elsewhere can do, how long it is waited for, and connecting to one.

Belongs here: what all storages share. SFTP's and S3's own ways and words stand in
sftp.py and s3.py, whose libraries are optional.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Protocol, TypeVar

from orchestration.errors import WardlineError
from orchestration.inbox.address import S3, SFTP, parse
from orchestration.inbox.listing import Listed
from orchestration.progress import say
from orchestration.settings import Settings

CONNECT_SECONDS, READ_SECONDS = 10, 60
BLOCK_BYTES = 1 << 20
# A server that restarts, or a line that breaks for a moment, is not worth a night.
PAUSES_SECONDS = (1, 5)
_T = TypeVar("_T")


class StorageError(WardlineError):
    """A storage cannot be reached, or does not give what is asked of it.

    `is_passing` says that it may work in a moment.
    """

    def __init__(self, sentence: str, is_passing: bool = False) -> None:
        super().__init__(sentence)
        self.is_passing = is_passing


class VanishedError(StorageError):
    """A file or a folder is not there, though it was listed or named."""


class ChangedError(StorageError):
    """A file or a folder is not any more as it was listed."""


class Storage(Listed, Protocol):
    """A drop folder elsewhere; nothing in it is ever changed."""

    def blocks(self, path: str, size_bytes: int) -> Iterator[bytes]:
        """A file's bytes, block by block; the listing has told how many there are.

        Raises:
            VanishedError: it is not there any more.
            ChangedError: it is another by now.
            StorageError: it cannot be read; says why.
        """
        ...

    def close(self) -> None:
        """Let go of what is open."""
        ...


@contextmanager
def connected(settings: Settings) -> Iterator[Storage]:
    """The storage of the settings' drop folder; it is reached when it is first asked.

    Raises:
        UsageError: its settings are incomplete.
        WardlineError: the library for it is not installed.
    """
    address = parse(settings.remote_extracts or "")
    storage: Storage
    if address.scheme == S3:
        _require("s3fs", S3)
        from orchestration.inbox.s3 import S3Storage

        storage = S3Storage(address, settings)
    else:
        _require("paramiko", SFTP)
        from orchestration.inbox.sftp import SftpStorage

        storage = SftpStorage(address, settings)
    try:
        yield storage
    finally:
        storage.close()


def _require(package: str, scheme: str) -> None:
    if find_spec(package) is None:
        raise WardlineError(
            f"WARDLINE_EXTRACTS begins with {scheme}://, which needs the package "
            f"{package}; install it: .venv/bin/python -m pip install --editable "
            f"'.[{scheme}]'"
        )


def patiently(action: Callable[[], _T]) -> _T:
    """Do something with a storage, again after a pause where it may work in a moment.

    Raises:
        StorageError: it failed for good, or once too often.
    """
    for pause in PAUSES_SECONDS:
        try:
            return action()
        except StorageError as failed:
            if not failed.is_passing:
                raise
            say(f"Waiting {pause} seconds: {failed}")
            time.sleep(pause)
    return action()
