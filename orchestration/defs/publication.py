"""The published marts as Dagster assets, merged together in one step."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

import dagster as dg

from expectations import Mart
from orchestration import bookkeeping, changes, dbt_docs, publication
from orchestration.defs.nights import fresh_for
from orchestration.defs.resources import WarehouseResource
from orchestration.defs.transformation import meanings_now
from orchestration.errors import GateFailedError, UsageError
from orchestration.judgement import (
    MART_GATE,
    SourceSystems,
    judge_candidate,
)
from orchestration.publication import CANDIDATE, PUBLISHED
from orchestration.settings import get_settings
from orchestration.thresholds import ThresholdFile
from orchestration.warehouse import Role
from orchestration.withheld import without_values


def published_marts(
    manifest: Mapping[str, Any],
    marts: Sequence[Mart],
    systems: SourceSystems,
    specs: Mapping[dg.AssetKey, dg.AssetSpec],
    thresholds: ThresholdFile,
    within: timedelta | None,
) -> dg.AssetsDefinition:
    """One asset for each published mart.

    Args:
        manifest: dbt's, parsed.
        marts: all of the candidate.
        systems: the project's source systems.
        specs: those of the candidates.
        thresholds: what the hospital lets pass.
        within: how long after a publication the next one must be there, if ever.
    """

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
            owners=candidate.owners,
            freshness_policy=fresh_for(within),
            kinds={"postgres"},
        )

    @dg.multi_asset(
        specs=[published(mart) for mart in marts],
        name="publish",
        backfill_policy=dg.BackfillPolicy.single_run(),
    )
    @without_values
    def publish(
        context: dg.AssetExecutionContext, warehouse: WarehouseResource
    ) -> Iterator[dg.MaterializeResult[None]]:
        def night() -> bookkeeping.Night:
            with warehouse.get().connect(Role.TRANSFORMER) as connection:
                return bookkeeping.night_of(connection, context.run_id)

        # Dagster lets a person run this step alone, without the build and the checks
        # before it.
        if MART_GATE not in night().expectations:
            with warehouse.get().connect(Role.TRANSFORMER) as connection:
                changes.require_whole_build(
                    connection, meanings_now(connection, manifest)
                )
            judge_candidate(
                warehouse.get(),
                marts,
                systems,
                thresholds=thresholds.read_for(warehouse.get(), context.run_id),
                run_id=context.run_id,
                data_docs=get_settings().data_docs,
            )
        judged = night()
        judged.raise_if_stopped(MART_GATE)
        with warehouse.get().connect(Role.TRANSFORMER) as connection:
            if not bookkeeping.has_accepted(connection):
                raise UsageError(
                    "There is nothing to publish: no batch was ever accepted."
                )
            missing = bookkeeping.waiting(connection)
            connection.commit()
            if missing and get_settings().on_reject == "stop":
                raise GateFailedError("\n".join(it.sentence for it in missing))
            merges = publication.publish(
                connection,
                marts,
                run_id=context.run_id,
                gate_warnings=judged.gate_warnings,
                is_complete=not missing,
                keep=get_settings().keep_publications,
                confirm=warehouse.confirm,
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
        try:
            with warehouse.get().connect(Role.TRANSFORMER) as connection:
                dbt_docs.keep_current(get_settings(), connection)
        # Whatever it is, the marts are published.
        except Exception as fault:
            context.log.warning(
                f"dbt's pages of the models are as before ({type(fault).__name__}). "
                "The next refresh tries again."
            )

    return publish
