"""Dagster's sensor that tells what no run could: late extracts, and killed runs."""

import dagster as dg

from orchestration.alerts import outbox
from orchestration.defs.lost_runs import free_the_queue
from orchestration.settings import get_settings
from orchestration.withheld import sentence

_EVERY_SECONDS = 300


def alerts_sensor() -> dg.SensorDefinition:
    """Every five minutes; on by default, since it starts no run."""

    @dg.sensor(
        name="alerts",
        minimum_interval_seconds=_EVERY_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Late extracts, killed runs, and what a channel did not take.",
    )
    def alerts(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        settings = get_settings()
        try:
            made = outbox.tell(settings)
            free_the_queue(context.instance, settings)
        except Exception as fault:
            outbox.tell_from_file(settings)
            return dg.SkipReason(sentence(fault))
        told = sum(it.is_delivered for it in made)
        return dg.SkipReason(f"{told} told, {len(made) - told} not taken.")

    return alerts
