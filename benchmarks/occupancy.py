"""Hourly occupancy by sums of changes, against joining each stay with its hours.

Belongs here: both on the same stays and hours, over a growing number of days, until the
join takes longer than anybody would wait. Their results are held to be equal.
"""

import re
from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import Any

from psycopg import Connection, errors

from benchmarks.by_hand import models_in_order
from benchmarks.table import Line, seconds, times
from orchestration.warehouse import open_warehouse
from tests.conftest import Home

WINDOW = "by_window"
_ENGINE = ("bed_moments", "bed_cell_hours")
# What the window holds; all else is read where it stands.
_OF_THE_WINDOW = "|".join(("bed_stays", "local_hours", *_ENGINE))
_WINDOW = """
    set client_min_messages = warning;
    drop schema if exists {window} cascade;
    create schema {window};
    create table {window}.local_hours as select * from intermediate.local_hours
    where date_day > (select max(date_day) from intermediate.local_hours) - {days};
    create table {window}.bed_stays as select * from intermediate.bed_stays
    where occupied_until_utc
        >= (select min(hour_starts_at_utc) from {window}.local_hours);
    analyze {window}.local_hours;
    analyze {window}.bed_stays
"""
# What comes to mind: every stay with every hour that it touches, then a group by.
_JOIN = """
    create table {window}.joined as
    select
        cells.bed_cell_number,
        hours.hour_starts_at,
        count(
            case
                when
                    stays.started_at_utc <= hours.hour_starts_at_utc
                    and (
                        stays.is_open
                        or stays.occupied_until_utc > hours.hour_starts_at_utc
                    )
                    then 1
            end
        ) as occupied_beds,
        coalesce(sum(case when stays.bed_cell_key is not null then extract(epoch from
            least(
                stays.occupied_until_utc,
                hours.hour_starts_at_utc
                + hours.elapsed_microseconds * interval '1 microsecond'
            ) - greatest(stays.started_at_utc, hours.hour_starts_at_utc)
        ) end), 0) as occupied_bed_seconds
    from intermediate.bed_cells as cells
    inner join {window}.local_hours as hours
        on cells.source_system = hours.source_system
        and cells.time_zone = hours.time_zone
    left join {window}.bed_stays as stays
        on cells.bed_cell_key = stays.bed_cell_key
        and stays.started_at_utc
            < hours.hour_starts_at_utc
            + hours.elapsed_microseconds * interval '1 microsecond'
        and stays.occupied_until_utc > hours.hour_starts_at_utc
    group by cells.bed_cell_number, hours.hour_starts_at
"""
_DIFFERENT = """
    select count(*) from {window}.joined as joined
    full join {window}.bed_cell_hours as hours using (bed_cell_number, hour_starts_at)
    where joined.occupied_beds is distinct from hours.occupied_beds
        or joined.occupied_bed_seconds * 1000000
        is distinct from hours.occupied_bed_microseconds
"""


def occupancy_lines(
    section: str,
    home: Home,
    manifest: Mapping[str, Any],
    days: Sequence[int],
    limit_seconds: int,
) -> list[Line]:
    """Both ways' seconds over each number of days, the last ones of the home.

    Args:
        section: of the table.
        home: with its models built.
        manifest: of dbt, with the models' SQL.
        days: how many, growing.
        limit_seconds: after which the join is given up, for more days too.

    Raises:
        AssertionError: the two disagree.
    """
    lines, is_too_long = [], False
    with open_warehouse(home.settings).connect() as connection:
        connection.autocommit = True
        for number in days:
            _run(connection, _WINDOW.format(window=WINDOW, days=number))
            ours = sum(_run(connection, _engine(manifest, it)) for it in _ENGINE)
            joined = None if is_too_long else _join(connection, limit_seconds)
            is_too_long = joined is None
            if joined is not None:
                found = connection.execute(_DIFFERENT.format(window=WINDOW).encode())
                assert found.fetchone() == (0,)  # noqa: S101
            lines.append(
                Line(
                    section,
                    f"{number:,} days",
                    times(ours, joined) if joined else "",
                    seconds(ours),
                    seconds(joined) if joined else f"over {limit_seconds} s",
                )
            )
        _run(connection, f"drop schema {WINDOW} cascade")
    return lines


def _engine(manifest: Mapping[str, Any], name: str) -> str:
    [model] = [it for it in models_in_order(manifest) if it["name"] == name]
    query = re.sub(
        rf'"intermediate"\."({_OF_THE_WINDOW})"',
        rf'"{WINDOW}"."\1"',
        model["compiled_code"],
    )
    return f"create table {WINDOW}.{name} as\n{query}\n;\nanalyze {WINDOW}.{name}"


def _join(connection: Connection[Any], limit_seconds: int) -> float | None:
    """Seconds of the join; None if it was given up."""
    _run(connection, f"set statement_timeout = '{limit_seconds}s'")
    try:
        return _run(connection, _JOIN.format(window=WINDOW))
    except errors.QueryCanceled:
        return None
    finally:
        _run(connection, "set statement_timeout = 0")


def _run(connection: Connection[Any], statements: str) -> float:
    start = perf_counter()
    connection.execute(statements.encode())
    return perf_counter() - start
