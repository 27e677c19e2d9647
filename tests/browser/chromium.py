"""The Chromium that tests, screenshots and benchmarks drive: Debian's."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

PROGRAM = shutil.which("chromium")


@contextmanager
def chromium() -> Iterator[Browser]:
    """A running Chromium.

    Raises:
        FileNotFoundError: there is none on this machine.
    """
    if PROGRAM is None:
        raise FileNotFoundError("There is no Chromium; apt-get install chromium.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=PROGRAM,
            # root has no sandbox, and a machine in a rack no graphics
            args=["--no-sandbox", "--disable-gpu"],
        )
        yield browser
        browser.close()
