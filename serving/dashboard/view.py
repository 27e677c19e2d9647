"""What a viewer looks at: the page, the filters and the choices, as the URL says them.

Pure: from a URL to a view and back. A view can be sent to a colleague as a link.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode

DEFAULT_DAYS = 90
_FILTERS = ("from", "to", "branch", "department")
_LONGEST = 500
# what no hospital reaches; periods before and after them are still days
_EARLIEST, _LATEST = date(1900, 1, 1), date(2199, 12, 31)


@dataclass(frozen=True)
class View:
    """One view of one page.

    `date_from` and `date_to` are inclusive. A filter that is None lets all through.
    `choices` are a page's own, such as the convention of the length of stay.
    """

    path: str
    date_from: date
    date_to: date
    branch_key: str | None = None
    department_key: str | None = None
    choices: Mapping[str, str] = field(default_factory=dict)

    @property
    def days(self) -> int:
        """Days of the period."""
        return (self.date_to - self.date_from).days + 1

    def parameters(self) -> dict[str, Any]:
        """For the queries."""
        return {
            "date_from": self.date_from,
            "date_to": self.date_to,
            "branch_key": self.branch_key,
            "department_key": self.department_key,
            "source_system": None,
        }

    def before(self) -> "View":
        """The period of the same length that ends where this one begins."""
        return replace(
            self,
            date_from=self.date_from - timedelta(days=self.days),
            date_to=self.date_from - timedelta(days=1),
        )

    @property
    def search(self) -> str:
        """The URL's part after the path."""
        parts = {
            "from": self.date_from.isoformat(),
            "to": self.date_to.isoformat(),
            "branch": self.branch_key,
            "department": self.department_key,
        } | dict(sorted(self.choices.items()))
        return "?" + urlencode({name: it for name, it in parts.items() if it})


def read_view(path: str, search: str, last_day: date) -> View:
    """The view that a URL asks for; what it does not say, or says wrongly, is default.

    Args:
        path: such as `/beds`.
        search: such as `?from=2026-01-01&branch=his:BR1`.
        last_day: the day that the published data speak for.
    """
    asked = {
        name: values[-1][:_LONGEST]
        for name, values in parse_qs(search.removeprefix("?")).items()
        if "\0" not in values[-1]
    }
    end = day(asked.get("to")) or last_day
    begin = day(asked.get("from")) or end - timedelta(days=DEFAULT_DAYS - 1)
    return View(
        path=path.rstrip("/") or "/",
        date_from=min(begin, end),
        date_to=max(begin, end),
        branch_key=asked.get("branch"),
        department_key=asked.get("department"),
        choices={name: it for name, it in asked.items() if name not in _FILTERS},
    )


def day(text: str | None) -> date | None:
    """The day that a text names; None if it names none, or one out of reach."""
    try:
        found = date.fromisoformat(text) if text else None
    except ValueError:
        return None
    return found if found and _EARLIEST <= found <= _LATEST else None
