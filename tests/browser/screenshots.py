"""Pictures of every page of a simulated hospital, for docs/images.

`python -m tests.browser.screenshots [--home HOME]`: of a published home, or of two
branches that it simulates first. The same hospital gives the same pictures, but for the
moments of its runs.
"""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from orchestration.settings import REPOSITORY, Settings
from serving.dashboard.pages import PAGES
from simulator import simulate
from tests.browser.chromium import chromium
from tests.browser.screen import new_screen
from tests.browser.served import served
from tests.conftest import Home, remove_home

IMAGES = REPOSITORY / "docs" / "images"
WIDTH, HEIGHT, LONGEST = 1440, 900, 2140


def main(
    home: Annotated[Path | None, typer.Option(help="A home with marts.")] = None,
) -> None:
    """Take the pictures."""
    made = None if home else Home()
    try:
        if made:
            simulate(
                made.extracts, end=date(2026, 6, 30), days=180, beds=240, branches=2
            )
            made.refresh()
        take(Settings(home=home, _env_file=None) if home else made.settings)
    finally:
        if made:
            remove_home(made.path)


def take(settings: Settings) -> None:
    """One picture of each page as it opens, in light colours."""
    with served(settings) as url, chromium() as browser:
        for page in PAGES:
            with new_screen(
                browser,
                url,
                viewport={"width": WIDTH, "height": HEIGHT},
            ) as screen:
                screen.open(page.path)
                name = page.path.strip("/") or "today"
                height = screen.page.evaluate("document.documentElement.scrollHeight")
                screen.page.screenshot(
                    path=IMAGES / f"{name}.png",
                    full_page=True,
                    clip={
                        "x": 0,
                        "y": 0,
                        "width": WIDTH,
                        "height": min(height, LONGEST),
                    },
                )


if __name__ == "__main__":
    typer.run(main)
