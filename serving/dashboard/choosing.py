"""What a viewer does with a filter or a choice, as the view that comes of it.

Pure: what was used comes in by its name in the URL, a view goes out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from serving.dashboard.view import DEFAULT_DAYS, View, day


def chosen_view(view: View, name: str, value: str, last_day: date) -> View:
    """The view after one filter or choice was used.

    Args:
        view: as it was.
        name: of the filter or choice in the URL, such as `from`, `branch` or `by`.
        value: what was chosen; empty for all, or for what holds by default.
        last_day: the day that the published data speak for.
    """
    if name == "from":
        begin = day(value) or view.date_to - timedelta(days=DEFAULT_DAYS - 1)
        return replace(view, date_from=begin, date_to=max(begin, view.date_to))
    if name == "to":
        end = day(value) or last_day
        return replace(view, date_to=end, date_from=min(end, view.date_from))
    if name == "branch":
        return replace(view, branch_key=value or None)
    if name == "department":
        return replace(view, department_key=value or None)
    others = {key: it for key, it in view.choices.items() if key != name}
    return replace(view, choices=others | ({name: value} if value else {}))


def settled(view: View, departments: Sequence[Mapping[str, Any]]) -> View:
    """The view without a department that its branch does not have.

    Args:
        view: as chosen.
        departments: `key` and `branch_key` of each; a department without a branch is
            of the whole hospital.
    """
    places = {it["key"]: it["branch_key"] for it in departments}
    place = places.get(view.department_key) if view.department_key else None
    if view.branch_key and place and place != view.branch_key:
        return replace(view, department_key=None)
    return view
