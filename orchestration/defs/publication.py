"""The published marts as Dagster assets, merged together in one step."""

from collections.abc import Iterator, Mapping, Sequence

import dagster as dg

from expectations import Mart
from orchestration import bookkeeping, publication
from orchestration.defs.resources import WarehouseResource
from orchestration.publication import CANDIDATE, PUBLISHED
from orchestration.warehouse import Role


def published_marts(
    marts: Sequence[Mart], specs: Mapping[dg.AssetKey, dg.AssetSpec]
) -> dg.AssetsDefinition:
    """One asset for each published mart; `specs` are those of the candidates."""

    def published(mart: Mart) -> dg.AssetSpec:
        candidate = specs[dg.AssetKey([CANDIDATE, mart.name])]
        return dg.AssetSpec(
            key=[PUBLISHED, mart.name],
            deps=[candidate.key],
            description=candidate.description,
            group_name=PUBLISHED,
            metadata={
                name: value
                for name, value in candidate.metadata.items()
                if name == "dagster/column_schema"
            },
            kinds={"postgres"},
        )

    @dg.multi_asset(specs=[published(mart) for mart in marts], name="publish")
    def publish(
        context: dg.AssetExecutionContext, warehouse: WarehouseResource
    ) -> Iterator[dg.MaterializeResult[None]]:
        with warehouse.get().connect(Role.TRANSFORMER) as connection:
            night = bookkeeping.night_of(connection, context.run_id)
            connection.commit()
            merges = publication.publish(
                connection,
                marts,
                run_id=context.run_id,
                gate_warnings=night.gate_warnings,
                is_complete=not night.rejected_batches,
            )
        for merge in merges:
            yield dg.MaterializeResult(
                asset_key=[PUBLISHED, merge.mart],
                metadata={
                    "dagster/row_count": merge.rows,
                    "rows_updated": merge.updated,
                    "rows_inserted": merge.inserted,
                    "rows_deleted": merge.deleted,
                },
            )

    return publish
