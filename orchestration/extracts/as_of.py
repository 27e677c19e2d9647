"""The moment that undated extracts speak for: the latest in their own activity columns.

Dated folders and --as-of need none of this; the machine's clock is never asked.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from psycopg import Connection, sql

from orchestration.extracts.contract import BLANKS, Column, ExtractContract
from orchestration.extracts.errors import ExtractRefusedError
from orchestration.extracts.files import YEARS
from orchestration.extracts.landing_table import LANDING_SCHEMA, Landed

_PATTERNS = {
    "YYYY": r"(\d{4})", "MM": r"(\d{1,2})", "DD": r"(\d{1,2})", "HH": r"(\d{1,2})",
    "MI": r"(\d{2})", "SS": r"(\d{2})(?:\.\d+)?",
}  # fmt: skip
_PART = re.compile("|".join(_PATTERNS), re.IGNORECASE)
_ISO = "YYYY-MM-DD"
_TIME = r"(?:[ T](\d{1,2}:\d{2}(?::\d{2})?)(?:\.\d+)?)?"


def derive_as_of(
    connection: Connection[Any],
    contracts: Sequence[ExtractContract],
    landed: Sequence[Landed],
) -> datetime:
    """Find the greatest value in the activity columns of one system's landed tables.

    A value that is no date of its column's format is passed over, and one that staging
    takes for none.

    Raises:
        ExtractRefusedError: no table has one; names the columns looked at.
    """
    columns = [
        (it, column)
        for it in landed
        for column in it.contract.columns
        if column.name in it.contract.activity
    ]
    moments = [latest(connection, it, column) for it, column in columns]
    known = [moment for moment in moments if moment is not None]
    if known:
        return max(known)
    system = contracts[0].source_system
    looked_at = ", ".join(
        f"{it.contract.table}.{column.name}" for it, column in columns
    )
    raise ExtractRefusedError(
        f"{system}: expected a dated folder, --as-of, or a date in one of the activity "
        f"columns ({looked_at or 'its contracts name none'}), found none of them."
    )


def active_until(
    connection: Connection[Any],
    landed: Sequence[Landed],
    as_of: datetime,
    *,
    stray_days: float,
    stray_pct: float,
) -> date | None:
    """The latest day of activity in landed tables before the day of `as_of`.

    That day itself is not counted: a slip of the far future is what `as_of` may have
    been derived from. None if no activity column has an earlier day.

    Args:
        connection: of the loader.
        landed: one system's tables.
        as_of: the moment that they are said to speak for.
        stray_days: how far from all others dates are that may be slips.
        stray_pct: how many they may be, in percent of all dates.
    """
    days: Counter[date] = Counter()
    for it in landed:
        for column in it.contract.columns:
            if column.name in it.contract.activity:
                for _, day, many in _days(connection, it, column):
                    if day < as_of.date():
                        days[day] += many
    return latest_without_strays(days, stray_days, stray_pct)


def latest_without_strays(
    days: Mapping[date, int], stray_days: float, stray_pct: float
) -> date | None:
    """The latest day, once the few that lie far after all others are left out.

    Args:
        days: how many dates fall on each day.
        stray_days: days of a gap behind which slips may lie.
        stray_pct: percent of all dates that may be slips.
    """
    known = sorted(days)
    few = sum(days.values()) * stray_pct / 100
    latest, behind = max(known, default=None), 0
    for before, after in reversed(list(pairwise(known))):
        behind += days[after]
        if behind > few:
            break
        if (after - before).days > stray_days:
            latest = before
    return latest


# Each text once, since most days of a table are those of many rows: offset 0 keeps the
# planner from asking of each row what is asked of its text. What staging takes for no
# value or for a slip, as 9999-12-31, is none in here either.
_MOMENTS = """
select * from (
    select text, many, case when pg_input_is_valid(shown, 'timestamp')
        then cast(shown as timestamp) end as moment
    from (
        select text, many, regexp_replace(text, {pattern}, {iso}) as shown
        from (
            select {text} as text, count(*) as many
            from {table}, btrim({column}, {blanks}) as value
            where value ~ {whole} and value <> all({null_markers}) and {condition}
            group by 1
            offset 0
        ) as texts
    ) as shown
) as moments
where extract(year from moment) between {first_year} and {last_year}
"""
# The text of a day, which stands before that of a clock, if any.
_DAY = sql.SQL("split_part(translate(value, 'T', ' '), ' ', 1)")
_VALUE = sql.SQL("value")


def latest(
    connection: Connection[Any],
    landed: Landed,
    column: Column,
    before: date = date.max,
) -> datetime | None:
    """The greatest moment of a column of a landed table, before another."""
    form = column.format or _ISO
    _, text = _day_of(form)
    written: dict[date, list[str]] = {}
    for shown, day, _ in _days(connection, landed, column):
        written.setdefault(day, []).append(shown)
    last = before.date() if isinstance(before, datetime) else before
    # All clocks of a day may be wrong, or too late: then the one before it is asked.
    for day in sorted((it for it in written if it <= last), reverse=True):
        on_that_day = sql.SQL("{} = any({})").format(text, written[day])
        moments = _moments(landed, column, form, _VALUE, on_that_day)
        found = connection.execute(
            sql.SQL("select max(moment) from ({}) as moments where moment < {}").format(
                moments, before
            )
        ).fetchone()
        if found and found[0]:
            moment: datetime = found[0]
            return moment
    return None


def _days(
    connection: Connection[Any], landed: Landed, column: Column
) -> list[tuple[str, date, int]]:
    """How days are written in a column, the days, and how many rows have them."""
    form, text = _day_of(column.format or _ISO)
    return connection.execute(
        sql.SQL("select text, cast(moment as date), many from ({}) as moments").format(
            _moments(landed, column, form, text, sql.SQL("true"))
        )
    ).fetchall()


def _day_of(form: str) -> tuple[str, sql.SQL]:
    """The form of a moment's day, and of which text it is.

    Moments are nearly as many as rows and days are few, and taking a text apart costs
    ten times what looking at it does.
    """
    day = form.split(" ", maxsplit=1)[0]
    names = {it.group().upper() for it in _PART.finditer(day)}
    if names == {"YYYY", "MM", "DD"} and "T" not in day:
        return day, _DAY
    return form, _VALUE


def _moments(
    landed: Landed, column: Column, form: str, text: sql.SQL, condition: sql.Composable
) -> sql.Composed:
    """Texts of a column's values and the moments that they are in a form."""
    pattern, order = _pattern(form)
    whole, _ = _pattern(column.format or _ISO)
    return sql.SQL(_MOMENTS).format(
        text=text,
        column=sql.Identifier(column.name),
        table=sql.Identifier(LANDING_SCHEMA, landed.table),
        blanks=sql.Literal(BLANKS),
        whole=sql.Literal(whole),
        null_markers=sql.Literal(list(landed.contract.null_markers)),
        condition=condition,
        first_year=sql.Literal(YEARS[0]),
        last_year=sql.Literal(YEARS[-1]),
        pattern=sql.Literal(pattern),
        iso=sql.Literal(order),
    )


def _pattern(form: str) -> tuple[str, str]:
    """A date format as a regular expression, and its groups in ISO 8601's order."""
    places: dict[str, int] = {}
    pattern, end = "", 0
    for part in _PART.finditer(form):
        places[part.group().upper()] = len(places) + 1
        pattern += re.escape(form[end : part.start()]) + _PATTERNS[part.group().upper()]
        end = part.end()
    pattern = f"^{pattern}{re.escape(form[end:])}"
    day = "-".join(rf"\{places[it]}" for it in ("YYYY", "MM", "DD") if it in places)
    clock = [rf"\{places[it]}" for it in ("HH", "MI", "SS") if it in places]
    if clock:
        return f"{pattern}$", f"{day} {':'.join(clock)}"
    return f"{pattern}{_TIME}$", rf"{day} \{len(places) + 1}"
