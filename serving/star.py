"""The marts as a star: which column of which mart leads to which dimension.

Derived from the contracts, for BI tools that want relationships spelt out; no database
is asked. docs/bi.md lists them, and tests hold them in the data.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from serving.contracts import MartContract

DATES, MONTHS = "dim_date.date_day", "dim_date.month_start"


@dataclass(frozen=True, order=True)
class Relationship:
    """Many rows of a mart to one row where both columns, `mart.column`, are equal."""

    many: str
    one: str


def relationships(contracts: Mapping[str, MartContract]) -> list[Relationship]:
    """The arms of the star, from facts and aggregates to dimensions.

    From one dimension to another there is none: each mart carries the keys of all its
    dimensions itself, and a second way round would be ambiguous. What `one` names is
    unique in its dimension, with these exceptions: of dim_doctor the rows that are
    current, and for months the distinct months of dim_date.

    Args:
        contracts: of all published marts.
    """
    keys = {
        contract.grain[0]: f"{name}.{contract.grain[0]}"
        for name, contract in contracts.items()
        if name.startswith("dim_") and name != "dim_date"
    }
    found = []
    for mart, contract in contracts.items():
        if mart.startswith("dim_"):
            continue
        for column in contract.columns:
            one = keys.get(column.name)
            if column.data_type == "date":
                one = MONTHS if column.name == "month_start" else DATES
            if one:
                found.append(Relationship(f"{mart}.{column.name}", one))
    return sorted(found)
