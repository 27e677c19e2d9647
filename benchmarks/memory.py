"""How much memory processes hold at their peak while something is measured.

PostgreSQL's processes share its buffers, so of each only its own part is counted.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

_LOOK_SECONDS = 0.1


@dataclass
class Peaks:
    """The most memory ever seen, in bytes."""

    refresh: int = 0
    """Of the process that is measured."""
    started: int = 0
    """Of all processes that it started: dbt, and the one that asks the gates."""
    largest: int = 0
    """Of the one of these that held most."""
    backend: int = 0
    """Of the one session of PostgreSQL that held most, without shared buffers."""
    backends: int = 0
    """Of all processes of PostgreSQL together, without shared buffers."""

    def look(self, process: psutil.Process, server: psutil.Process | None) -> None:
        """Take what is held at this moment into account."""
        self.refresh = max(self.refresh, process.memory_info().rss)
        started = [_own(it, shared=True) for it in process.children(recursive=True)]
        self.started = max(self.started, sum(started))
        self.largest = max(self.largest, *started, 0)
        if server:
            held = [_own(it) for it in server.children()]
            self.backend = max(self.backend, *held, 0)
            self.backends = max(self.backends, sum(held))


def most_held() -> int:
    """The most memory that this process ever held, in bytes.

    Not getrusage's: what it says of a new process counts its parent's too.
    """
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


@contextmanager
def watched(pid: int, home: Path) -> Iterator[Peaks]:
    """The peaks of a process, of what it starts, and of the home's server."""
    peaks, is_over = Peaks(), threading.Event()

    def watch() -> None:
        while not is_over.wait(_LOOK_SECONDS):
            # A process may end between two lines.
            with suppress(psutil.Error):
                peaks.look(psutil.Process(pid), _server(home))

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield peaks
    finally:
        is_over.set()
        thread.join()


def _server(home: Path) -> psutil.Process | None:
    try:
        number = (home / "postgres" / "postmaster.pid").read_text().split()[0]
        return psutil.Process(int(number))
    except (OSError, IndexError, psutil.Error):
        return None  # it is only being started


def _own(process: psutil.Process, *, shared: bool = False) -> int:
    try:
        held = process.memory_info()
    except psutil.Error:
        return 0
    return int(held.rss if shared else held.rss - held.shared)
