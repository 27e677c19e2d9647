"""Pictures of Dagster's UI over a published home, for docs/images.

`python -m tests.browser.dagster_screenshots HOME`: the lineage, a mart, and what
starts refreshes.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2 as httpx
import typer

from orchestration.settings import REPOSITORY
from tests.browser.chromium import chromium

IMAGES = REPOSITORY / "docs" / "images"
PAGES = {
    "lineage": "asset-groups",
    "dagster-mart": "assets/marts/bed_occupancy_daily",
    "dagster-automation": "automation",
}
_PATIENCE_SECONDS = 180
_DRAWN_MS = 8_000  # the lineage of 200 assets is laid out in the browser


def main(home: Path) -> None:
    """Take the pictures."""
    with served(home.resolve()) as url, chromium() as browser:
        for name, place in PAGES.items():
            page = browser.new_page(viewport={"width": 1600, "height": 1000})
            page.goto(f"{url}/{place}")
            page.wait_for_timeout(_DRAWN_MS)
            page.screenshot(path=IMAGES / f"{name}.png")
            page.close()


@contextmanager
def served(home: Path) -> Iterator[str]:
    """`wardline ui` over a home; gives its URL."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "orchestration.cli", "ui", "--port", str(port)],
        cwd=REPOSITORY,
        env=os.environ | {"WARDLINE_HOME": str(home)},
        start_new_session=True,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not _answers(url):
            assert time.monotonic() < deadline, "Dagster's UI did not start"
            time.sleep(1)
        yield url
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(60)


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/server_info").status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


if __name__ == "__main__":
    typer.run(main)
