"""Hostile and careless Parquet files."""

import io
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from orchestration.extracts.contract import Column
from tests.acceptance.hostile.specification import (
    GOOD,
    HEADER,
    Case,
    loaded,
    refused,
    set_aside,
)

ENDING = ".parquet"
NO_TABLE = "found a file that cannot be read"


def file_of(ward: list[Any], note: list[Any]) -> bytes:
    """A file of a text column and two others, with the sound row last."""
    keys = [str(number) for number in range(1, len(ward))]
    columns = {"visit_id": [*keys, "9"], "ward": ward, "note": note}
    parquet.write_table(pa.table(columns), saved := io.BytesIO())
    return saved.getvalue()


SOUND = file_of(["W1", "W9"], ["x", "end"])
FILES = [
    Case(
        "a Parquet file named like a text",
        SOUND,
        refused("found a Parquet file, which should be named .parquet"),
    ),
    Case(
        "a text named like a Parquet file",
        HEADER + GOOD,
        refused(NO_TABLE),
        ending=ENDING,
    ),
    Case("a Parquet file cut off", SOUND[:-20], refused(NO_TABLE), ending=ENDING),
    Case(
        "a list in each row",
        file_of([["W1"], ["W9"]], ["x", "end"]),
        refused("in ward"),
        ending=ENDING,
    ),
    Case(
        "moments of a time zone",
        file_of(["W1", "W9"], [datetime(2026, 3, 31, tzinfo=UTC)] * 2),
        refused("found moments of a time zone in note"),
        ending=ENDING,
    ),
    Case(
        "a text with a NUL byte",
        file_of(["W\0", "W9"], ["x", "end"]),
        set_aside(1, "a NUL byte"),
        ending=ENDING,
    ),
    Case(
        "a text of eleven megabytes",
        file_of(["W1", "W9"], ["x" * 11_000_000, "end"]),
        set_aside(1, "longer than"),
        ending=ENDING,
    ),
    Case(
        "dates and exact numbers",
        file_of([date(2026, 3, 31)] * 2, [Decimal("0.10"), Decimal("1234567.89")]),
        loaded(2, ("1", "2026-03-31", "0.10")),
        ending=ENDING,
    ),
    Case(
        "dates and times in columns of another format",
        file_of([date(2026, 3, 31)] * 2, [time(7, 5)] * 2),
        loaded(2, ("1", "31.03.2026", "07:05")),
        ending=ENDING,
        contract={
            "columns": (
                Column("visit_id"),
                Column("ward", "date", format="DD.MM.YYYY"),
                Column("note", "time", format="HH:MI"),
            )
        },
    ),
]
