"""Extract files and raw tables as Dagster assets, with the extract gate on each table.

One step takes in one source system. What it does stands in orchestration/ingestion.py.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import dagster as dg

from orchestration.defs.gates import check_result
from orchestration.defs.resources import DropFolder, WarehouseResource
from orchestration.extracts.contract import ExtractContract
from orchestration.ingestion import Outcome, ingest
from orchestration.settings import get_settings
from orchestration.thresholds import ThresholdFile
from orchestration.withheld import without_values

EXTRACT_GATE = "extract_gate"


def extract_files(
    contracts: Mapping[str, Sequence[ExtractContract]],
) -> list[dg.AssetSpec]:
    """The files in the drop folder: where the lineage begins; nothing makes them."""
    return [
        dg.AssetSpec(
            key=["extracts", system, contract.table],
            group_name=f"extracts_{system}",
            description=f"`{contract.file}`, as {system} exports it.",
            kinds={"file"},
        )
        for system, tables in contracts.items()
        for contract in tables
    ]


def raw_tables(
    system: str,
    contracts: Sequence[ExtractContract],
    specs: Mapping[dg.AssetKey, dg.AssetSpec],
    thresholds: ThresholdFile,
) -> dg.AssetsDefinition:
    """One system's raw tables; `specs` describe them, as dbt's sources do."""
    keys = {
        contract.table: dg.AssetKey([contract.raw_schema, contract.table])
        for contract in contracts
    }

    def raw(contract: ExtractContract) -> dg.AssetSpec:
        source = specs.get(keys[contract.table])
        return dg.AssetSpec(
            key=keys[contract.table],
            deps=[["extracts", system, contract.table]],
            group_name=contract.raw_schema,
            description=source.description if source else None,
            metadata={
                name: value
                for name, value in (source.metadata if source else {}).items()
                if name == "dagster/column_schema"
            },
            skippable=True,
            kinds={"postgres"},
        )

    @dg.multi_asset(
        name=f"raw_{system}",
        specs=[raw(contract) for contract in contracts],
        check_specs=[
            dg.AssetCheckSpec(
                EXTRACT_GATE,
                asset=key,
                blocking=True,
                description="The batch is whole, keyed and of a plausible size.",
            )
            for key in keys.values()
        ],
        can_subset=True,
    )
    @without_values
    def take_in(
        context: dg.AssetExecutionContext,
        warehouse: WarehouseResource,
        drop_folder: DropFolder,
    ) -> Iterator[Any]:
        settings = get_settings()
        chosen = [t for t, key in keys.items() if key in context.selected_asset_keys]
        outcomes = ingest(
            warehouse.get(),
            contracts,
            drop_folder.folder(),
            run_id=context.run_id,
            thresholds=thresholds.read(),
            as_of=drop_folder.date(),
            tables=chosen,
            data_docs=settings.data_docs,
        )
        stops = settings.on_reject == "stop"
        for outcome in outcomes:
            key = keys[outcome.contract.table]
            # A rejected batch leaves its raw table as it was, unless the hospital
            # publishes without it: then the models must go on.
            if not (outcome.is_rejected and stops):
                yield dg.MaterializeResult(asset_key=key, metadata=_metadata(outcome))
            check = dg.AssetCheckKey(key, EXTRACT_GATE)
            if check in context.selected_asset_check_keys:
                yield check_result(key, EXTRACT_GATE, outcome.verdicts, stops=stops)

    return take_in


def _metadata(outcome: Outcome) -> dict[str, Any]:
    counts = ("received", "appended", "unchanged", "malformed", "deleted", "restated")
    latest = outcome.batches[-1] if outcome.batches else None
    return {f"rows_{it}": outcome.total(f"rows_{it}") for it in counts} | {
        "batches": [batch.batch_id for batch in outcome.batches],
        "as_of": str(latest.as_of) if latest else "no extract found",
    }
