"""Every page as it opens: its figures, tables, downloads, definitions and manners."""

import csv
import io
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

import pytest
import requests
from axe_playwright_python.sync_playwright import Axe

from serving.dashboard.pages import PAGES
from serving.dashboard.panels import NOTHING, UNKNOWN
from serving.dashboard.view import read_view
from tests.browser.asked import FIGURES, asked, seen
from tests.browser.screen import Screen
from tests.browser.served import served
from tests.conftest import Home

PATHS = [page.path for page in PAGES]
each_page = pytest.mark.parametrize("visited", PATHS, indirect=True)
LAST_DAY = date(2026, 2, 28)


@each_page
def test_a_page_bears_its_name_and_says_how_old_its_figures_are(visited: Screen):
    [page] = [it for it in PAGES if it.path == path_of(visited)]
    assert visited.page.title() == f"{page.title} - Wardline"
    assert visited.page.inner_text("#page h1") == page.title
    assert visited.page.inner_text(".pages .here") == page.title
    stamp = visited.page.inner_text("#stamp")
    assert f"Data as of {LAST_DAY}" in stamp
    assert "gates passed" in stamp
    assert visited.page.locator("#page .panel").count()


def test_who_comes_first_by_a_colleagues_link_gets_styles_and_scripts(hospital: Home):
    with served(hospital.settings) as url:
        document = requests.get(url + "/beds", timeout=20).text
    for asset in ("wardline.css", "controls.js", "events.js", "keep.js", "tables.js"):
        assert f"assets/{asset}" in document


@each_page
def test_a_page_asks_nobody_else_and_complains_of_nothing(visited: Screen):
    assert len(visited.requests) > 10
    assert visited.requests_elsewhere == []
    assert visited.complaints == []


@pytest.mark.parametrize("visited", FIGURES, indirect=True)
def test_the_figures_are_what_sql_over_the_marts_says(visited: Screen, hospital: Home):
    path = path_of(visited)
    view = read_view(path, visited.shown_search(), LAST_DAY)
    answer = asked(hospital.settings, path, view)
    assert answer
    assert seen(visited.tables()[FIGURES[path][0]], answer) == answer


@each_page
def test_the_csv_is_the_table_behind_the_chart(visited: Screen):
    tables = visited.tables()
    links = visited.page.locator("#page footer a[download]").all()
    assert len(links) == visited.page.locator("#page .panel").count()
    with visited.page.expect_download() as begun:
        links[0].click()
    downloaded = begun.value.path().read_bytes().decode()
    for index, link in enumerate(links):
        answer = visited.page.request.get(visited.url + link.get_attribute("href"))
        assert index or answer.text() == downloaded
        _, *rows = csv.reader(io.StringIO(answer.text(), newline=""))
        key = link.get_attribute("download").removesuffix(".csv")
        table = [[*row.values()] for row in tables.get(key, [])]
        assert len(table) == min(len(rows), 500), key
        for cells, row in zip(table, rows, strict=False):
            for text, value in zip(cells, row, strict=True):
                assert reads_as(text, value), (key, text, value)


@each_page
def test_the_definition_of_each_measure_opens_with_one_click(visited: Screen):
    abouts = visited.page.locator("#page details.about")
    for about in abouts.all():
        assert not about.locator(".definition").first.is_visible()
        about.locator("summary").click()
        words = about.locator(".definition").first.inner_text()
        assert "." in about.locator("code").first.inner_text()
        assert len(words.split()) > 4, words


@each_page
@pytest.mark.parametrize(
    ("colours", "rules"),
    [
        ("light", {}),
        pytest.param(
            "dark", {"runOnly": ["color-contrast"]}, marks=pytest.mark.long, id="dark"
        ),
    ],
    ids=["light", None],
)
def test_a_page_hinders_nobody(visited: Screen, colours: str, rules: dict):
    visited.page.emulate_media(color_scheme=colours)
    visited.page.eval_on_selector_all(
        "details", "all => all.forEach((it) => { it.open = true; })"
    )
    # one row of a table is like the next, and each cell takes its time
    visited.page.eval_on_selector_all(
        "tbody tr:nth-child(n+4)", "all => all.forEach((it) => { it.hidden = true; })"
    )
    found = Axe().run(visited.page, options={"resultTypes": ["violations"]} | rules)
    grave = [
        (it["id"], it["help"], [node["target"] for node in it["nodes"]])
        for it in found.response["violations"]
        if it["impact"] in ("serious", "critical")
    ]
    assert grave == []


@each_page
def test_the_keyboard_reaches_every_filter(visited: Screen):
    wanted = set(
        visited.page.eval_on_selector_all(
            "#filters select, #filters input", "all => all.map((it) => it.id)"
        )
    )
    visited.page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    reached = set()
    for _ in range(len(PAGES) + 5 * len(wanted) + 3):
        visited.page.keyboard.press("Tab")
        reached.add(visited.page.evaluate("document.activeElement.id"))
    assert wanted <= reached


@each_page
def test_a_page_fits_a_phone_and_a_sheet_of_paper(visited: Screen):
    page = visited.page
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_function("() => document.documentElement.scrollWidth <= 390")
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 1020, "height": 700})
    page.wait_for_function("() => document.documentElement.scrollWidth <= 1020")
    assert not page.locator("#filters").is_visible()
    # on paper the period stands for the filters, where there are any
    has_filters = page.locator("#filters select").count() > 0
    assert page.locator("#page .period").is_visible() == has_filters
    page.emulate_media(media="null")
    page.set_viewport_size({"width": 1280, "height": 720})


@each_page
def test_on_paper_every_chart_is_as_wide_as_its_panel(visited: Screen, tmp_path: Path):
    """When the browser takes the page; what is drawn later is not printed."""
    visited.page.evaluate(
        """() => matchMedia("print").addEventListener("change", ({ matches }) => {
            if (!matches) return;
            const charts = document.querySelectorAll("#page .js-plotly-plot");
            window.onPaper = [...charts].map((it) => {
                const drawn = it.querySelector(".main-svg").getAttribute("width");
                return [it.clientWidth, Number(drawn)];
            });
        })"""
    )
    visited.page.pdf(path=tmp_path / "page.pdf", format="A4", landscape=True)
    widths = visited.page.evaluate("window.onPaper")
    assert len(widths) == visited.page.locator("#page .dash-graph").count()
    assert all(abs(room - drawn) <= 1 for room, drawn in widths), widths
    visited.page.wait_for_function("() => document.body.style.width === ''")


def path_of(screen: Screen) -> str:
    return "/" + screen.page.url.removeprefix(screen.url).strip("/").split("?")[0]


def reads_as(text: str, value: str) -> bool:
    """Whether a cell of a table says what the CSV's value is, rounded."""
    if value == "":
        return text in (NOTHING, UNKNOWN)
    if value in ("True", "False"):
        return text == ("yes" if value == "True" else "no")
    words = text.replace(",", "").removesuffix(" %")
    try:
        shown, exact = Decimal(words), Decimal(value)
    except InvalidOperation:
        return text == value.removeprefix("'") or text == value[:16].replace("T", " ")
    half = Decimal(1).scaleb(shown.as_tuple().exponent) / 2
    return abs(shown - exact) <= half
