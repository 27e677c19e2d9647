"""What Dagster keeps of each batch that was taken in: events and their metadata.

Counts and names, never a patient's value. Nothing is taken in here.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import dagster as dg

from orchestration.extracts.contract import ExtractContract
from orchestration.extracts.ledger import BatchResult
from orchestration.ingestion import Outcome

_COUNTS = ("received", "appended", "unchanged", "malformed", "deleted", "restated")


def extract_key(contract: ExtractContract) -> dg.AssetKey:
    """The asset of a table's extract."""
    return dg.AssetKey(["extracts", contract.source_system, contract.table])


def nights_events(
    outcomes: Iterable[Outcome], nights: dg.DailyPartitionsDefinition
) -> Iterator[dg.AssetObservation | dg.AssetMaterialization]:
    """What each new batch did to its night: the file that was seen, the rows kept.

    A batch of a day that is no partition, as one before the first night, has none.
    """
    known = set(nights.get_partition_keys())
    for outcome in outcomes:
        contract = outcome.contract
        for batch in outcome.batches:
            night = f"{batch.as_of:%Y-%m-%d}" if batch.as_of else ""
            if batch.status == "known" or night not in known:
                continue
            yield dg.AssetObservation(
                extract_key(contract),
                metadata={
                    "dagster/row_count": batch.rows_received,
                    "night": night,
                    "file": batch.file_name or "",
                    "batch": batch.batch_id,
                    "status": batch.status,
                },
            )
            if batch.status == "accepted":
                yield dg.AssetMaterialization(
                    [contract.raw_schema, contract.table],
                    partition=night,
                    metadata=_counts(batch),
                )


def metadata(outcome: Outcome, rows: int) -> dict[str, Any]:
    """What a run did to a raw table.

    Args:
        outcome: of its batches.
        rows: how many the table has now, all versions counted.
    """
    latest = outcome.batches[-1] if outcome.batches else None
    return {f"rows_{it}": outcome.total(f"rows_{it}") for it in _COUNTS} | {
        "dagster/row_count": rows,
        "batches": [batch.batch_id for batch in outcome.batches],
        "as_of": str(latest.as_of) if latest else "no extract found",
    }


def _counts(batch: BatchResult) -> dict[str, Any]:
    return {f"rows_{it}": getattr(batch, f"rows_{it}") for it in _COUNTS} | {
        "dagster/partition_row_count": batch.rows_received,
        "batches": [batch.batch_id],
        "as_of": str(batch.as_of),
    }
