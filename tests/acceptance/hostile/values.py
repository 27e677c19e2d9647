"""Hostile values: each under its column's contract, and what staging makes of it."""

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

COLUMNS: dict[str, dict[str, Any]] = {
    "code": {"data_type": "text", "length": 6},
    "note": {"data_type": "text"},
    "long_note": {"data_type": "text", "max_bytes": 5_000},
    "whole": {"data_type": "integer"},
    "large": {"data_type": "bigint"},
    "number": {"data_type": "numeric"},
    "german": {"data_type": "numeric", "format": "1.234,56"},
    "french": {"data_type": "numeric", "format": "1 234,56"},
    "english": {"data_type": "numeric", "format": "1,234.56"},
    "comma": {"data_type": "numeric", "format": "1234,56"},
    "price": {"data_type": "numeric", "min": 0},
    "age": {"data_type": "integer", "min": 0, "max": 130},
    "day": {"data_type": "date"},
    "day_de": {"data_type": "date", "format": "DD.MM.YYYY"},
    "day_us": {"data_type": "date", "format": "MM/DD/YYYY"},
    "moment": {"data_type": "timestamp"},
    "moment_de": {"data_type": "timestamp", "format": "DD.MM.YYYY HH:MI"},
    "clock": {"data_type": "time"},
    "flag": {"data_type": "boolean"},
}
"""The columns of the table `values`, as a contract declares them."""


@dataclass(frozen=True)
class Value:
    """One text in one column, and the value or the reason that staging gives it."""

    column: str
    text: str
    value: Any = None
    reason: str = ""


def becomes(column: str, values: dict[str, Any]) -> list[Value]:
    return [Value(column, text, value) for text, value in values.items()]


def broken(column: str, reason: str, *texts: str) -> list[Value]:
    return [Value(column, text, reason=reason) for text in texts]


