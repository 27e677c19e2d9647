"""Reading the extract contracts from dbt's manifest, and saying what is wrong with one.

What a contract is stands in contract.py; what can be wrong with it in
contract_faults.py.
"""

from collections.abc import Mapping
from dataclasses import fields
from difflib import get_close_matches
from typing import Any

from orchestration.extracts.contract import Column, DeletedMarker, ExtractContract
from orchestration.extracts.contract_faults import faults_of
from orchestration.extracts.errors import ContractError

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
    if options.get("as_of_query") != layers[0].get("as_of_query"):
        raise ContractError(
            f"The extract contract of {subject}: as_of_query belongs to the source, "
            "since all its tables are read at one moment."
        )
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
    for fault in faults_of(contract, node["schema"]):
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
