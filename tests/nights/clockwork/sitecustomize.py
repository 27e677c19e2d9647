"""Loaded by each Python of the nights' hospital, beside libfaketime.

libfaketime 0.9.10 reckons the end of an absolute sleep by the wrong clock, and
time.sleep sleeps so: waiting for nothing to be read is the same sleep another way. And
Dagster's daemon waits for the next minute by a clock that nobody moves: here it looks
at the time of day each second.
"""

import os
import select
import sys
import threading
import time

_wait = threading.Event.wait


def _sleep(seconds: float) -> None:
    select.select([], [], [], seconds)


def _wait_shortly(event: threading.Event, timeout: float | None = None) -> bool:
    if timeout and threading.current_thread().name.startswith("dagster-daemon"):
        timeout = min(timeout, 1)
    return _wait(event, timeout)


time.sleep = _sleep
threading.Event.wait = _wait_shortly

if "spawn_main" in " ".join(sys.orig_argv):
    # A run: what it starts is dbt, which knows no time of day, and would be slow.
    os.environ.pop("LD_PRELOAD", None)
