"""What a page is made of: panels of rows, each with its chart, table and definition.

Only the shapes, and how a value reads; how they look on the page stands in layout.py.
"""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol

import plotly.graph_objects as go

from serving.dashboard.view import View

Row = Mapping[str, Any]
NOTHING = "-"


class Reader(Protocol):
    """Asks a fixed query by its name, all within one publication."""

    def __call__(self, query: str, **parameters: Any) -> list[dict[str, Any]]:
        """The rows of queries/<query>.sql."""


@dataclass(frozen=True)
class Field:
    """A column of a panel's table."""

    name: str
    label: str
    decimals: int = 0
    unit: str = ""

    def text(self, value: Any) -> str:
        """A value as a person reads it."""
        if value is None:
            return NOTHING
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, int | float | Decimal):
            return f"{value:,.{self.decimals}f}{self.unit}"
        if isinstance(value, datetime):
            return f"{value:%Y-%m-%d %H:%M}"
        if isinstance(value, date):
            return value.isoformat()
        return str(value)

    @property
    def is_number(self) -> bool:
        """Whether it stands right-aligned."""
        return self.decimals > 0 or self.unit != "" or not self.name.endswith(_TEXTS)


_TEXTS = (
    *("_day", "_start", "_of", "_at", "_name", "_type", "_method", "_band", "_key"),
    *("payer", "sex", "status", "_bucket", "_words", "is_open", "system"),
)


@dataclass(frozen=True)
class Choice:
    """A choice that a viewer has in a panel; it lives in the URL under its name."""

    name: str
    label: str
    options: Mapping[str, str]
    """Value in the URL to label, the default first."""


@dataclass(frozen=True)
class Panel:
    """One question, answered: a chart, the table behind it, and what it means."""

    key: str
    title: str
    """What it shows and in which unit."""
    fields: Sequence[Field]
    rows: Sequence[Row]
    figure: go.Figure | None = None
    measures: Sequence[tuple[str, str]] = ()
    """(mart, column) of each measure shown, for its definition."""
    note: str = ""
    choices: Sequence[Choice] = ()
    is_wide: bool = False
    summary: str = ""
    """The chart in a sentence, for those who do not see it."""

    def csv(self) -> str:
        """The table as CSV (RFC 4180), values as they are and not as they read."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow([it.name for it in self.fields])
        for row in self.rows:
            writer.writerow([_cell(row.get(it.name)) for it in self.fields])
        return text.getvalue()


@dataclass(frozen=True)
class Tile:
    """One figure of the front page, its change, and the way it took."""

    key: str
    label: str
    value: Any
    field: Field
    before: Any = None
    """Of the period before; None: there is none to compare with."""
    trend: Sequence[Any] = ()
    measures: Sequence[tuple[str, str]] = ()
    is_change_in_points: bool = False
    """A rate changes by points, everything else by per cent."""


@dataclass(frozen=True)
class Page:
    """One page: where it is, what it is called, and how it is answered."""

    path: str
    title: str
    panels: Callable[[Reader, View], Sequence[Panel]]
    tiles: Callable[[Reader, View], Sequence[Tile]] | None = None
    about: str = ""
    filters: Sequence[str] = field(default=("dates", "branch", "department"))
    """Which filters mean something here."""


def aria(**attributes: str) -> Any:
    """Attributes for screen readers, as Dash's components take them."""
    return {f"aria-{name}": value for name, value in attributes.items()}


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{value}"  # else a spreadsheet would run it as a formula
    return value
