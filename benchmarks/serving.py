"""The dashboard and the API over the marts, beside plain views over the extracts.

Run with `python -m benchmarks.serving [--beds N] [--days N]`. Both answer the same
questions, the dashboard's own, on one server in one run; only their ratio travels to
another machine. What is measured stands in clicks.py and calls.py.
"""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Annotated, Any

import typer
from psycopg import Connection
from psycopg.rows import dict_row
from rich.console import Console
from rich.table import Table

from benchmarks.answers import Answers, disagreeing
from benchmarks.calls import Calls, measure_calls, resident_mib
from benchmarks.clicks import Clicks, measure_clicks
from orchestration.settings import Settings
from orchestration.warehouse import open_warehouse
from serving.dashboard.pages import PAGES
from serving.dashboard.panels import Page
from serving.dashboard.reading import Reading
from serving.dashboard.view import View, read_view
from serving.database import Marts, current_publication
from simulator import simulate
from tests.conftest import Home, remove_home

END = date(2025, 12, 31)
_QUERIES = Path(__file__).parents[1] / "serving" / "queries"
VIEWS = Path(__file__).with_name("views.sql")
# The questions of each page that views.sql can answer as well.
QUESTIONS: Mapping[str, tuple[str, ...]] = {
    "/": ("today",),
    "/beds": ("beds_census", "beds_by_ward", "beds_by_type", "beds_by_hour"),
    "/stay": ("stay_statistics",),
    "/appointments": ("appointments_over_time", "appointments_by_branch"),
    "/doctors": ("doctors_load",),
    "/money": ("money_bills",),
    "/patients": ("patients_outcomes",),
}
CLIENTS = (1, 8, 32)


@contextmanager
def serving(settings: Settings) -> Iterator[tuple[str, int]]:
    """The server in a process of its own; gives its URL and process id."""
    child = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.child", str(settings.home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdin is not None  # noqa: S101
    assert child.stdout is not None  # noqa: S101
    yield child.stdout.readline().strip(), child.pid
    child.stdin.close()
    child.wait()


def page_seconds(connection: Connection[Any], page: Page, repeats: int) -> list[float]:
    """Seconds in which all data of a page are asked and put into its panels."""
    found = []
    for _ in range(repeats):
        start = perf_counter()
        publication = current_publication(connection)
        assert publication is not None  # noqa: S101
        read = Reading(connection, publication, "EUR")
        view = read_view(page.path, "", read.last_day)
        if page.tiles is not None:
            page.tiles(read, view)
        page.panels(read, view)
        found.append(perf_counter() - start)
    return found


def question_seconds(
    connection: Connection[Any], schema: str, questions: tuple[str, ...], view: View
) -> tuple[float, Answers]:
    """Seconds in which a schema answers questions one after the other; the answers."""
    parameters = view.parameters() | {"grain": "week", "convention": "nights"}
    answers = {}
    start = perf_counter()
    with connection.cursor(row_factory=dict_row) as cursor:
        for question in questions:
            text = (_QUERIES / f"{question}.sql").read_text()
            asked = text.replace("marts.", f"{schema}.").encode()
            answers[question] = cursor.execute(asked, parameters).fetchall()
    return perf_counter() - start, answers


def main(
    beds: Annotated[int, typer.Option(help="Beds of the hospital.")] = 500,
    days: Annotated[int, typer.Option(help="Days that it is simulated for.")] = 365,
    repeats: Annotated[int, typer.Option(help="Turns of each page.")] = 5,
    seconds: Annotated[int, typer.Option(help="Of each number of clients.")] = 10,
) -> None:
    """Measure what a viewer and a program wait for."""
    console = Console(width=100)
    home = Home()
    try:
        with console.status(f"Publishing {days} days of {beds} beds"):
            simulate(home.extracts, end=END, beds=beds, days=days)
            home.refresh()
        with console.status("Asking the marts and the views"):
            data, views = measure_data(home.settings, repeats)
        with serving(home.settings) as (url, process):
            memory = [resident_mib(process)]
            with console.status("Looking in Chromium"):
                clicks = measure_clicks(url, [page.path for page in PAGES], repeats)
            memory.append(resident_mib(process))
            calls = []
            for clients in CLIENTS:
                with console.status(f"Calling the API from {clients} clients"):
                    calls.append(measure_calls(url, clients, seconds))
            memory.append(resident_mib(process))
        title = f"{beds} beds, {days} days; milliseconds, medians of {repeats}"
        console.print(page_table(title, data, views, clicks), api_table(calls))
        console.print(
            "Memory of the server: {:.0f} MiB when it starts, {:.0f} MiB after all"
            " pages, {:.0f} MiB after all calls.".format(*memory)
        )
    finally:
        remove_home(home.path)


