"""Runs that ended without a word: their process was killed, or its machine went down.

Dagster has no other way to know than that somebody else now holds the refresh lock.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg
from psycopg import Connection

from orchestration import runs
from orchestration.locks import is_refreshing
from orchestration.settings import Settings
from orchestration.warehouse import Role, locate

# How long a run that has begun may take to reach the warehouse, which may be replaying
# its log after a crash; and one whose end is on record, to tell of it and to end.
_PATIENCE = timedelta(minutes=30)

_SENTENCE = (
    "The process of this run ended without reporting, as when it is killed. "
    "What it did not publish, the next refresh does."
)


def fail_lost_runs(
    instance: dg.DagsterInstance, run_id: str, connection: Connection[Any]
) -> None:
    """Mark the runs failed that Dagster believes to be under way.

    Args:
        instance: of the home.
        run_id: the run that holds the refresh lock, so that no other can be. One that
            has recorded its end may still be telling of it.
        connection: of the transformer.
    """
    others = {it.run_id: it for it in _under_way(instance) if it.run_id != run_id}
    last = runs.last_events(connection, list(others))
    for other, run in others.items():
        if last.get(other, ("started",))[0] == "started" or _is_lost(*last[other]):
            instance.report_run_failed(run, message=_SENTENCE)


def free_the_queue(instance: dg.DagsterInstance, settings: Settings) -> int:
    """Mark the runs failed that hold up the queue and cannot end any more.

    Runs wait for each other, so one whose process was killed would stop every night.

    Args:
        instance: of the home.
        settings: of the home, whose record of deaths is up to date.

    Returns:
        How many there were.

    Raises:
        WardlineError: the warehouse cannot be reached.
    """
    under_way = {run.run_id: run for run in _under_way(instance)}
    if not under_way:
        return 0
    with locate(settings).connect(Role.TRANSFORMER) as connection:
        if is_refreshing(connection):
            return 0
        last = runs.last_events(connection, list(under_way))
    lost = [
        run
        for run_id, run in under_way.items()
        if (
            _is_lost(*last[run_id])
            if run_id in last
            else _age(instance, run_id) > _PATIENCE
        )
    ]
    for run in lost:
        instance.report_run_failed(run, message=_SENTENCE)
    return len(lost)


def _is_lost(event: str, happened_at: datetime) -> bool:
    """Whether a run that has recorded this last will not end by itself any more.

    One that has begun is lost once its death is on record; see runs.bury.
    """
    age = datetime.now(UTC) - happened_at
    return event == "died" or (event != "started" and age > _PATIENCE)


def _under_way(instance: dg.DagsterInstance) -> Sequence[dg.DagsterRun]:
    return instance.get_runs(
        # Also of what a person chose in the UI, which is a job without a name.
        filters=dg.RunsFilter(
            statuses=[dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]
        )
    )


def _age(instance: dg.DagsterInstance, run_id: str) -> timedelta:
    record = instance.get_run_record_by_id(run_id)
    began = record.start_time if record else None
    now = datetime.now(UTC)
    return now - datetime.fromtimestamp(began, UTC) if began else timedelta()
