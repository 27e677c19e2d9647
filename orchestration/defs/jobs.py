"""What runs when: the nightly refresh, from the extracts to the published marts."""

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import (
    UnresolvedAssetJobDefinition,
)

from orchestration.errors import UsageError
from orchestration.settings import Settings

NIGHTLY_REFRESH = "nightly_refresh"


def nightly_refresh() -> UnresolvedAssetJobDefinition:
    """One job over everything, since blocking checks hold inside one run only.

    In one process: each further one would import everything again, seconds a step.
    """
    return dg.define_asset_job(
        NIGHTLY_REFRESH,
        selection=dg.AssetSelection.all(),
        description="Take in the extracts, judge them, model them, judge and publish.",
        executor_def=dg.in_process_executor,
    )


def nightly_schedule(
    job: UnresolvedAssetJobDefinition, settings: Settings
) -> dg.ScheduleDefinition:
    """The refresh of every night, hospital time; for all that is new, not one day.

    Dagster's rule for clock changes: a moment that is skipped is made up for by the
    next one that there is, one that comes twice counts once.

    Raises:
        UsageError: the setting's cron line means no time.
    """
    try:
        return dg.ScheduleDefinition(
            name="nightly",
            job=job,
            cron_schedule=settings.schedule,
            execution_timezone=settings.time_zone,
            default_status=dg.DefaultScheduleStatus.RUNNING,
            description="Takes in whatever is new, and publishes it.",
        )
    except dg.DagsterInvalidDefinitionError:
        raise UsageError(
            f"WARDLINE_SCHEDULE is {settings.schedule!r}, which cron does not "
            "understand; 0 2 * * * is two in the morning."
        ) from None
