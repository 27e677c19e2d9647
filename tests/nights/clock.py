"""A clock that runs as a test says, for every process that is started with it.

libfaketime adds what stands in a file to the time of day. Time that has passed
(monotonic) stays real, so that nobody waits longer or shorter than he means to.
"""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

LIBRARY = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
"""Debian's libfaketime; None where it is not installed."""
_CACHED_SECONDS = 1
_CLOCKWORK = Path(__file__).with_name("clockwork")


class Clock:
    """The time of day of a hospital."""

    def __init__(self, folder: Path, start: datetime) -> None:
        self._file = folder / "clock"
        self._ahead = start - datetime.now(UTC)
        self._write()

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs to go by this clock, PostgreSQL's too."""
        return {
            "LD_PRELOAD": str(LIBRARY),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            # it would read the file whenever somebody asks for the time
            "FAKETIME_CACHE_DURATION": str(_CACHED_SECONDS),
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            # it would take the end of a wait by monotonic time for one of the day's, so
            # that threads that wait for Python's lock are kept busy by it
            "FAKETIME_FORCE_MONOTONIC_FIX": "0",
            "PYTHONPATH": str(_CLOCKWORK),
        }

    def now(self) -> datetime:
        """What it shows."""
        return datetime.now(UTC) + self._ahead

    def go_to(self, moment: datetime) -> None:
        """Jump ahead to a moment, unless it has passed."""
        self.go_on(max(moment - self.now(), timedelta()))

    def go_on(self, by: timedelta) -> None:
        """Jump ahead."""
        self._ahead += by
        self._write()
        time.sleep(_CACHED_SECONDS)

    def _write(self) -> None:
        new = self._file.with_suffix(".new")
        new.write_text(f"{self._ahead.total_seconds():+.0f}\n")
        new.chmod(0o644)  # the server runs as another user
        new.replace(self._file)
