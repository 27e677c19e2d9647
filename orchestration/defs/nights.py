"""The nights of the calendar as Dagster's partitions, and what a run says of them.

A night is named for the day that its extracts speak for. Runs of the schedule and of
sensors are for no night in particular: they take in whatever is new.
"""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta

import dagster as dg

from orchestration import bookkeeping
from orchestration.settings import Settings
from orchestration.spans import spans_of_days, spans_of_numbers

_PARTITION_TAGS = {"dagster/partition", "dagster/asset_partition_range_start"}
EXTRACT_DATES, BATCHES = "wardline/extract_dates", "wardline/batches"


def nightly_partitions(settings: Settings) -> dg.DailyPartitionsDefinition:
    """A partition for each day from the first night on, today's included.

    An extract may be written, and taken in, before the day that it speaks for is over.
    """
    return dg.DailyPartitionsDefinition(
        start_date=datetime.combine(settings.first_night, time()),
        timezone=settings.time_zone,
        end_offset=1,
    )


def chosen_nights(
    context: dg.AssetExecutionContext, nights: Collection[date]
) -> frozenset[date] | None:
    """The nights that a run is for: those of its partitions, else the given ones.

    Returns:
        None if it is for none in particular.
    """
    if _PARTITION_TAGS & context.run.tags.keys():
        return frozenset(map(date.fromisoformat, context.partition_keys))
    return frozenset(nights) or None


def tag_run(
    context: dg.AssetExecutionContext, batches: Collection[bookkeeping.Batch]
) -> None:
    """Let a run be found by the days and the numbers of the batches it took in."""
    told = {
        EXTRACT_DATES: spans_of_days(it.as_of.date() for it in batches if it.as_of),
        BATCHES: spans_of_numbers(it.batch_id for it in batches),
    }
    said = {name: text for name, text in told.items() if text}
    if said:
        context.instance.add_run_tags(context.run_id, said)


def fresh_for(allowed: timedelta | None) -> dg.FreshnessPolicy | None:
    """Dagster's freshness of an asset that must be made again within a time, if any."""
    return dg.FreshnessPolicy.time_window(allowed) if allowed else None