def measure_data(
    settings: Settings, repeats: int
) -> tuple[dict[str, float], dict[str, tuple[float, float]]]:
    """Seconds of each page's data, and of its questions to marts and to views.

    Raises:
        RuntimeError: they answer with other figures where both mean the same.
    """
    warehouse = open_warehouse(settings)
    with warehouse.connect() as owner:
        owner.execute(VIEWS.read_bytes())
        owner.execute("analyze")
    assert warehouse.server_conninfo  # noqa: S101
    marts = Marts(warehouse.server_conninfo)
    marts.open()
    with marts.read() as reader:
        data = {it.path: median(page_seconds(reader, it, repeats)) for it in PAGES}
        publication = current_publication(reader)
    marts.close()
    assert publication is not None  # noqa: S101
    last_day = (publication.as_of or publication.published_at).date()
    views = {}
    with warehouse.connect() as owner:
        for path, questions in QUESTIONS.items():
            view = read_view(path, "", last_day)
            ways: dict[str, list[float]] = {"marts": [], "views": []}
            answers: dict[str, Answers] = {}
            for _ in range(repeats):
                for schema, found in ways.items():
                    if schema == "views" and found and found[0] > 1:
                        continue  # seconds need no median
                    spent, answers[schema] = question_seconds(
                        owner, schema, questions, view
                    )
                    found.append(spent)
            assert all(answers["marts"].values()), path  # noqa: S101
            if differ := disagreeing(answers["marts"], answers["views"]):
                raise RuntimeError(f"views and marts disagree: {', '.join(differ)}")
            views[path] = (median(ways["marts"]), median(ways["views"]))
    return data, views


def page_table(
    title: str,
    data: Mapping[str, float],
    views: Mapping[str, tuple[float, float]],
    clicks: Mapping[str, Clicks],
) -> Table:
    """How many times faster the marts answer, then the milliseconds of each way."""
    table = Table(title=title)
    for heading in (
        *("page", "views / marts", "marts", "views", "all data"),
        *("first paint", "filter change"),
    ):
        table.add_column(heading, justify="left" if heading == "page" else "right")

    def shown(seconds: float | None) -> str:
        return "-" if seconds is None else f"{1000 * seconds:,.0f}"

    for path, spent in data.items():
        by_marts, by_views = views.get(path, (None, None))
        ratio = f"{by_views / by_marts:,.1f}" if by_marts and by_views else "-"
        table.add_row(
            *(path, ratio),
            *map(shown, (by_marts, by_views)),
            *(shown(spent), shown(clicks[path].paint), shown(clicks[path].change)),
        )
    marts, plain = (sum(it[way] for it in views.values()) for way in (0, 1))
    table.add_section()
    table.add_row("all", f"{plain / marts:,.1f}", shown(marts), shown(plain))
    return table


def api_table(calls: list[Calls]) -> Table:
    """The API by the number of clients that call at once."""
    table = Table(title="API, milliseconds")
    for heading in ("clients", "p50", "p95", "calls/s", "failed"):
        table.add_column(heading, justify="right")
    for it in calls:
        table.add_row(
            *(str(it.clients), f"{it.p50_ms:,.0f}", f"{it.p95_ms:,.0f}"),
            *(f"{it.per_second:,.0f}", str(it.failed)),
        )
    return table


if __name__ == "__main__":
    typer.run(main)
