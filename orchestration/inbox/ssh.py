"""A connection to an SFTP server whose host key is known, as the settings' login.

Belongs here: SSH's keys and logins. What is asked over the connection, and what its
faults are in words, stands in sftp.py.
"""

import logging
from getpass import getuser
from pathlib import Path
from stat import S_ISREG
from typing import Any

import paramiko
from fsspec.implementations.sftp import SFTPFileSystem

from orchestration.errors import UsageError
from orchestration.inbox.address import Address
from orchestration.inbox.storage import CONNECT_SECONDS, READ_SECONDS
from orchestration.passwords import read_secret
from orchestration.settings import Settings

_PORT = 22
# Faults become sentences; the library's log would add tracebacks on the screen.
logging.getLogger("paramiko").setLevel(logging.CRITICAL + 1)


class UnknownHostError(Exception):
    """No key of the server is known; holds the fingerprint of the one it shows."""


class _Refuse(paramiko.MissingHostKeyPolicy):  # type: ignore[misc]
    def missing_host_key(self, client: Any, hostname: str, key: Any) -> None:  # noqa: ARG002 (the library's)
        raise UnknownHostError(key.fingerprint)


class SshFileSystem(SFTPFileSystem):  # type: ignore[misc]
    """fsspec's, but for servers that are known only, and with limits of time."""

    cachable = False

    def __init__(self, host: str, known_hosts: Path, **login: Any) -> None:
        self._known_hosts = known_hosts
        super().__init__(host, **login)

    def _connect(self) -> None:
        self.client = paramiko.SSHClient()
        self.client.load_system_host_keys(str(self._known_hosts))
        self.client.set_missing_host_key_policy(_Refuse())
        self.client.connect(
            self.host,
            timeout=CONNECT_SECONDS,
            banner_timeout=CONNECT_SECONDS,
            auth_timeout=CONNECT_SECONDS,
            channel_timeout=CONNECT_SECONDS,
            allow_agent=False,
            look_for_keys=False,
            **self.ssh_kwargs,
        )
        self.ftp = self.client.open_sftp()
        self.ftp.get_channel().settimeout(READ_SECONDS)

    @staticmethod
    def _decode_stat(stat: Any, parent_path: str | None = None) -> dict[str, Any]:
        found: dict[str, Any] = SFTPFileSystem._decode_stat(stat, parent_path)
        if found["type"] == "file" and not S_ISREG(stat.st_mode):
            found["type"] = "other"
        return found


def known_hosts(settings: Settings) -> Path:
    """The file of the host keys that are trusted."""
    return settings.extracts_known_hosts or Path("~/.ssh/known_hosts").expanduser()


def login(address: Address, settings: Settings) -> dict[str, Any]:
    """How to log in, as paramiko takes it.

    Raises:
        UsageError: there is neither password nor key, or the key cannot be used.
    """
    password = read_secret(settings, "extracts_password")
    who = {"port": address.port or _PORT, "username": address.user or getuser()}
    file = settings.extracts_private_key
    if file is None and password is None:
        raise UsageError(
            f"{address.url} needs WARDLINE_EXTRACTS_PRIVATE_KEY or "
            "WARDLINE_EXTRACTS_PASSWORD to log in."
        )
    if file is None:
        return who | {"password": password}
    # Of a wrong passphrase and of a broken file the library says the same.
    reason = "it is no private key, or WARDLINE_EXTRACTS_PASSWORD does not open it"
    for kind in (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey):
        try:
            return who | {"pkey": kind.from_private_key_file(str(file), password)}
        except OSError as unreadable:
            reason = unreadable.strerror or reason
        except Exception:  # noqa: S112 (of another kind, or of none)
            continue
    raise UsageError(f"WARDLINE_EXTRACTS_PRIVATE_KEY: {file} cannot be used: {reason}.")
