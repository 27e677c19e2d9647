"""An open page through the life of a warehouse: before its first publication, through
the next one, while its server is gone, and after the reader's session.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date

import pytest
from playwright.sync_api import Browser, Page, Route

from orchestration import accounts, embedded
from orchestration.readers import Binding
from orchestration.settings import REPOSITORY
from orchestration.warehouse import open_warehouse
from serving import database
from serving.dashboard.view import read_view
from serving.guard import Door
from serving.sessions import Sessions
from simulator import simulate
from tests.browser.asked import FIGURES, asked, seen
from tests.browser.screen import Screen, new_screen
from tests.browser.served import served
from tests.conftest import Home

pytestmark = pytest.mark.long

FIRST, SECOND = date(2026, 2, 14), date(2026, 2, 15)
SECONDS_TO_REFRESH = 5
VIEW = "?from=2026-01-20&to=2026-02-28"
PASSWORD = "correct horse battery staple"


def night(home: Home, end: date) -> None:
    """A hospital of two branches, as it is at the end of a day."""
    days = (end - date(2026, 1, 5)).days
    simulate(home.extracts, end=end, days=days, beds=24, branches=2, seed=5)


@pytest.fixture(scope="module")
def screen(home: Home, browser: Browser) -> Iterator[Screen]:
    """A page that is opened before anything was published, and stays open."""
    open_warehouse(home.settings)
    with served(home.settings) as url, new_screen(browser, url) as made:
        yield made


def published(home: Home) -> int:
    [(last,)] = home.rows("select max(publication_id) from marts.publication")
    return int(last)


def publish_once_more(home: Home) -> None:
    """The same rows and number, published at another moment."""
    with open_warehouse(home.settings).connect() as owner:
        owner.execute("update marts.publication set published_at = clock_timestamp()")


def shown_since(screen: Screen) -> str:
    """When what a page shows was published."""
    return str(screen.page.get_attribute("#stamp time", "datetime"))


def test_before_the_first_publication_a_page_says_so_and_then_fills_itself(
    home: Home, screen: Screen
):
    screen.page.goto(screen.url + "/beds" + VIEW)
    screen.page.wait_for_selector(".nothing")
    assert screen.page.inner_text("h1") == "Nothing has been published yet."
    night(home, FIRST)
    home.refresh()
    screen.page.wait_for_selector("#page .panel")
    screen.await_view(VIEW)
    assert screen.page.inner_text("h1") == "Beds and flow"


@pytest.mark.parametrize("path", [it for it in FIGURES if it != "/doctors"])
def test_figures_of_one_branch_are_its_own(home: Home, screen: Screen, path: str):
    key, _ = FIGURES[path]
    screen.open(path + "?from=2026-01-12&to=2026-02-08")
    of_all = screen.tables()[key]
    tables = []
    for branch in screen.choices("branch"):
        screen.use("branch", branch)
        view = read_view(path, screen.search, FIRST)
        answer = asked(home.settings, path, view)
        assert answer
        tables.append(screen.tables()[key])
        assert seen(tables[-1], answer) == answer
    assert len(tables) == 2
    assert of_all not in tables
    assert tables[0] != tables[1]


def test_a_new_publication_refreshes_an_open_page_and_leaves_the_rest(
    home: Home, screen: Screen
):
    page = screen.page
    screen.open("/beds" + VIEW)
    screen.use("branch", screen.choices("branch")[0])
    page.locator("[aria-labelledby=panel-census] summary").first.click()
    page.focus("[aria-labelledby=panel-wards] summary")
    page.mouse.wheel(0, 500)
    page.wait_for_function("() => scrollY > 300")
    before, filters, search = page.evaluate("scrollY"), screen.filters(), screen.search
    nights = len(screen.tables()["census"])
    last = published(home)
    night(home, SECOND)
    refresh = subprocess.Popen(
        [sys.executable, "-m", "orchestration.cli", "refresh"],
        cwd=REPOSITORY,
        env=os.environ | {"WARDLINE_HOME": str(home.path)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while published(home) == last:
        assert refresh.poll() in (None, 0)
        page.wait_for_timeout(100)
    since = time.monotonic()
    page.get_by_text(f"Data as of {SECOND}").wait_for()
    screen.await_view(search)
    assert time.monotonic() - since < SECONDS_TO_REFRESH
    assert refresh.wait() == 0
    assert len(screen.tables()["census"]) == nights + 1
    assert page.evaluate("scrollY") == before
    assert (screen.filters(), screen.search) == (filters, search)
    assert page.locator("#table-census").is_visible()
    focused = (
        "document.activeElement.closest('section').getAttribute('aria-labelledby')"
    )
    assert page.evaluate(focused) == "panel-wards"
    assert screen.complaints == []


def test_a_page_whose_stream_was_refused_hears_of_the_next_publication(
    home: Home, screen: Screen
):
    refused: list[Route] = []

    def refuse(route: Route) -> None:
        refused.append(route)
        route.fulfill(status=502)

    screen.page.route("**/dashboard/events", refuse, times=1)
    screen.open("/beds" + VIEW)
    before = shown_since(screen)
    assert len(refused) == 1
    publish_once_more(home)
    screen.page.wait_for_function(
        "it => document.querySelector('#stamp time').dateTime !== it", arg=before
    )


def test_a_question_that_takes_too_long_is_said_in_plain_words(
    home: Home, browser: Browser, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(database, "STATEMENT_TIMEOUT_SECONDS", 1)
    with (
        served(home.settings) as url,
        new_screen(browser, url) as screen,
        open_warehouse(home.settings).connect() as owner,
    ):
        owner.execute("lock table marts.bed_occupancy_daily in access exclusive mode")
        screen.page.goto(url + "/beds" + VIEW)
        screen.page.get_by_text("This takes too long.").wait_for()
        owner.rollback()
        screen.open("/beds" + VIEW)
        assert screen.page.inner_text("#page h1") == "Beds and flow"


@pytest.mark.parametrize(("status", "who"), [(503, "The warehouse"), (502, "Wardline")])
def test_a_choice_that_nobody_hears_of_is_taken_back_and_the_page_asks_again(
    screen: Screen, status: int, who: str
):
    page = screen.page
    screen.open("/beds" + VIEW)
    figures, filters = screen.tables(), screen.filters()
    page.route(
        "**/_dash-update-component?*", lambda it: it.fulfill(status=status), times=1
    )
    page.locator("#filter-branch").select_option(screen.choices("branch")[0])
    page.get_by_text(f"{who} does not answer.").wait_for()
    assert screen.filters() == {}
    page.wait_for_selector("#page .panel", timeout=10_000)
    screen.await_view(VIEW)
    assert (screen.tables(), screen.filters()) == (figures, filters)


def test_a_lost_database_is_said_in_plain_words_and_comes_back_by_itself(
    home: Home, screen: Screen
):
    screen.open("/beds" + VIEW)
    figures, url = screen.tables(), screen.page.url
    embedded.stop(home.path)
    screen.page.get_by_text("The warehouse does not answer.").wait_for()
    assert "by themselves" in screen.page.inner_text("#page")
    embedded.start(home.path)
    screen.page.wait_for_selector("#page .panel")
    screen.await_view(screen.shown_search())
    assert screen.tables() == figures
    assert screen.page.url == url


def test_a_session_that_is_over_leads_to_the_login_and_back(
    home: Home, browser: Browser
):
    with open_warehouse(home.settings).connect() as owner:
        accounts.add_user(owner, "anna", PASSWORD, Binding(), reason="a test")
    door = Door(Sessions(b"k" * 32), is_https=False)
    with served(home.settings, door) as url, new_screen(browser, url) as screen:
        page = screen.page
        page.goto(url + "/beds" + VIEW)
        log_in(page)
        screen.await_view(VIEW)
        asked = page.url
        page.context.clear_cookies()
        page.locator("#filter-branch").select_option(screen.choices("branch")[0])
        page.wait_for_url("**/login?*")
        log_in(page)
        screen.await_view(VIEW)
        assert page.url == asked == url + "/beds" + VIEW


def log_in(page: Page) -> None:
    """Fill in the login form as a person would."""
    page.get_by_label("Name").fill("anna")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
