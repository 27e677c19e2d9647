"""What the dashboard's pages show, and the published rows to recompute it from.

Only the means; what must agree stands in the tests. The recomputation shares nothing
with the pages' SQL: it reads whole marts and counts in Python.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Any

import psycopg
from psycopg.rows import dict_row

from orchestration.settings import Settings
from orchestration.warehouse import open_warehouse
from serving.dashboard.pages import PAGES
from serving.dashboard.panels import Panel, Tile
from serving.dashboard.reading import Reading
from serving.dashboard.view import View, read_view
from serving.database import READER, current_publication

Row = Mapping[str, Any]
_PAGES = {page.path: page for page in PAGES}
VIEWS = (
    "",
    "?from=2026-02-01&to=2026-02-10",
    "?from=2026-02-28",
    "?branch={branch}",
    "?department={department}",
    "?branch={branch}&department={department}&from=2026-01-15&to=2026-02-14",
    "?to=2026-05-31",
    "?from=2031-01-01&to=2031-01-05",
)
"""All, some days, one day, places, a place for some days, days to come, and nothing."""


class Shown:
    """The pages of a published hospital."""

    def __init__(self, settings: Settings) -> None:
        self._warehouse = open_warehouse(settings)
        self.mart = cache(self._mart)
        self.panels = cache(self._panels)
        place = max(self.mart("fct_admissions"), key=lambda it: it["department_key"])
        self.branch, self.department = place["branch_key"], place["department_key"]

    def search(self, view: str) -> str:
        """One of `VIEWS` with a branch and a department that exist."""
        return view.format(branch=self.branch, department=self.department)

    def view(self, path: str, view: str) -> View:
        with self._reading() as read:
            return read_view(path, self.search(view), read.last_day)

    def panel(self, path: str, key: str, view: str = "") -> Panel:
        """A panel by its page and key."""
        (found,) = (it for it in self.panels(path, view) if it.key == key)
        return found

    def asked(self, query: str, path: str, view: str, **more: Any) -> list[Row]:
        """The rows of a page's query, before the page withholds anything."""
        with self._reading() as read:
            return [*read(query, **self.view(path, view).parameters(), **more)]

    def tiles(self, path: str, view: str = "") -> dict[str, Tile]:
        with self._reading() as read:
            made = _PAGES[path].tiles
            assert made is not None
            return {it.key: it for it in made(read, self.view(path, view))}

    @contextmanager
    def changed(self, *statements: tuple[str, Sequence[Any]]) -> Iterator[Reading]:
        """The marts after statements with their values, which nobody else ever sees."""
        with self._warehouse.connect() as owner:
            for statement, values in statements:
                owner.execute(statement.encode(), values)
            yield _as_reader(owner)
            owner.rollback()

    def kept(self, mart: str, day: str, path: str, view: str) -> list[Row]:
        """The rows of a mart that a view lets through, by the column with the day."""
        seen = self.view(path, view)
        return [
            self.named(row, seen)
            for row in self.mart(mart)
            if row[day] is not None
            and seen.date_from <= row[day] <= seen.date_to
            and seen.branch_key in (None, row["branch_key"])
            and seen.department_key in (None, row.get("department_key"))
        ]

    def named(self, row: Row, seen: View) -> Row:
        """A row whose wards and departments bear the names that a page gives them."""
        ward, department = row.get("ward_name"), row.get("department_name")
        names = {
            "ward_name": ward
            or (f"no ward, {department}" if department else "no ward"),
            "department_name": department,
        }
        if not seen.branch_key and len(self.mart("dim_branch")) > 1:
            place = row["branch_name"]
            names = {it: name and f"{name}, {place}" for it, name in names.items()}
        return dict(row) | names

    def _mart(self, name: str) -> list[Row]:
        with self._reading() as read:
            cursor = read.connection.cursor(row_factory=dict_row)
            return cursor.execute(f"select * from marts.{name}".encode()).fetchall()

    def _panels(self, path: str, view: str) -> Sequence[Panel]:
        with self._reading() as read:
            return _PAGES[path].panels(read, self.view(path, view))

    @contextmanager
    def _reading(self) -> Iterator[Reading]:
        assert self._warehouse.server_conninfo
        with psycopg.connect(self._warehouse.server_conninfo) as connection:
            yield _as_reader(connection)


def _as_reader(connection: psycopg.Connection) -> Reading:
    connection.execute(f"set local role {READER}".encode())
    publication = current_publication(connection)
    assert publication is not None
    return Reading(connection, publication, "EUR")


def by(rows: Iterable[Row], key: Callable[[Row], Any] | str) -> dict[Any, list[Row]]:
    """The rows in groups."""
    groups: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row[key] if isinstance(key, str) else key(row)].append(row)
    return dict(groups)


def total(rows: Iterable[Row], column: str) -> Any:
    """The sum of what is known; None if nothing is."""
    known = [row[column] for row in rows if row[column] is not None]
    return sum(known) if known else None


def pct(part: Any, whole: Any, digits: int = 1) -> Decimal | None:
    return rounded(
        None if not whole or part is None else 100 * Decimal(part) / whole, digits
    )


def rounded(value: Any, digits: int) -> Decimal | None:
    """Half away from zero, as PostgreSQL rounds."""
    if value is None:
        return None
    return Decimal(value).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def percentile(values: Sequence[Any], fraction: float) -> float:
    """Linear between the two nearest values."""
    ordered = sorted(float(it) for it in values)
    place = fraction * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])


def begin(day: date, grain: str) -> date:
    """The first day of the week or month of a day, or the day itself."""
    if grain == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if grain == "month" else day


def column(panel: Panel, name: str, value: str) -> dict[Any, Any]:
    """One column of a panel by another."""
    made = {row[name]: row[value] for row in panel.rows}
    assert len(made) == len(panel.rows), f"{name} is no key of {panel.key}"
    return made
