"""What can be wrong with an extract contract, each fault in words.

Decided from the contract alone; manifest.py reads it and raises.
"""

import re
from dataclasses import asdict

from orchestration.extracts.contract import (
    DATA_TYPES,
    DELIMITERS,
    ENCODINGS,
    FORMAT_PARTS,
    MODES,
    MOST_COLUMNS,
    NUMBER_FORMATS,
    Column,
    ExtractContract,
)

_FORMAT_PART = re.compile("|".join(FORMAT_PARTS))
_NAME = re.compile(r"[a-z][a-z0-9_]*")
# landing.<system>__<table> must be a PostgreSQL name of at most 63 bytes.
_LONGEST_NAME = 61
_LONGEST_COLUMN = 56  # staging calls its value _value_<name>


def faults_of(it: ExtractContract, schema: str) -> list[str]:
    """All that is wrong with a contract; empty if it is sound."""
    names = it.column_names
    faults = [
        f"{name!r} must be a lower-case name of letters, digits and underscores"
        for name in (it.source_system, it.table, *names)
        if not _NAME.fullmatch(name)
    ]
    if len(it.landing_table) > _LONGEST_NAME:
        faults.append(f"the names of source and table exceed {_LONGEST_NAME} letters")
    if schema != it.raw_schema:
        faults.append(f"its schema must be {it.raw_schema}, not {schema}")
    faults += [
        f"the name {name} exceeds {_LONGEST_COLUMN} letters"
        for name in names
        if len(name) > _LONGEST_COLUMN
    ]
    if len(names) > MOST_COLUMNS:
        faults.append(f"it declares more than {MOST_COLUMNS} columns")
    if not names:
        faults.append("it declares no columns")
    marker = it.deleted_marker
    for option, named in (
        ("key", it.key),
        ("activity", it.activity),
        ("reused_if_changed", it.reused_if_changed),
        ("deleted_marker", (marker.column,) if marker else ()),
        ("watermark", (it.watermark,) if it.watermark else ()),
    ):
        undeclared = [name for name in named if name not in names]
        if undeclared:
            faults.append(f"{option} names {undeclared[0]!r}, which is not a column")
    if not isinstance(it.file, str) or not it.file or "/" in it.file or "\\" in it.file:
        faults.append(f"file must be a file's name without folders, not {it.file!r}")
    if it.done is not None and (
        not isinstance(it.done, str)
        or it.done in ("", "{file}")
        or set(it.done) & {*"/\\"}
    ):
        faults.append(
            "done must be a file's name without folders, as _SUCCESS or {file}.done, "
            f"not {it.done!r}"
        )
    if it.reused_if_changed and not it.key:
        faults.append("reused_if_changed needs a key that could be used again")
    faults += _option_faults(it)
    faults += _database_faults(it)
    for column in it.columns:
        faults += _column_faults(it, column)
    return faults


def _option_faults(it: ExtractContract) -> list[str]:
    faults = []
    for option, known in (
        ("mode", MODES),
        ("delimiter", DELIMITERS),
        ("encoding", tuple(ENCODINGS)),
    ):
        value = getattr(it, option)
        if value not in known:
            listed = ", ".join(map(repr, known))
            faults.append(f"{option} {value!r} is not one of {listed}")
    for option in ("history", "is_optional"):
        if not isinstance(getattr(it, option), bool):
            faults.append(f"{option} must be true or false")
    for option in ("max_malformed_pct", "min_rows_pct_of_last"):
        value = getattr(it, option)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if value is not None and (not is_number or not 0 <= value <= 100):  # noqa: PLR2004 (percent)
            faults.append(f"{option} must be a number from 0 to 100, not {value!r}")
    return faults


def _database_faults(it: ExtractContract) -> list[str]:
    faults = [
        f"{option} must be a text"
        for option in ("database_table", "query", "watermark", "as_of_query")
        if not isinstance(getattr(it, option), str)
    ]
    if faults:
        return faults
    if it.database_table and it.query:
        faults.append("database_table and query are both given; keep one")
    if not all(it.database_table.split(".")) and it.database_table:
        faults.append(f"database_table {it.database_table!r} is not like schema.table")
    for option in ("query", "as_of_query"):
        if ";" in getattr(it, option):
            faults.append(f"{option} must be one select, without a semicolon")
    hours = it.watermark_overlap_hours
    if type(hours) not in (int, float) or hours < 0:
        faults.append(f"watermark_overlap_hours must be hours from 0 on, not {hours!r}")
    if it.watermark:
        kinds = {column.name: column.data_type for column in it.columns}
        if it.mode != "delta":
            faults.append("watermark needs the mode delta")
        if not it.as_of_query:
            faults.append(
                "watermark needs the source's as_of_query, since a part of the rows "
                "cannot tell the moment of the read"
            )
        if kinds.get(it.watermark, "timestamp") not in ("date", "timestamp"):
            faults.append("watermark must name a date or a timestamp")
    return faults


def _column_faults(it: ExtractContract, column: Column) -> list[str]:
    faults = []
    if column.data_type not in DATA_TYPES:
        faults.append(
            f"the data_type {column.data_type!r} of {column.name} is not one of "
            + ", ".join(DATA_TYPES)
        )
    if column.format is not None and not isinstance(column.format, str):
        faults.append(f"the format of {column.name} must be a text")
    elif column.data_type == "numeric":
        if column.format not in (None, *NUMBER_FORMATS):
            faults.append(
                f"the format {column.format!r} of {column.name} is not one of "
                + ", ".join(NUMBER_FORMATS)
            )
    elif column.format and re.search("[A-Za-z]", _FORMAT_PART.sub("", column.format)):
        faults.append(
            f"the format {column.format!r} of {column.name} has more than the parts "
            + ", ".join(FORMAT_PARTS)
        )
    for option in ("length", "max_bytes"):
        value = getattr(column, option)
        if value is not None and (type(value) is not int or value < 1):
            faults.append(f"{option} of {column.name} must be a whole number above 0")
    for option, value in asdict(column).items():
        if option.startswith("is_") and not isinstance(value, bool):
            faults.append(f"{option} of {column.name} must be true or false")
    if column.is_optional and column.name in it.key:
        faults.append(f"{column.name} is part of the key and cannot be optional")
    return faults
