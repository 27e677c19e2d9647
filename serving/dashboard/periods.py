"""Periods in words, compared with one another, and cut into days, weeks and months.

Pure: nothing is asked, and nothing is drawn.
"""

from dataclasses import replace
from datetime import date, timedelta

from serving.dashboard.panels import Choice
from serving.dashboard.view import View

_DAYS_BY_DAY, _DAYS_BY_WEEK = 45, 400
_DAYS_OF_A_WEEK = 7
WEEKDAYS = (
    *("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
)
SPAN = Choice(
    "figures",
    "Figures of",
    {
        "day": "the last day",
        "week": "the last 7 days",
        "period": "the whole period",
    },
)


def words(first: date, last: date) -> str:
    """A period as a person says it, such as `29 January to 4 March 2026`."""
    until = f"{last.day} {last:%B} {last.year}"
    if first == last:
        return f"{WEEKDAYS[last.weekday()]} {until}"
    if first.year != last.year:
        return f"{first.day} {first:%B} {first.year} to {until}"
    if first.month != last.month:
        return f"{first.day} {first:%B} to {until}"
    return f"{first.day} to {until}"


def grain(view: View) -> Choice:
    """By day, week or month: at first whatever is readable over the period."""
    default = (
        "day"
        if view.days <= _DAYS_BY_DAY
        else "week"
        if view.days <= _DAYS_BY_WEEK
        else "month"
    )
    options = {"day": "day", "week": "week", "month": "month"}
    return Choice("by", "By", options, default)


def cut(view: View, by: str) -> str:
    """The warning that the first or last week or month is not whole, if so."""
    after = view.date_to + timedelta(days=1)
    is_whole = {
        "day": True,
        "week": view.date_from.weekday() == 0 and after.weekday() == 0,
        "month": view.date_from.day == 1 and after.day == 1,
    }[by]
    if is_whole:
        return ""
    return f"The period cuts its first or last {by}, which is not whole."


def compared(view: View, span: str) -> tuple[View, View]:
    """What the figures speak of, and what they are compared with.

    Args:
        view: whose last day counts.
        span: `day`, compared with the same weekday a week before, for hospitals live
            by the week; `week` or `period`, compared with the equally long one before.
    """
    if span == "period":
        return view, view.before()
    if span == "week":
        begin = view.date_to - timedelta(days=_DAYS_OF_A_WEEK - 1)
        now = replace(view, date_from=begin)
        return now, now.before()
    day = replace(view, date_from=view.date_to)
    earlier = view.date_to - timedelta(days=_DAYS_OF_A_WEEK)
    return day, replace(view, date_from=earlier, date_to=earlier)
