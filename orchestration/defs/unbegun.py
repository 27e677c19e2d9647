"""Runs that failed before they reached the warehouse, so that they recorded nothing.

As when a model is broken while Dagster is up: each run loads the project anew. How a
run that has begun is recorded stands in recording.py.
"""

from datetime import UTC, datetime, timedelta

import dagster as dg

from orchestration import runs
from orchestration.defs.recording import innermost, started_by
from orchestration.settings import Settings
from orchestration.warehouse import Role, locate

_REMEMBERED = timedelta(days=1)


def record_unbegun(instance: dg.DagsterInstance, settings: Settings) -> int:
    """Record those of the last day, as refreshes that failed.

    Args:
        instance: of the home.
        settings: of the home.

    Returns:
        How many there were that nobody had recorded.

    Raises:
        WardlineError: the warehouse cannot be reached.
    """
    failed = instance.get_run_records(
        dg.RunsFilter(
            statuses=[dg.DagsterRunStatus.FAILURE],
            updated_after=datetime.now(UTC) - _REMEMBERED,
        )
    )
    unbegun = {it.dagster_run.run_id: it for it in failed if it.start_time is None}
    if not unbegun:
        return 0
    with locate(settings).connect(Role.TRANSFORMER) as connection:
        known = runs.last_events(connection, list(unbegun))
        for run_id in unbegun.keys() - known.keys():
            ended = unbegun[run_id].end_time
            runs.record_end(
                connection,
                run_id,
                "failed",
                started_by(unbegun[run_id].dagster_run),
                [f"The run could not begin: {_why(instance, run_id)}"],
                datetime.fromtimestamp(ended, UTC) if ended else None,
            )
    return len(unbegun.keys() - known.keys())


def _why(instance: dg.DagsterInstance, run_id: str) -> str:
    """What Dagster says of it: an error if there was one, else its own words."""
    events = [it.dagster_event for it in instance.all_logs(run_id) if it.dagster_event]
    errors = [getattr(it.event_specific_data, "error", None) for it in events]
    for error in filter(None, errors):
        return innermost(error).message
    words = [it.message for it in events if it.is_run_failure and it.message]
    return next(iter(words), "its process did not start.")
