"""Whether pandas' marts say the same as the published ones, row by row.

Belongs here: the comparison alone. Both stand in one database when it is made.
"""

from collections.abc import Mapping
from typing import Any

from psycopg import Connection, sql

from benchmarks.pandas_marts import SCHEMA

GRAINS = {
    "length_of_stay_monthly": (
        "month_start", "branch_key", "department_key", "admission_type",
    ),
    "bed_occupancy_hourly": (
        "hour_starts_at", "branch_key", "department_key", "ward_key", "bed_type",
    ),
    "bed_occupancy_daily": (
        "date_day", "branch_key", "department_key", "ward_key", "bed_type",
    ),
    "patient_flow_daily": ("date_day", "branch_key", "department_key"),
    "appointment_activity_daily": (
        "date_day", "branch_key", "department_key", "doctor_key",
    ),
    "billing_monthly": (
        "month_start", "branch_key", "department_key", "payer", "payment_method",
    ),
}  # fmt: skip
# Marts round to four places, pandas adds up floating point numbers.
_TOLERANCE = 0.001


def differences(connection: Connection[Any]) -> dict[str, int]:
    """The rows of each mart that only one side has, or that differ in a figure.

    Args:
        connection: of who may read both schemas.
    """
    return {mart: _differing(connection, mart, grain) for mart, grain in GRAINS.items()}


def told(found: Mapping[str, int]) -> str:
    """The differences in a sentence; empty if there are none."""
    return ", ".join(f"{rows:,} rows of {mart}" for mart, rows in found.items() if rows)


def _differing(connection: Connection[Any], mart: str, grain: tuple[str, ...]) -> int:
    columns = [
        name
        for (name,) in connection.execute(
            "select column_name from information_schema.columns where table_schema = %s"
            " and table_name = %s order by ordinal_position",
            [SCHEMA, mart],
        )
    ]
    same = sql.SQL(" and ").join(
        sql.SQL(
            "coalesce(marts.{0}::timestamp::text, '') ="
            " coalesce(pandas.{0}::timestamp::text, '')"
            if name in ("date_day", "month_start", "hour_starts_at")
            else "coalesce(marts.{0}::text, '') = coalesce(pandas.{0}::text, '')"
        ).format(sql.Identifier(name))
        for name in grain
    )
    differs = sql.SQL(" or ").join(
        sql.SQL(
            "(marts.{0} is null) <> (pandas.{0} is null)"
            " or abs(marts.{0}::numeric - pandas.{0}::numeric) > {1}"
        ).format(sql.Identifier(name), _TOLERANCE)
        for name in columns
        if name not in grain
    )
    counted = connection.execute(
        sql.SQL(
            "select count(*) from (select * from marts.{0} where source_system = 'his')"
            " as marts full join {1}.{0} as pandas on {2}"
            " where marts.{3} is null or pandas.{3} is null or {4}"
        ).format(
            *map(sql.Identifier, (mart, SCHEMA)),
            same,
            sql.Identifier(grain[0]),
            differs,
        )
    ).fetchone()
    return int(counted[0]) if counted else 0
