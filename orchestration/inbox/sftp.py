"""A drop folder on an SFTP server: listed and read, and its faults in words.

Nothing here can write. Who is connected to, and how, stands in ssh.py.
"""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any

import paramiko

from orchestration.inbox import ssh
from orchestration.inbox.address import Address
from orchestration.inbox.listing import Entry
from orchestration.inbox.storage import BLOCK_BYTES, StorageError, VanishedError
from orchestration.settings import Settings

_READ_AHEAD = 64  # requests of 32 KiB each


class SftpStorage:
    """A folder of an SFTP server, by one connection that is made anew when it broke."""

    def __init__(self, address: Address, settings: Settings) -> None:
        self.shown = address.shown()
        self._address = address
        self._known_hosts = ssh.known_hosts(settings)
        self._login = ssh.login(address, settings)
        self._files: Any = None
        self._root = ""

    def entries(self, path: str) -> list[Entry]:
        """All that is in one folder; nothing if the folder is not there."""
        try:
            with self._told(path) as files:
                parent = self._path(path)
                found = files.ls(parent, detail=True)
                return [self._entry(files, parent, it) for it in found]
        except VanishedError:
            if not path:
                raise
            return []

    def blocks(self, path: str, size_bytes: int) -> Iterator[bytes]:
        """A file's bytes, block by block."""
        with (
            self._told(path) as files,
            files.open(self._path(path), "rb", block_size=BLOCK_BYTES) as stream,
        ):
            # One request at a time would wait for the line and not for the disk.
            stream.prefetch(size_bytes, _READ_AHEAD)
            while block := stream.read(BLOCK_BYTES):
                yield block

    def close(self) -> None:
        """End the connection."""
        if self._files is not None:
            with suppress(Exception):  # it may be broken already
                self._files.client.close()
            self._files = None

    def _path(self, path: str) -> str:
        return self._address.join(path).rstrip("/") or "/"

    def _entry(self, files: Any, parent: str, found: dict[str, Any]) -> Entry:
        name = found["name"].removeprefix(f"{parent.rstrip('/')}/")
        if found["type"] == "link":
            try:
                target = files.ftp.normalize(found["name"])
                if not f"{target}/".startswith(f"{self._root.rstrip('/')}/"):
                    return Entry(name, "outside")
                found = files.info(target)
            except OSError:  # it leads nowhere, or in a circle
                return Entry(name, "other")
        if found["type"] == "directory":
            return Entry(name, "folder")
        if found["type"] != "file":
            return Entry(name, "other")
        modified: datetime = found["mtime"]
        return Entry(name, "file", found["size"], int(modified.timestamp()) * 10**9)

    @contextmanager
    def _told(self, path: str) -> Iterator[Any]:
        """The connection; what goes wrong with it becomes a sentence."""
        try:
            if self._files is None:
                self._files = ssh.SshFileSystem(
                    self._address.host, self._known_hosts, **self._login
                )
                self._root = self._files.ftp.normalize(self._path(""))
            yield self._files
        except Exception as fault:
            told = self._error(fault, self._address.shown(*filter(None, [path])))
            if told.is_passing:
                self.close()
            raise told from None

    def _error(self, fault: Exception, place: str) -> StorageError:
        server, user = self._address.host, self._login["username"]
        match fault:
            case ssh.UnknownHostError():
                said = (
                    f"{server} shows the host key {fault}, and {self._known_hosts} has "
                    "none of it; if its administrator confirms the key, add it there "
                    "(ssh-keyscan), or name another file with "
                    "WARDLINE_EXTRACTS_KNOWN_HOSTS."
                )
            case paramiko.BadHostKeyException():
                said = (
                    f"{server} shows another host key than {self._known_hosts} has of "
                    "it: it was set up anew, or something stands in between; ask its "
                    "administrator before you change the file."
                )
            case paramiko.AuthenticationException():
                said = (
                    f"{server} refuses the login {user!r}; see "
                    "WARDLINE_EXTRACTS_PASSWORD or WARDLINE_EXTRACTS_PRIVATE_KEY."
                )
            case FileNotFoundError() if fault.filename == str(self._known_hosts):
                said = (
                    f"{self._known_hosts} is not there, so no host key of {server} is "
                    "known; name the file with WARDLINE_EXTRACTS_KNOWN_HOSTS."
                )
            case FileNotFoundError():
                return VanishedError(f"{place} is not there.")
            case PermissionError():
                said = (
                    f"{place} may not be read by {user!r}; let its administrator "
                    "permit it."
                )
            case UnicodeDecodeError():
                said = f"{place} holds a name that is not UTF-8."
            case _:
                return _unreached(fault, place)
        return StorageError(said)


def _unreached(fault: Exception, place: str) -> StorageError:
    """What may work in a moment: the server, or the line to it."""
    if isinstance(fault, TimeoutError):
        reason = "it did not answer in time"
    elif isinstance(fault, paramiko.ssh_exception.NoValidConnectionsError):
        reasons = [getattr(it, "strerror", None) for it in fault.errors.values()]
        reason = next(filter(None, reasons), "no connection")
    elif isinstance(fault, socket.gaierror):
        reason = "no host of that name is known"
    else:
        reason = getattr(fault, "strerror", None) or type(fault).__name__
    return StorageError(
        f"{place} cannot be reached ({reason.lower()}); see that the server runs, and "
        "refresh again.",
        is_passing=isinstance(fault, OSError | EOFError | paramiko.SSHException),
    )
