"""A browser before the dashboard of a published hospital."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.chromium import PROGRAM, chromium
from tests.browser.screen import Screen, new_screen
from tests.browser.served import served
from tests.conftest import Home


# Of each module its own: other tests copy the hospital, for which nobody may read it.
@pytest.fixture(scope="module")
def url(hospital: Home) -> Iterator[str]:
    """The server of the published hospital."""
    with served(hospital.settings) as address:
        yield address


# Not for the whole session: while Playwright is there, its event loop runs in this
# thread, where other tests could not start theirs.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if PROGRAM is None:
        pytest.skip("there is no Chromium here: apt-get install chromium")
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def visited(
    browser: Browser, url: str, request: pytest.FixtureRequest
) -> Iterator[Screen]:
    """A page as it opens, visited once for all that is to be seen of it."""
    with new_screen(browser, url) as screen:
        screen.open(request.param)
        yield screen
