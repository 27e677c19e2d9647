"""Reading the extract contracts from dbt's manifest, and saying what is wrong with one.

What a contract is stands in contract.py; finding and reading files is elsewhere.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, fields
from difflib import get_close_matches
from typing import Any

from orchestration.extracts.contract import (
    DATA_TYPES,
    DELIMITERS,
    ENCODINGS,
    FORMAT_PARTS,
    MODES,
    MOST_COLUMNS,
    NUMBER_FORMATS,
    Column,
    DeletedMarker,
    ExtractContract,
)
from orchestration.extracts.errors import ContractError

_FORMAT_PART = re.compile("|".join(FORMAT_PARTS))
_NAME = re.compile(r"[a-z][a-z0-9_]*")
# landing.<system>__<table> must be a PostgreSQL name of at most 63 bytes.
_LONGEST_NAME = 61
_LONGEST_COLUMN = 56  # staging calls its value _value_<name>
_OPTIONS = {field.name for field in fields(ExtractContract)} - {
    "source_system",
    "table",
    "columns",
}


def load_contracts(manifest: Mapping[str, Any]) -> dict[str, list[ExtractContract]]:
    """Read the contracts of all source tables whose meta has `extract`.

    Args:
        manifest: dbt's manifest.json, parsed.

    Returns:
        The contracts by source system, both in alphabetical order.

    Raises:
        ContractError: a contract is wrong.
    """
    contracts: dict[str, list[ExtractContract]] = {}
    nodes = manifest["sources"].values()
    for node in sorted(nodes, key=lambda node: (node["source_name"], node["name"])):
        own = (node.get("config") or {}).get("meta") or node.get("meta") or {}
        shared = node.get("source_meta") or {}
        if "extract" in own or "extract" in shared:
            # dbt lets a table's `extract` replace the source's whole; here it adds.
            layers = [meta.get("extract") or {} for meta in (shared, own)]
            contract = _read(node, layers)
            contracts.setdefault(contract.source_system, []).append(contract)
    return contracts


def _read(node: Mapping[str, Any], layers: list[Any]) -> ExtractContract:
    subject = f"{node['source_name']}.{node['name']}"
    options: dict[str, Any] = {}
    for layer in layers:
        if not isinstance(layer, Mapping):
            raise ContractError(
                f"The extract contract of {subject}: meta.extract must hold options, "
                f"not {layer!r}."
            )
        options |= layer
    unknown = sorted(set(options) - _OPTIONS)
    if unknown:
        raise ContractError(
            f"The extract contract of {subject}: {unknown[0]!r} is not an option; "
            f"there are {', '.join(sorted(_OPTIONS))}."
        )
    for name in ("key", "null_markers", "activity", "reused_if_changed"):
        if name in options:
            options[name] = _texts(subject, name, options[name])
    if options.get("deleted_marker") is not None:
        options["deleted_marker"] = _deleted_marker(subject, options["deleted_marker"])
    contract = ExtractContract(
        source_system=node["source_name"],
        table=node["name"],
        columns=tuple(_column(subject, it) for it in node["columns"].values()),
        **{"file": f"{node['name']}.csv", **options},
    )
    for fault in _faults(contract, node["schema"]):
        raise ContractError(f"The extract contract of {subject}: {fault}.")
    return contract


def _column(subject: str, node: Mapping[str, Any]) -> Column:
    meta = (node.get("config") or {}).get("meta") or node.get("meta") or {}
    known = {it.name for it in fields(Column)} - {"name", "data_type"}
    # Meta is everybody's, so other names are fine, but not a slip of the pen.
    for name in meta.keys() - known:
        for meant in get_close_matches(name, known, n=1, cutoff=0.8):
            raise ContractError(
                f"The extract contract of {subject}: the column {node['name']} has the "
                f"option {name!r}; is {meant!r} meant?"
            )
    options = {name: value for name, value in meta.items() if name in known}
    if "values" in options:
        where = f"{node['name']}.values"
        options["values"] = _texts(subject, where, options["values"])
    data_type: Any = node.get("data_type") or "text"
    return Column(name=node["name"], data_type=data_type, **options)


def _deleted_marker(subject: str, value: object) -> DeletedMarker:
    if (
        not isinstance(value, Mapping)
        or set(value) != {"column", "values"}
        or not isinstance(value["column"], str)
        or not value["values"]
    ):
        raise ContractError(
            f"The extract contract of {subject}: deleted_marker must hold a column and "
            f"a list of values, not {value!r}."
        )
    where = "deleted_marker.values"
    return DeletedMarker(value["column"], _texts(subject, where, value["values"]))


def _texts(subject: str, option: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(
        isinstance(part, str) for part in value
    ):
        raise ContractError(
            f"The extract contract of {subject}: {option} must be a list of texts, "
            f"not {value!r}."
        )
    return tuple(value)


def _faults(it: ExtractContract, schema: str) -> list[str]:
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
    ):
        undeclared = [name for name in named if name not in names]
        if undeclared:
            faults.append(f"{option} names {undeclared[0]!r}, which is not a column")
    if not isinstance(it.file, str) or not it.file or "/" in it.file or "\\" in it.file:
        faults.append(f"file must be a file's name without folders, not {it.file!r}")
    if it.reused_if_changed and not it.key:
        faults.append("reused_if_changed needs a key that could be used again")
    faults += _option_faults(it)
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
