"""What a person has before him: one page in a browser, and what he can do with it.

Only the means; what must be seen stands in the tests.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page

TABLES = """() => Object.fromEntries(
    [...document.querySelectorAll('[data-table-id]')].map((box) => [
        box.dataset.tableId.replace('table-', ''),
        [...box.querySelectorAll('tr')].map(
            (line) => [...line.children].map((cell) => cell.textContent)
        ),
    ])
)"""
# Every panel and chart is there, and of the view that the filters say.
DRAWN = """(search) => {
    const links = [...document.querySelectorAll('#page footer a[download]')];
    const filters = document.querySelector('#filters');
    return links.length > 0
        && links.every((it) => it.search === search)
        && filters.children.length
            === JSON.parse(filters.dataset.controls || '{}').length
        && [...document.querySelectorAll('#page .dash-graph')].every(
            (it) => it.querySelector('.main-svg')
        );
}"""
Table = list[dict[str, str]]


class Screen:
    """One page of a browser, and all that it complained of or reached for."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.complaints: list[str] = []
        self.requests: list[str] = []
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("websocket", lambda socket: self.requests.append(socket.url))

    @property
    def search(self) -> str:
        """The URL's part after the path."""
        query = urlsplit(self.page.url).query
        return f"?{query}" if query else ""

    @property
    def requests_elsewhere(self) -> list[str]:
        """What was asked of any other machine."""
        here = urlsplit(self.url).netloc
        return [
            it
            for it in self.requests
            if not it.startswith(("data:", "blob:")) and urlsplit(it).netloc != here
        ]

    def open(self, address: str, search: str = "") -> None:
        """Go to a page and wait until it is drawn.

        Args:
            address: with its filters, such as `/beds?from=2026-01-01`.
            search: of the view that has to come; empty: whatever does.
        """
        self.page.goto(self.url + address)
        if search:
            self.await_view(search)
        else:
            self.page.wait_for_selector("#page .panel")
            self.await_view(self.shown_search())

    def await_view(self, search: str) -> None:
        """Wait until all panels are those of a view."""
        self.page.wait_for_function(DRAWN, arg=search)

    def shown_search(self) -> str:
        """The view that the first panel shows, as a URL says it."""
        shown = self.page.eval_on_selector(
            "#page footer a[download]", "it => it.search"
        )
        return str(shown)

    def use(self, name: str, value: str) -> None:
        """Set a filter as a person would, and wait for what comes of it."""
        before = self.search
        control = self.page.locator(f"#filter-{name}")
        if name in ("from", "to"):
            control.fill(value)
        else:
            control.select_option(value)
        self.page.wait_for_function("it => location.search !== it", arg=before)
        self.await_view(self.search)

    def choices(self, name: str) -> list[str]:
        """What a filter offers, less that which lets all through."""
        options = self.page.locator(f"#filter-{name} option")
        values = options.evaluate_all("all => all.map((it) => it.value)")
        return [it for it in values if it]

    def filters(self) -> dict[str, str]:
        """What each filter is set to, by its name in the URL."""
        return dict(
            self.page.eval_on_selector_all(
                "#filters select, #filters input",
                "all => all.map((it) => [it.id.replace('filter-', ''), it.value])",
            )
        )

    def tables(self) -> dict[str, Table]:
        """Every panel's table as it reads, by the panel's key."""
        return {
            key: [dict(zip(lines[0], cells, strict=True)) for cells in lines[1:]]
            for key, lines in self.page.evaluate(TABLES).items()
        }

    def tiles(self) -> dict[str, str]:
        """Every figure of the front page as it reads."""
        return dict(
            self.page.eval_on_selector_all(
                ".tile .figure", "all => all.map((it) => [it.id, it.textContent])"
            )
        )

    def _hear(self, message: Any) -> None:
        if message.type == "error":
            self.complaints.append(message.text)


@contextmanager
def new_screen(browser: Browser, url: str, **options: Any) -> Iterator[Screen]:
    """A screen of somebody who was never here before."""
    context = browser.new_context(**options)
    page = context.new_page()
    page.set_default_timeout(20_000)
    yield Screen(page, url)
    context.close()
