"""The moment that undated extracts speak for: the latest in their own activity columns.

Dated folders and --as-of need none of this; the machine's clock is never asked.
"""

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from psycopg import Connection, sql

from orchestration.extracts.contract import Column, ExtractContract
from orchestration.extracts.errors import ExtractRefusedError
from orchestration.extracts.landing import LANDING_SCHEMA, Landed

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

    A value that is no date of its column's format is passed over.

    Raises:
        ExtractRefusedError: no table has one; names the columns looked at.
    """
    columns = [
        (it, column)
        for it in landed
        for column in it.contract.columns
        if column.name in it.contract.activity
    ]
    moments = [_latest(connection, it, column) for it, column in columns]
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
    connection: Connection[Any], landed: Sequence[Landed], as_of: datetime
) -> datetime | None:
    """The latest moment of activity in landed tables before the day of `as_of`.

    A single date of the far future is not taken for activity: it is what `as_of` may
    have been derived from. None if no activity column has an earlier moment.
    """
    moments = [
        _latest(connection, it, column, before=as_of.date())
        for it in landed
        for column in it.contract.columns
        if column.name in it.contract.activity
    ]
    return max((it for it in moments if it is not None), default=None)


def _latest(
    connection: Connection[Any],
    landed: Landed,
    column: Column,
    before: date = date.max,
) -> datetime | None:
    pattern, order = _pattern(column.format or _ISO)
    found = connection.execute(
        sql.SQL(
            "select max(moment) filter (where moment < {before}) from ("
            "select case when pg_input_is_valid(moment, 'timestamp')"
            " then cast(moment as timestamp) end as moment from (select distinct"
            " regexp_replace(btrim({column}), {pattern}, {iso}) as moment from {table}"
            " where btrim({column}) ~ {pattern}) as texts) as moments"
        ).format(
            before=sql.Literal(before),
            column=sql.Identifier(column.name),
            table=sql.Identifier(LANDING_SCHEMA, landed.table),
            pattern=sql.Literal(pattern),
            iso=sql.Literal(order),
        )
    ).fetchone()
    return found[0] if found else None


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
