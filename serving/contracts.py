"""The published marts as dbt's contracts describe them: the source of API and pages.

Only reading the manifest; no database is asked.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

PUBLISHED_SCHEMA = "candidate"  # dbt builds there what publication then publishes
_TYPES: Mapping[str, type] = {
    "text": str,
    "boolean": bool,
    "smallint": int,
    "integer": int,
    "bigint": int,
    "numeric": Decimal,
    "date": date,
    "timestamp": datetime,
    "timestamp with time zone": datetime,
    "timestamp without time zone": datetime,
    "timestamptz": datetime,
}


@dataclass(frozen=True)
class Column:
    """One column of a mart."""

    name: str
    data_type: str
    description: str
    is_required: bool
    unit: str | None = None
    is_additive_over_time: bool | None = None
    """Whether a measure may be summed over time; None: it is no measure."""

    @property
    def python_type(self) -> type:
        """The type of its values, such as `Decimal` for any numeric."""
        return _TYPES[self.data_type.split("(")[0].strip()]

    @property
    def is_local_time(self) -> bool:
        """Whether its values are moments of a place's clock, without an offset."""
        has_offset = self.data_type in ("timestamp with time zone", "timestamptz")
        return self.python_type is datetime and not has_offset


@dataclass(frozen=True)
class MartContract:
    """One published mart: its grain and its columns, in their order."""

    name: str
    description: str
    grain: tuple[str, ...]
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column:
        """The column of that name.

        Raises:
            KeyError: there is none.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all columns."""
        return tuple(column.name for column in self.columns)


def mart_contracts(manifest: Mapping[str, Any]) -> dict[str, MartContract]:
    """Every mart of the project by its name, in the order of names.

    Args:
        manifest: dbt's, of the project whose marts are published.
    """
    nodes = [
        node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["schema"] == PUBLISHED_SCHEMA
    ]
    return {
        node["name"]: MartContract(
            name=node["name"],
            description=" ".join(node["description"].split()),
            grain=_listed(node["config"]["unique_key"]),
            columns=tuple(_column(it) for it in node["columns"].values()),
        )
        for node in sorted(nodes, key=lambda node: str(node["name"]))
    }


def _column(node: Mapping[str, Any]) -> Column:
    measure = (node.get("config") or {}).get("meta", {}).get("measure", {})
    return Column(
        name=node["name"],
        data_type=node["data_type"].lower(),
        description=" ".join(node["description"].split()),
        is_required=any(it["type"] == "not_null" for it in node["constraints"]),
        unit=measure.get("unit"),
        is_additive_over_time=measure.get("additive_over_time"),
    )


def _listed(key: str | list[str]) -> tuple[str, ...]:
    return (key,) if isinstance(key, str) else tuple(key)