NO_NUMBER = "is no plain number"
NO_WHOLE = "is no whole number of up to 9 digits"
VALUES: dict[str, list[Value]] = {
    "Leading zeros, where the contract gives the code's `length`": [
        *becomes("code", {"000123": "000123", " 000123\u00a0": "000123"}),
        *broken("code", "is not 6 characters long", "123", "0000123", "1.2E2"),
    ],
    "Texts": [
        *becomes(
            "note",
            {
                "=1+1": "=1+1",
                "@SUM(A1)": "@SUM(A1)",
                "-1": "-1",
                "+49": "+49",
                "x'); drop table staging.x; --": "x'); drop table staging.x; --",
                "{{ ref('x') }}": "{{ ref('x') }}",
                "%s $1 :x \\N": "%s $1 :x \\N",
                "NULL": "NULL",
                "\ufeffx\u200b": "x",
                "\u200b": None,
                "x" * 500: "x" * 500,
            },
        ),
        *broken("note", "is longer than 500 bytes", "x" * 501, "\u0915" * 167),
        *becomes("long_note", {"x" * 5_000: "x" * 5_000}),
        *broken("long_note", "is longer than 5000 bytes", "x" * 5_001),
    ],
    "Whole numbers": [
        *becomes("whole", {"007": 7, "-0": 0, "+5": 5, "-999999999": -999_999_999}),
        *broken(
            "whole",
            NO_WHOLE,
            "1.0",
            "1,000",
            "1e3",
            "0x1F",
            "1_000",
            "9999999999",
            "\uff11\uff12",
            "\u0661",
            "\u00b2",
            "--1",
            "1 2",
            "NaN",
            "true",
            "-",
            "1-",
        ),
        *becomes("large", {"999999999999999999": 999_999_999_999_999_999}),
        *broken("large", "is no whole number of up to 18 digits", "9" * 19, "9" * 400),
    ],
    "Decimal numbers": [
        *becomes(
            "number",
            {
                "12.50": Decimal("12.50"),
                "-0": Decimal(0),
                ".5": Decimal("0.5"),
                "5.": Decimal(5),
                "000.10": Decimal("0.10"),
            },
        ),
        *broken(
            "number",
            NO_NUMBER,
            "1e400",
            "1E5",
            "NaN",
            "Infinity",
            "-inf",
            "12,50",
            "1,234.50",
            "1.234.567",
            "\u20ac12.50",
            "12.50 EUR",
            "$5",
            "(12.50)",
            "12.50-",
            "1/2",
            "50%",
            ".",
            "+",
            "1000000000000",
            "9" * 500,
            "\uff11",
            "0x10",
            "1 000",
            "\u22125",
        ),
        *becomes(
            "german",
            {
                "1.234,56": Decimal("1234.56"),
                "1234,56": Decimal("1234.56"),
                "-1.234.567,8": Decimal("-1234567.8"),
                "1.234": Decimal(1234),
                "0,5": Decimal("0.5"),
            },
        ),
        *broken(
            "german",
            "is no number as 1.234,56",
            "1,234.56",
            "1.23",
            "12.34,5",
            "1234.56",
            "1..234",
            "1,2,3",
            ".123",
            "1.234,5 \u20ac",
        ),
        *becomes("french", {"1 234,56": Decimal("1234.56"), "7": Decimal(7)}),
        *broken("french", "is no number as 1 234,56", "1.234,56", "1 23,4", "1234.56"),
        *becomes("english", {"1,234.56": Decimal("1234.56"), "12.5": Decimal("12.5")}),
        *broken("english", "is no number as 1,234.56", "12,50", "1.234,56", "1,23"),
        *becomes("comma", {"1234,56": Decimal("1234.56"), "-,5": Decimal("-0.5")}),
        *broken("comma", "is no number as 1234,56", "1.234,56", "1234.56", "1,2,3"),
    ],
    "Numbers that cannot be": [
        *becomes("price", {"0": Decimal(0), "0.01": Decimal("0.01")}),
        *broken("price", "is less than 0", "-0.01", "-5000"),
        *becomes("age", {"0": 0, "130": 130}),
        *broken("age", "is more than 130", "131", "200"),
        *broken("age", "is less than 0", "-1"),
    ],
    "Days": [
        *becomes(
            "day",
            {
                "2026-03-31": date(2026, 3, 31),
                "2024-02-29": date(2024, 2, 29),
                "2026-03-31 00:00:00": date(2026, 3, 31),
            },
        ),
        *broken(
            "day",
            "is no date as YYYY-MM-DD",
            "2026-02-30",
            "2025-02-29",
            "2026-13-01",
            "2026-00-10",
            "2026-01-00",
            "31.03.2026",
            "03/31/2026",
            "31-03-26",
            "2026-3-1",
            "20260331",
            "2026/03/31",
            "46112",
            "46112.5",
            "1743379200",
            "0000-00-00",
            "now",
            "today",
            "infinity",
            "epoch",
            "yesterday",
            "2026-03-31 10:00",
            "Mar 31, 2026",
            "31 mars 2026",
            "-0044-03-15",
            "2026-W14-2",
            "12026-03-31",
            "\uff12\uff10\uff12\uff16-03-31",
        ),
        *broken(
            "day", "is less than 1900-01-01", "0001-01-01", "1826-05-01", "1899-12-31"
        ),
        *broken("day", "is more than 2199-12-31", "9999-12-31", "2200-01-01"),
        *becomes("day_de", {"31.03.2026": date(2026, 3, 31)}),
        *broken(
            "day_de",
            "is no date as DD.MM.YYYY",
            "2026-03-31",
            "3.4.2026",
            "31.04.2026",
            "31/03/2026",
            "03.31.2026",
            "31.03.26",
        ),
        *becomes("day_us", {"03/04/2026": date(2026, 3, 4)}),
        *broken("day_us", "is no date as MM/DD/YYYY", "31/03/2026", "3/4/2026"),
    ],
    "Moments and times": [
        *becomes(
            "moment",
            {
                "2026-03-31 22:40:00": datetime(2026, 3, 31, 22, 40),
                "2026-03-31T22:40": datetime(2026, 3, 31, 22, 40),
                "2026-03-31": datetime(2026, 3, 31),
                # Skipped by the clocks of Berlin; marts count it as 03:30.
                "2026-03-29 02:30:00": datetime(2026, 3, 29, 2, 30),
            },
        ),
        *broken(
            "moment",
            "is no timestamp as YYYY-MM-DD HH:MI:SS",
            "2026-03-31 24:00",
            "2026-03-31 24:00:00",
            "2026-03-31 25:61",
            "2026-03-31 23:60",
            "2026-03-31 23:59:60",
            "2026-03-31 7:05",
            "2026-03-31T22:40:00Z",
            "2026-03-31 22:40+02:00",
            "2026-03-31 10:40 PM",
            "2026-02-30 10:00",
            "1743460800",
            "2026-03-31 22.40",
            "allballs",
        ),
        *broken("moment", "is more than 2199-12-31", "9999-12-31 23:59:59"),
        *broken("moment", "is less than 1900-01-01", "0001-01-01 00:00:00"),
        *becomes("moment_de", {"31.03.2026 22:40": datetime(2026, 3, 31, 22, 40)}),
        *broken(
            "moment_de",
            "is no timestamp as DD.MM.YYYY HH:MI",
            "31.03.2026 24:00",
            "31.03.2026",
            "31.03.2026 22:40:00",
            "31.03.2026 2:40",
        ),
        *becomes("clock", {"07:05": time(7, 5), "7:05:30": time(7, 5, 30)}),
        *broken(
            "clock",
            "is no time as HH:MI:SS",
            "24:00",
            "25:61",
            "07.05",
            "7",
            "0705",
            "07:05 PM",
            "-1:00",
            "07:60",
        ),
    ],
    "Yes and no": [
        *becomes("flag", {"TRUE": True, "y": True, "1": True, "No": False, "f": False}),
        *broken(
            "flag",
            "is neither true nor false",
            "Ja",
            "X",
            "2",
            "-1",
            "on",
            "truee",
            "1.0",
            "\u2713",
        ),
    ],
}

MISTAKABLE = "has letters that are not what they look like"
KEYS: list[Value] = [
    *becomes("key", {"A1": "A1", "\u0410\u0411\u0412-7": "\u0410\u0411\u0412-7"}),
    *becomes("key", {"\u00c9cole": "\u00c9cole", " B1 ": "B1", "\ufeffC1": "C1"}),
    *broken(
        "key",
        MISTAKABLE,
        "D\u04101",
        "E\u200b1",
        "F\uff11",
        "Ge\u0301",
        "H\u00a01",
        "I\u00ad1",
        "J\u202e1",
        "K\x011",
        "L\u03b11",
        "M\u00b2",
    ),
    *broken("key", "is longer than 500 bytes", "N" * 501),
]
"""Keys of the table `keys`."""
