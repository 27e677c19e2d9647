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

from serving.dashboard.view import View

Row = Mapping[str, Any]
Figure = dict[str, Any]
NOTHING, UNKNOWN, WITHHELD = "-", "not known", "withheld"
NO_ROWS = "Nothing to show for this period and selection."


class Reader(Protocol):
    """Asks a fixed query by its name, all within one publication."""

    @property
    def currency(self) -> str:
        """The unit of all amounts, such as `EUR`."""

    @property
    def sees_everything(self) -> bool:
        """Whether the viewer sees all rows of all marts."""

    @property
    def sees_branches(self) -> bool:
        """Whether the viewer sees what counts whole branches."""

    @property
    def data_docs(self) -> Sequence[tuple[str, str]]:
        """The gates' own pages, as their names and addresses."""

    def __call__(self, query: str, **parameters: Any) -> list[dict[str, Any]]:
        """The rows of queries/<query>.sql."""

    def record(self, query: str) -> list[dict[str, Any]]:
        """The same over the record of runs, which knows no viewer."""


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
            return UNKNOWN if self.is_name else NOTHING
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
        return not (self.is_name or self.name.endswith(_OTHER_TEXTS))

    @property
    def is_name(self) -> bool:
        """Whether it tells rows apart by a word, which a source may not know."""
        return is_name(self.name)


_NAMES = (
    *("_name", "_type", "_method", "_band", "_bucket", "_key"),
    *("payer", "sex", "status", "system"),
)
_OTHER_TEXTS = ("_day", "_start", "_of", "_at", "_words", "is_open")


def is_name(column: str) -> bool:
    """Whether a column tells rows apart by a word, and not by a moment or a number."""
    return column.endswith(_NAMES)


@dataclass(frozen=True)
class Choice:
    """A choice that a viewer has in a panel; it lives in the URL under its name."""

    name: str
    label: str
    options: Mapping[str, str]
    """Value in the URL to label."""
    default: str = ""
    """What holds unless the URL says otherwise; the first option if not given."""

    def __post_init__(self) -> None:
        if not self.default:
            object.__setattr__(self, "default", next(iter(self.options)))

    def of(self, view: View) -> str:
        """What was chosen; the default if nothing or nothing known was."""
        chosen = view.choices.get(self.name, "")
        return chosen if chosen in self.options else self.default


@dataclass(frozen=True)
class Panel:
    """One question, answered: a chart, the table behind it, and what it means."""

    key: str
    title: str
    """What it shows and in which unit."""
    fields: Sequence[Field]
    rows: Sequence[Row]
    figure: Figure | None = None
    measures: Sequence[tuple[str, str]] = ()
    """(mart, column) of each measure shown, for its definition."""
    note: str = ""
    choices: Sequence[Choice] = ()
    is_wide: bool = False
    is_tall: bool = False
    """Whether two panels stand beside it, one below the other."""
    empty: str = NO_ROWS
    """What it says without rows."""
    links: Sequence[tuple[str, str]] = ()
    """Where there is more, as words and addresses."""
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
    before_words: str = "the period before"
    """The period before by its name."""
    trend: Sequence[Any] = ()
    measures: Sequence[tuple[str, str]] = ()
    note: str = ""
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
    choices: Callable[[View], Sequence[Choice]] | None = None
    """Choices that all its panels share; a panel's own stand in the panel."""
    filters: Sequence[str] = field(default=("dates", "branch", "department"))
    """Which filters mean something here."""


def empty_of_branches(read: Reader) -> str:
    """What a panel that counts whole branches says without rows."""
    if read.sees_branches:
        return NO_ROWS
    return "This counts whole branches; you see departments."


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
