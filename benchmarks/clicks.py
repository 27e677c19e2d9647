"""How long a viewer waits in Chromium: for a page's first paint, and after a filter."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter

from tests.browser.chromium import chromium
from tests.browser.screen import Screen, new_screen


@dataclass(frozen=True)
class Clicks:
    """Seconds until all panels and charts of a page are drawn."""

    paint: float
    """From its address, in a browser that was never here."""
    change: float | None
    """From a filter; None where there is none."""


def measure_clicks(url: str, paths: Sequence[str], repeats: int) -> dict[str, Clicks]:
    """The medians of each page.

    Args:
        url: of the server.
        paths: of the pages.
        repeats: browsers that open each page.
    """
    found = {}
    with chromium() as browser:
        for path in paths:
            paints, changes = [], []
            for _ in range(repeats):
                with new_screen(browser, url) as screen:
                    start = perf_counter()
                    screen.open(path)
                    paints.append(perf_counter() - start)
                    if screen.filters():
                        changes.append(_change(screen))
            found[path] = Clicks(median(paints), median(changes) if changes else None)
    return found


def _change(screen: Screen) -> float:
    name = "department" if "department" in screen.filters() else "branch"
    value = screen.choices(name)[0]
    start = perf_counter()
    screen.use(name, value)
    return perf_counter() - start
