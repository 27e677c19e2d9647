"""Dagster's sensor that tells what no run could.

Late extracts, runs that were killed or never began, a project that cannot be loaded.
"""

from uuid import uuid4

import dagster as dg

from orchestration.alerts import outbox
from orchestration.decisions import os_user
from orchestration.defs.lost_runs import free_the_queue
from orchestration.defs.unbegun import record_unbegun
from orchestration.errors import WardlineError
from orchestration.settings import get_settings
from orchestration.withheld import sentence

_EVERY_SECONDS = 300
_UNLOADED = (
    "Dagster cannot load Wardline, so no refresh runs: {} Mend it, and start the code "
    "location again."
)


def alerts_sensor(fault: str | None = None) -> dg.SensorDefinition:
    """Every five minutes; on by default, since it starts no run.

    Args:
        fault: why nothing else could be loaded, if so. It is told once, as a refresh
            that failed, and every look fails with it, for whoever sees the UI.
    """
    unloaded = _UNLOADED.format(fault) if fault else None
    untold = [unloaded] if unloaded else []

    @dg.sensor(
        name="alerts",
        minimum_interval_seconds=_EVERY_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=unloaded
        or "Late extracts, runs that were killed or never began, untold alerts.",
    )
    def alerts(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        settings = get_settings()
        while untold:
            outbox.tell_failure(
                settings, str(uuid4()), f"{os_user()}, Dagster", [untold.pop()]
            )
        try:
            record_unbegun(context.instance, settings)
            made = outbox.tell(settings)
            free_the_queue(context.instance, settings)
        except Exception as untellable:
            outbox.tell_from_file(settings)
            said = sentence(untellable)
        else:
            told = sum(it.is_delivered for it in made)
            said = f"{told} told, {len(made) - told} not taken."
        if unloaded:
            raise WardlineError(unloaded)
        return dg.SkipReason(said)

    return alerts
