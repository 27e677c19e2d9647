"""An SFTP server that shows names and gives bytes that no honest server would."""

import os
import socket
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import paramiko

PASSWORD = "planted-sftp-password"


class RudeSftp:
    """What it shows, by folder: names with their bytes; None stands for a folder."""

    def __init__(self, folders: dict[str, dict[str, bytes | None]]) -> None:
        self.folders = folders
        self.breaks_off = 0
        """How many reads end with the connection."""
        self.vanished: set[str] = set()
        self.opened: list[str] = []
        self.port = 0
        self.host_key = paramiko.ECDSAKey.generate()

    @property
    def known_host(self) -> str:
        key = self.host_key
        return f"[127.0.0.1]:{self.port} {key.get_name()} {key.get_base64()}\n"

    @contextmanager
    def up(self, folder: Path) -> Iterator[dict[str, str]]:
        """Serve; gives the settings of whoever logs in."""
        with socket.create_server(("127.0.0.1", 0)) as listening:
            self.port = listening.getsockname()[1]
            threading.Thread(target=self._serve, args=[listening], daemon=True).start()
            known = folder / "known_hosts"
            known.write_text(self.known_host)
            yield {
                "extracts": f"sftp://his@127.0.0.1:{self.port}/drop",
                "extracts_known_hosts": str(known),
                "extracts_password": PASSWORD,
                "extracts_quiet_seconds": "0",
            }

    def _serve(self, listening: socket.socket) -> None:
        while True:
            try:
                client, _ = listening.accept()
            except OSError:
                return
            transport = paramiko.Transport(client)
            transport.add_server_key(self.host_key)
            transport.set_subsystem_handler(
                "sftp", paramiko.SFTPServer, _Files, rude=self, transport=transport
            )
            transport.start_server(server=_Door())


class _Door(paramiko.ServerInterface):
    def get_allowed_auths(self, username: str) -> str:  # noqa: ARG002
        return "password"

    def check_auth_password(self, username: str, password: str) -> int:
        is_known = (username, password) == ("his", PASSWORD)
        return paramiko.AUTH_SUCCESSFUL if is_known else paramiko.AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:  # noqa: ARG002
        return paramiko.OPEN_SUCCEEDED


class _Files(paramiko.SFTPServerInterface):
    def __init__(self, server: Any, *, rude: RudeSftp, transport: Any) -> None:
        super().__init__(server)
        self.rude, self.transport = rude, transport

    def canonicalize(self, path: str) -> str:
        return path

    def list_folder(self, path: str) -> Any:
        if path not in self.rude.folders:
            return paramiko.SFTP_NO_SUCH_FILE
        return [self._entry(*it) for it in self.rude.folders[path].items()]

    def _entry(self, name: str, content: bytes | None) -> paramiko.SFTPAttributes:
        entry = paramiko.SFTPAttributes()
        entry.filename = name
        entry.st_size = len(content or b"")
        entry.st_mode = stat.S_IFREG if content is not None else stat.S_IFDIR
        entry.st_mode |= 0o755
        entry.st_atime = entry.st_mtime = 1_700_000_000
        entry.st_uid = entry.st_gid = 0
        return entry

    def open(self, path: str, flags: int, attr: Any) -> Any:  # noqa: ARG002
        assert flags & (os.O_WRONLY | os.O_RDWR) == 0, "nothing is written"
        self.rude.opened.append(path)
        folder, _, name = path.rpartition("/")
        if path in self.rude.vanished:
            return paramiko.SFTP_NO_SUCH_FILE
        return _File(self, self.rude.folders[folder][name] or b"")


class _File(paramiko.SFTPHandle):
    def __init__(self, files: _Files, content: bytes) -> None:
        super().__init__()
        self.files, self.content = files, content

    def read(self, offset: int, length: int) -> Any:
        if self.files.rude.breaks_off:
            self.files.rude.breaks_off -= 1
            self.files.transport.close()
            return paramiko.SFTP_CONNECTION_LOST
        return self.content[offset : offset + length] or paramiko.SFTP_EOF
