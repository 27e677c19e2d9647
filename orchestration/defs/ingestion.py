"""Extract files and raw tables as Dagster assets, with the extract gate on each table.

One step takes in one source system. What it does stands in orchestration/ingestion.py,
what is said of it in orchestration/defs/taken_in.py.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import dagster as dg

from orchestration import bookkeeping, dbt
from orchestration.alerts.deadlines import Deadline
from orchestration.clock import hospital_now
from orchestration.defs import taken_in
from orchestration.defs.gates import check_result
from orchestration.defs.nights import chosen_nights, fresh_for, tag_run
from orchestration.defs.resources import DropFolder, WarehouseResource
from orchestration.extracts.contract import ExtractContract
from orchestration.extracts.database.source import SourceDatabase
from orchestration.extracts.raw_tables import rows_in_raw
from orchestration.ingestion import Choice, ingest
from orchestration.settings import get_settings
from orchestration.source_databases import source_databases
from orchestration.spark.landing import reader_of
from orchestration.thresholds import ThresholdFile
from orchestration.warehouse import Role
from orchestration.withheld import without_values

EXTRACT_GATE = "extract_gate"
OWNER = "team:data-engineering"


def extract_files(
    contracts: Mapping[str, Sequence[ExtractContract]],
    databases: Mapping[str, SourceDatabase],
    specs: Mapping[dg.AssetKey, dg.AssetSpec],
) -> list[dg.AssetSpec]:
    """The files in the drop folder, or tables: where the lineage begins.

    Args:
        contracts: of all source systems.
        databases: of those that are read from their own.
        specs: describe the tables, as dbt's sources do.
    """

    def described(contract: ExtractContract) -> tuple[str, str]:
        if database := databases.get(contract.source_system):
            return f"`{database.place(contract)}`.", database.product
        return f"`{contract.file}`, as {contract.source_system} exports it.", "file"

    return [
        dg.AssetSpec(
            key=taken_in.extract_key(contract),
            group_name=f"extracts_{system}",
            description=described(contract)[0],
            metadata={
                "dagster/column_schema": _columns(
                    contract, specs.get(_raw_key(contract))
                )
            },
            owners=[OWNER],
            kinds={described(contract)[1]},
        )
        for system, tables in contracts.items()
        for contract in tables
    ]


def raw_tables(
    system: str,
    contracts: Sequence[ExtractContract],
    specs: Mapping[dg.AssetKey, dg.AssetSpec],
    thresholds: ThresholdFile,
    nights: dg.DailyPartitionsDefinition,
    deadlines: Sequence[Deadline],
) -> dg.AssetsDefinition:
    """One system's raw tables, night by night.

    Args:
        system: the source system.
        contracts: of all its tables.
        specs: describe them, as dbt's sources do.
        thresholds: what the hospital lets pass.
        nights: the partitions of their assets.
        deadlines: until when the extracts of tables must have come.
    """
    keys = {contract.table: _raw_key(contract) for contract in contracts}
    allowed = {it.table: it.allowed for it in deadlines if it.source_system == system}

    def raw(contract: ExtractContract) -> dg.AssetSpec:
        source = specs.get(keys[contract.table])
        return dg.AssetSpec(
            key=keys[contract.table],
            deps=[taken_in.extract_key(contract)],
            group_name=contract.raw_schema,
            description=source.description if source else None,
            metadata={
                name: value
                for name, value in (source.metadata if source else {}).items()
                if name == "dagster/column_schema"
            },
            owners=[OWNER],
            partitions_def=nights,
            freshness_policy=fresh_for(allowed.get(contract.table)),
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
        # A year of nights is taken in by one run, and so modelled and judged once.
        backfill_policy=dg.BackfillPolicy.single_run(),
    )
    @without_values
    def take_in(
        context: dg.AssetExecutionContext,
        warehouse: WarehouseResource,
        drop_folder: DropFolder,
    ) -> Iterator[Any]:
        settings = get_settings()
        databases = source_databases(settings, dbt.source_systems(settings))
        chosen = [t for t, key in keys.items() if key in context.selected_asset_keys]
        origin = databases.get(system) or drop_folder.receive(contracts)
        with reader_of(settings) as reader:
            outcomes = ingest(
                warehouse.get(),
                contracts,
                origin,
                run_id=context.run_id,
                now=hospital_now(settings),
                thresholds=thresholds.read_for(warehouse.get(), context.run_id),
                choice=Choice(
                    as_of=drop_folder.flat_day(),
                    tables=chosen,
                    nights=chosen_nights(context, drop_folder.days()),
                ),
                data_docs=settings.data_docs,
                reader=reader,
            )
        with warehouse.get().connect(Role.LOADER) as connection:
            tag_run(context, bookkeeping.batches_of(connection, context.run_id))
            rows = rows_in_raw(connection, system)
        for event in taken_in.nights_events(outcomes, nights):
            context.log_event(event)
        stops = settings.on_reject == "stop"
        for outcome in outcomes:
            table = outcome.contract.table
            # A rejected batch leaves its raw table as it was, unless the hospital
            # publishes without it: then the models must go on.
            if not (outcome.is_rejected and stops):
                yield dg.MaterializeResult(
                    asset_key=keys[table],
                    metadata=taken_in.metadata(outcome, rows.get(table, 0)),
                )
            check = dg.AssetCheckKey(keys[table], EXTRACT_GATE)
            if check in context.selected_asset_check_keys:
                yield check_result(
                    keys[table], EXTRACT_GATE, outcome.verdicts, stops=stops
                )

    return take_in


def _raw_key(contract: ExtractContract) -> dg.AssetKey:
    return dg.AssetKey([contract.raw_schema, contract.table])


def _columns(contract: ExtractContract, spec: dg.AssetSpec | None) -> dg.TableSchema:
    """The columns that an extract must have, in the words of its dbt source."""
    schema = spec.metadata.get("dagster/column_schema") if spec else None
    said = {it.name: it.description for it in schema.columns} if schema else {}
    return dg.TableSchema(
        [
            dg.TableColumn(
                column.name,
                column.data_type,
                said.get(column.name),
                dg.TableColumnConstraints(nullable=not column.is_required),
            )
            for column in contract.columns
        ]
    )
