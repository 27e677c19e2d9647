"""The columns that a database gives, and whether they can be what a contract says.

A type in a database only tells what its values look like; whether each can be read is
decided row by row in staging, as for files.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from orchestration.extracts.contract import Column, DataType, ExtractContract
from orchestration.extracts.errors import ExtractRefusedError

Family = Literal[
    "integer", "number", "boolean", "date", "moment", "time", "text", "binary"
]

# What may stand for a type; text may for each, for many a HIS has nothing else.
_FITTING: dict[DataType, tuple[Family, ...]] = {
    "integer": ("integer", "number"),
    "bigint": ("integer", "number"),
    "numeric": ("integer", "number"),
    "date": ("date", "moment"),
    "timestamp": ("date", "moment"),
    "time": ("time",),
    "boolean": ("boolean", "integer", "number"),
}


@dataclass(frozen=True)
class SourceColumn:
    """One column that a database gives, and how to ask for it as text."""

    name: str
    type_name: str
    """As people call it."""
    family: Family | None
    """None: not known, so anything goes."""
    expression: str
    """The SQL that gives the column's value as it is to be landed."""


def remarks_on(
    columns: Sequence[SourceColumn], contract: ExtractContract, place: str
) -> tuple[str, ...]:
    """Hold a database's columns to a contract's types.

    Returns:
        A sentence per column of text that the contract says is something else.

    Raises:
        ExtractRefusedError: a column is of a type that the contract's cannot be read
            from; names each, what was expected and what was found.
    """
    declared = {column.name: column for column in contract.columns}
    odd, remarks = [], []
    for found in columns:
        column = declared.get(found.name.lower())
        if column is None or found.family is None or _fits(column, found.family):
            continue
        expected = f"{column.data_type} in {column.name}"
        if found.family == "text":
            remarks.append(
                f"{place}: expected {expected}, found {found.type_name}; values that "
                "cannot be read as one go to quarantine."
            )
        else:
            odd.append(f"{expected}, found {found.type_name}")
    if odd:
        raise ExtractRefusedError(
            f"{place}: expected {'; '.join(odd)}. If the source changed the type, let "
            "its query give what it was, or change data_type in the contract."
        )
    return tuple(remarks)


def _fits(column: Column, family: Family) -> bool:
    if column.data_type == "text":
        return True
    if family == "text":  # with a format, or as a yes and no, texts are what is meant
        return column.format is not None or column.data_type == "boolean"
    if family == "integer" and column.format is not None:
        return True  # a day as 20260331
    return family in _FITTING[column.data_type]
