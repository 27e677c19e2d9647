"""Filters and choices: figures follow them exactly, and the URL holds them."""

from collections.abc import Iterator
from datetime import date

import pytest
from playwright.sync_api import Browser

from serving.dashboard.pages import PAGES
from serving.dashboard.view import read_view
from tests.browser.asked import FIGURES, asked, seen
from tests.browser.screen import Screen, new_screen
from tests.conftest import Home

FILTERS = {page.path: page.filters for page in PAGES}
EMPTY = "Nothing to show for this period and selection."
NEVER = "?from=2031-01-01&to=2031-01-05"


@pytest.fixture(scope="module")
def screen(browser: Browser, url: str) -> Iterator[Screen]:
    """One screen for all, as a person goes from page to page."""
    with new_screen(browser, url) as made:
        yield made


@pytest.mark.parametrize(
    "path",
    [
        it
        if it in ("/", "/beds", "/money")
        else pytest.param(it, marks=pytest.mark.long)
        for it in FIGURES
    ],
)
def test_figures_follow_the_filters_and_the_url_restores_them(
    screen: Screen, browser: Browser, hospital: Home, path: str
):
    key, _ = FIGURES[path]

    def hold_to_sql() -> None:
        view = read_view(path, screen.search, date(2026, 2, 28))
        answer = asked(hospital.settings, path, view)
        assert answer
        assert seen(screen.tables()[key], answer) == answer

    screen.open(path)
    before = screen.tables()[key]
    screen.use("from", "2026-02-02")
    screen.use("to", "2026-02-22")
    hold_to_sql()
    assert screen.tables()[key] != before
    screen.use("branch", screen.choices("branch")[-1])
    hold_to_sql()
    if "department" in FILTERS[path]:
        before = screen.tables()[key]
        # the last one has patients in its beds and appointments alike
        screen.use("department", screen.choices("department")[-1])
        hold_to_sql()
        assert screen.tables()[key] != before
    assert screen.complaints == []
    with new_screen(browser, screen.url) as colleagues:
        colleagues.open(screen.page.url.removeprefix(screen.url))
        assert colleagues.tables() == screen.tables()
        assert colleagues.filters() == screen.filters()


def test_filters_hold_across_pages(screen: Screen):
    screen.open("/beds?from=2026-02-02&to=2026-02-22")
    screen.page.get_by_role("link", name="Doctors").click()
    screen.page.wait_for_function("() => location.pathname === '/doctors'")
    screen.await_view("?from=2026-02-02&to=2026-02-22")
    assert screen.filters()["from"] == "2026-02-02"


def test_a_choice_changes_the_axis_and_lives_in_the_url(screen: Screen):
    screen.open("/stay")
    assert "in nights" in screen.page.inner_text("#panel-distribution")
    # By its role: panels are labelled by the convention as soon as it is chosen.
    screen.page.get_by_role("radio", name="Medicare days", exact=True).click()
    screen.page.wait_for_function("() => location.search.includes('convention=days')")
    screen.await_view(screen.search)
    assert "in Medicare days" in screen.page.inner_text("#panel-distribution")


def test_the_keyboard_chooses_and_keeps_its_place(screen: Screen):
    screen.open("/beds")
    before = screen.tables()
    screen.page.focus("#filter-department")
    screen.page.keyboard.press("ArrowDown")
    screen.page.wait_for_function("() => location.search.includes('department=')")
    screen.await_view(screen.search)
    assert screen.tables() != before
    assert screen.page.evaluate("document.activeElement.id") == "filter-department"


@pytest.mark.parametrize("path", [it for it, has in FILTERS.items() if "dates" in has])
def test_a_period_without_data_says_so_and_a_period_with_data_brings_them_back(
    screen: Screen, path: str
):
    screen.open(path + NEVER)
    assert screen.page.get_by_text(EMPTY).count()
    screen.use("from", "2026-01-01")
    assert not screen.page.get_by_text(EMPTY).count()
    assert screen.complaints == []
