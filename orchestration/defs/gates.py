"""The mart gate as blocking Dagster asset checks, one on each candidate mart.

The extract gate's checks belong to the raw tables, in ingestion.py.
"""

from collections.abc import Iterator, Sequence

import dagster as dg

from expectations import Mart, Verdict
from orchestration import accounting
from orchestration.dbt import staging_model
from orchestration.defs.resources import WarehouseResource
from orchestration.judgement import SourceSystems, judge_candidate
from orchestration.publication import CANDIDATE
from orchestration.settings import get_settings
from orchestration.thresholds import ThresholdFile
from orchestration.warehouse import Role
from orchestration.withheld import without_values

MART_GATE = "mart_gate"


def mart_gate(
    marts: Sequence[Mart], systems: SourceSystems, thresholds: ThresholdFile
) -> dg.AssetChecksDefinition:
    """One step that judges the whole candidate, since its identities span marts."""
    checks = [
        dg.AssetCheckSpec(
            MART_GATE,
            asset=dg.AssetKey([CANDIDATE, mart.name]),
            blocking=True,
            description="Grain, ranges and identities hold; totals are within reason.",
        )
        for mart in marts
    ]

    @dg.multi_asset_check(specs=checks, name=MART_GATE)
    @without_values
    def judge(
        context: dg.AssetCheckExecutionContext, warehouse: WarehouseResource
    ) -> Iterator[dg.AssetCheckResult]:
        verdicts = judge_candidate(
            warehouse.get(),
            marts,
            systems,
            thresholds=thresholds.read_for(warehouse.get(), context.run.run_id),
            run_id=context.run.run_id,
            data_docs=get_settings().data_docs,
        )
        with warehouse.get().connect(Role.TRANSFORMER) as connection:
            for account in accounting.of_run(connection, context.run.run_id):
                context.op_execution_context.log_event(_accounted(account))
        subjects = {mart.name for mart in marts}
        for mart in marts:
            # What concerns no mart in particular, such as the quarantine, is shown on
            # the publication: it concerns all of them.
            own = [
                verdict
                for verdict in verdicts
                if verdict.subject == mart.name
                or (mart.name == "publication" and verdict.subject not in subjects)
            ]
            yield check_result(dg.AssetKey([CANDIDATE, mart.name]), MART_GATE, own)

    return judge


def check_result(
    asset: dg.AssetKey, check: str, verdicts: Sequence[Verdict], *, stops: bool = True
) -> dg.AssetCheckResult:
    """One asset's verdicts as a check: failed with ERROR only where they stop the run.

    Args:
        asset: what was judged.
        check: the name of its check.
        verdicts: of this asset.
        stops: False where critical verdicts are only reported.
    """
    failed = [verdict for verdict in verdicts if not verdict.success]
    is_stopped = stops and any(verdict.stops for verdict in failed)
    return dg.AssetCheckResult(
        asset_key=asset,
        check_name=check,
        passed=not failed,
        severity=(
            dg.AssetCheckSeverity.ERROR if is_stopped else dg.AssetCheckSeverity.WARN
        ),
        description=" ".join(dict.fromkeys(it.sentence for it in failed)) or None,
        metadata={
            "expectations": len(verdicts),
            "failed": dg.MetadataValue.json(
                [
                    {
                        "expectation": verdict.expectation,
                        "severity": verdict.severity,
                        "observed": verdict.observed,
                    }
                    for verdict in failed
                ]
            ),
        },
    )


def _accounted(account: accounting.Account) -> dg.AssetObservation:
    """Where a source table's current rows are, as its staging model's history."""
    return dg.AssetObservation(
        ["staging", staging_model(account.source_system, account.table_name)],
        metadata={
            "rows_current": account.raw_keys,
            "rows_staged": account.staged_rows,
            "rows_quarantined": account.quarantined_rows,
            "adds_up": account.holds,
        },
    )
