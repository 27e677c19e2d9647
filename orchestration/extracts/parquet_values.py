"""The values of a Parquet file: the texts that stand for them, and which have none.

Columns come as Arrow's arrays, those of a dictionary decoded.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from orchestration.extracts.contract import Column
from orchestration.extracts.errors import printable
from orchestration.extracts.excel import TOO_LARGE, strftime_pattern

if TYPE_CHECKING:
    import pyarrow as pa

# The first day of year 1, and the day after the last of year 9999, from 1970 on.
_FIRST_DAY, _AFTER_LAST_DAY = -719_162, 2_932_897
_A_DAY = {"s": 86_400, "ms": 86_400_000, "us": 86_400_000_000}


def faults_of(values: "pa.Array", name: str) -> Iterator[tuple[str, "pa.BooleanArray"]]:
    """Why rows of a column cannot be taken, and which these are."""
    from pyarrow import compute, types

    kind = values.type
    if types.is_string(kind) or types.is_large_string(kind):
        yield "a NUL byte", compute.match_substring(values, "\0")
    elif types.is_floating(kind):
        is_large = compute.greater_equal(compute.abs(values), float(TOO_LARGE))
        is_large = compute.and_(is_large, compute.is_finite(values))
        reason = f"a number in {printable(name)} of more digits than such numbers keep"
        yield reason, is_large
    elif (day := _units_of_a_day(kind)) is not None:
        number = values.view("int32" if types.is_date32(kind) else "int64")
        yield (
            f"a day in {printable(name)} outside the years 1 to 9999",
            compute.or_(
                compute.less(number, _FIRST_DAY * day),
                compute.greater_equal(number, _AFTER_LAST_DAY * day),
            ),
        )


def _units_of_a_day(kind: "pa.DataType") -> int | None:
    """In what a type counts; None if it has no days, or none outside the years."""
    from pyarrow import types

    if types.is_date32(kind):
        return 1
    if types.is_date64(kind):
        return _A_DAY["ms"]
    return _A_DAY.get(kind.unit) if types.is_timestamp(kind) else None


def texts_of(values: "pa.Array", column: Column | None = None) -> "pa.Array":
    """Values as the texts that stand for them in a CSV file, as those of a sheet.

    Dates, times and numbers are written as the column's `format` wants them, else dates
    as ISO 8601 (without a midnight, unless the column is a timestamp) and numbers with
    a point, without an exponent.
    """
    import pyarrow as pa
    from pyarrow import types

    kind = values.type
    if types.is_floating(kind) or types.is_decimal(kind):
        texts = [_number(it, column) for it in values.cast(pa.string()).to_pylist()]
        return pa.array(texts, pa.string())
    if types.is_date(kind) or types.is_timestamp(kind):
        return _moments(values, column)
    if types.is_time(kind):
        return _times(values, column)
    return values.cast(pa.string())


def _moments(values: "pa.Array", column: Column | None) -> "pa.Array":
    import pyarrow as pa
    from pyarrow import compute

    # A cast to what is coarser would round towards 1970.
    kept = (
        values
        if not pa.types.is_timestamp(values.type)
        else (compute.floor_temporal(values, unit="microsecond"))
    )
    moments = kept.cast(pa.timestamp("us"))
    if pattern := _pattern(column):
        seconds = compute.floor_temporal(moments, unit="second")
        return compute.strftime(seconds.cast(pa.timestamp("s")), pattern)
    has_midnight = column is not None and column.data_type == "timestamp"
    return _without(r"\.0+$" if has_midnight else r"( 00:00:00)?\.0+$", moments)


def _times(values: "pa.Array", column: Column | None) -> "pa.Array":
    import pyarrow as pa

    if pattern := _pattern(column):
        known = values.to_pylist()
        texts = [None if it is None else it.strftime(pattern) for it in known]
        return pa.array(texts, pa.string())
    return _without(r"\.0+$", values)


def _pattern(column: Column | None) -> str | None:
    """How a column wants its dates and times; None if as ISO 8601."""
    if column is None or not column.format or column.data_type == "numeric":
        return None
    return strftime_pattern(column.format)


def _without(ending: str, values: "pa.Array") -> "pa.Array":
    import pyarrow as pa
    from pyarrow import compute

    return compute.replace_substring_regex(values.cast(pa.string()), ending, "")


def _number(shown: str | None, column: Column | None) -> str | None:
    """A number as Arrow writes it, which may have an exponent."""
    if shown is None:
        return None
    text = format(Decimal(shown), "f").removesuffix(".0")
    if column is not None and column.data_type == "numeric" and column.format:
        return text.replace(".", column.format[-3])
    return text
