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
                days.update(_days(connection, it, column, before=as_of.date()))
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


# Each text once, since most dates of a table are those of many rows. What staging takes
# for no value or for a slip, as 9999-12-31, is none in here either.
_MOMENTS = """
select * from (
    select case when pg_input_is_valid(moment, 'timestamp')
        then cast(moment as timestamp) end as moment, many
    from (
        select regexp_replace(value, {pattern}, {iso}) as moment, count(*) as many
        from {table}, btrim({column}, {blanks}) as value
        where value ~ {pattern} and value <> all({null_markers}) group by 1
    ) as texts
) as moments
where extract(year from moment) between {first_year} and {last_year}
"""


def _moments(landed: Landed, column: Column) -> sql.Composed:
    pattern, order = _pattern(column.format or _ISO)
    return sql.SQL(_MOMENTS).format(
        column=sql.Identifier(column.name),
        table=sql.Identifier(LANDING_SCHEMA, landed.table),
        blanks=sql.Literal(BLANKS),
        null_markers=sql.Literal(list(landed.contract.null_markers)),
        first_year=sql.Literal(YEARS[0]),
        last_year=sql.Literal(YEARS[-1]),
        pattern=sql.Literal(pattern),
        iso=sql.Literal(order),
    )


def latest(
    connection: Connection[Any],
    landed: Landed,
    column: Column,
    before: date = date.max,
) -> datetime | None:
    """The greatest moment of a column of a landed table, before another."""
    found = connection.execute(
        sql.SQL("select max(moment) from ({}) as moments where moment < {}").format(
            _moments(landed, column), sql.Literal(before)
        )
    ).fetchone()
    return found[0] if found else None


def _days(
    connection: Connection[Any], landed: Landed, column: Column, *, before: date
) -> dict[date, int]:
    found = connection.execute(
        sql.SQL(
            "select cast(moment as date), cast(sum(many) as bigint) from ({}) as"
            " moments where moment < {} group by 1"
        ).format(_moments(landed, column), sql.Literal(before))
    ).fetchall()
    return dict(found)


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
