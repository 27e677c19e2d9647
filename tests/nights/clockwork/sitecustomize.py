"""Loaded by each Python of the nights' hospital, beside libfaketime.

libfaketime 0.9.10 reckons the end of an absolute sleep by the wrong clock, and
time.sleep sleeps so. Waiting for nothing to be read is the same sleep another way.
"""

import select
import time


def _sleep(seconds: float) -> None:
    select.select([], [], [], seconds)


time.sleep = _sleep
