"""The beginning and the end of each Dagster run, recorded however it was started.

How it ended is read from its events; what is recorded stands in orchestration/runs.py.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import dagster as dg
from dagster_shared.error import SerializableErrorInfo

from orchestration import runs
from orchestration.alerts import outbox, spool
from orchestration.decisions import os_user
from orchestration.defs.lost_runs import fail_lost_runs
from orchestration.errors import GateFailedError
from orchestration.publication import PUBLISHED
from orchestration.settings import Settings
from orchestration.warehouse import Role, Warehouse
from orchestration.withheld import values_withheld

STARTED_BY = "wardline/started_by"
"""The run tag of the command line; schedules and sensors have Dagster's own."""

_BY_ITSELF = {"dagster/schedule_name": "schedule", "dagster/sensor_name": "sensor"}
_OURS = "orchestration."


@contextmanager
def recorded(
    run: dg.DagsterRun,
    instance: dg.DagsterInstance,
    settings: Settings,
    warehouse: Warehouse,
) -> Iterator[None]:
    """Record a run's start and its end; it holds the refresh lock all the while."""
    who = started_by(run)
    with values_withheld(), warehouse.connect(Role.TRANSFORMER) as connection:
        # What failed while the warehouse was away is on file, and comes to its record.
        on_file = spool.read(settings.home)
        dead = [
            it
            for it in runs.open_runs(connection)
            if on_file is None or it.run_id != on_file.run.run_id
        ]
        has_died = runs.bury(connection, dead)
        connection.commit()  # for a moment of its own, before the start
        fail_lost_runs(instance, run.run_id, connection)
        runs.record_start(connection, run.run_id, who)
    if has_died:
        outbox.tell_quietly(settings)
    try:
        yield
    finally:
        entries = instance.all_logs(
            run.run_id, of_type=dg.DagsterEventType.STEP_FAILURE
        )
        failed = [it.dagster_event for it in entries if it.dagster_event]
        faults, held_back = causes(failed)
        try:
            with warehouse.connect(Role.TRANSFORMER) as connection:
                ended = outcome(
                    has_published=runs.has_published(connection, run.run_id),
                    was_to_publish=was_to_publish(run),
                    has_failed=bool(failed),
                    faults=faults,
                )
                runs.record_end(connection, run.run_id, ended, who, faults + held_back)
        except Exception:
            outbox.tell_failure(
                settings, run.run_id, who, faults or ["The warehouse was lost."]
            )


def record_refused(run: dg.DagsterRun, warehouse: Warehouse, sentence: str) -> None:
    """Record a night that met another refresh, so that it is told and tried again.

    A person who is refused sees it.
    """
    if any(tag in run.tags for tag in _BY_ITSELF):
        with warehouse.connect(Role.TRANSFORMER) as connection:
            runs.record_end(
                connection, run.run_id, "failed", started_by(run), [sentence]
            )


def causes(
    events: Iterable[dg.DagsterEvent],
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What failed, by its innermost causes: faults, and what a gate holds back."""
    faults: dict[str, None] = {}
    held_back: dict[str, None] = {}
    for event in events:
        error = getattr(event.event_specific_data, "error", None)
        if not (event.is_step_failure or event.is_run_failure) or error is None:
            continue
        cause = innermost(error)
        if cause.cls_name == GateFailedError.__name__:
            held_back |= dict.fromkeys(cause.message.splitlines())
        elif cause.cls_name != "DagsterAssetCheckFailedError":
            faults[cause.message] = None
    return tuple(faults), tuple(held_back)


def innermost(error: SerializableErrorInfo) -> SerializableErrorInfo:
    """What an error was raised from in the end, with its message as it may be told."""
    # Dagster writes "module.Class: message"; our own messages are sentences, which say
    # what they were raised from as far as it may be said.
    while error.cause is not None and not error.message.startswith(_OURS):
        error = error.cause
    message = re.sub(r"^orchestration\.[\w.]+: ", "", error.message.strip())
    return error._replace(message=message)


def outcome(
    *,
    has_published: bool,
    was_to_publish: bool,
    has_failed: bool,
    faults: Sequence[str],
) -> runs.Outcome:
    """Name how a run ended.

    Args:
        has_published: there is a publication of this run.
        was_to_publish: publishing was among its steps.
        has_failed: a step failed.
        faults: what broke, other than a gate that did not pass.
    """
    if has_published:
        return "published"
    if faults:
        return "failed"
    if has_failed:
        return "held_back"
    return "interrupted" if was_to_publish else "ended"


def started_by(run: dg.DagsterRun) -> str:
    """Who started a run, and by which way."""
    ways = (
        f"{kind} {name}"
        for tag, kind in _BY_ITSELF.items()
        if (name := run.tags.get(tag))
    )
    way = run.tags.get(STARTED_BY) or next(ways, "Dagster")
    return f"{os_user()}, {way}"


def was_to_publish(run: dg.DagsterRun) -> bool:
    """Whether publishing is among a run's steps."""
    chosen = run.asset_selection
    return chosen is None or any(key.path[0] == PUBLISHED for key in chosen)
