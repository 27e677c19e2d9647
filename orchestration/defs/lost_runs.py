"""Runs that ended without a word: their process was killed, or its machine went down.

Dagster has no other way to know than that somebody else now holds the refresh lock.
"""

import dagster as dg

from orchestration.defs.jobs import NIGHTLY_REFRESH

_SENTENCE = (
    "The process of this run ended without reporting, as when it is killed. "
    "What it did not publish, the next refresh does."
)


def fail_lost_runs(instance: dg.DagsterInstance, run_id: str | None) -> None:
    """Mark the runs failed that Dagster believes to be under way.

    Args:
        instance: of the home.
        run_id: the run that holds the refresh lock, so that no other can be.
    """
    under_way = dg.RunsFilter(
        job_name=NIGHTLY_REFRESH,
        statuses=[dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING],
    )
    for run in instance.get_runs(filters=under_way):
        if run.run_id != run_id:
            instance.report_run_failed(run, message=_SENTENCE)
