"""Dagster's sensors that start a refresh: for extracts that came, and after a fault.

What has come and what is due again is decided in arrivals.py and retries.py.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import (
    UnresolvedAssetJobDefinition,
)
from psycopg import Connection

from orchestration.arrivals import arrivals
from orchestration.extracts.contract import ExtractContract
from orchestration.inbox.coming import coming
from orchestration.inbox.receiving import receive
from orchestration.locks import is_refreshing
from orchestration.retries import SENSOR, due_again, last_attempts
from orchestration.settings import Settings, get_settings
from orchestration.source_databases import source_databases
from orchestration.warehouse import Role, locate
from orchestration.withheld import sentence

RETRIES = "wardline/retries"
_EVERY_SECONDS = 60
_BUSY = "A refresh is under way, or waits in the queue."


def arrival_sensor(
    job: UnresolvedAssetJobDefinition,
    contracts: Mapping[str, Sequence[ExtractContract]],
) -> dg.SensorDefinition:
    """A refresh for each complete set of extracts that the schedule has not taken in.

    Its files must not have changed between two looks, so that none is still written.
    """

    @dg.sensor(
        name="arrivals",
        job=job,
        minimum_interval_seconds=_EVERY_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Refreshes when a complete set of extracts has landed.",
    )
    def arrived(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        seen_before = set(json.loads(context.cursor or "[]"))
        settings = get_settings()
        databases = source_databases(settings, contracts)
        filed = {it: of for it, of in contracts.items() if it not in databases}
        try:
            with locate(settings).connect(Role.TRANSFORMER) as connection:
                if _is_busy(context.instance, connection):
                    return _nothing(_BUSY, context.cursor)
                seen = _new_sets(connection, settings, filed)
        except Exception as fault:
            return _nothing(sentence(fault), context.cursor)
        settled = [it for it in seen if it in seen_before]
        cursor = json.dumps(seen)
        if not settled:
            return _nothing(
                "Files that have just come are looked at once more."
                if seen
                else "Nothing has come that was not taken in.",
                cursor,
            )
        # One run takes in all that is there, but for what still changes then.
        return dg.SensorResult(
            [dg.RunRequest(run_key="-".join(settled))], cursor=cursor
        )

    return arrived


def retry_sensor(job: UnresolvedAssetJobDefinition) -> dg.SensorDefinition:
    """Another attempt at a refresh that a fault ended, however it was ended."""

    @dg.sensor(
        name=SENSOR,
        job=job,
        minimum_interval_seconds=_EVERY_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Refreshes again after a fault, never after a failed gate.",
    )
    def again(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        try:
            with locate(get_settings()).connect(Role.TRANSFORMER) as connection:
                if _is_busy(context.instance, connection):
                    return _nothing(_BUSY)
                failed = due_again(last_attempts(connection), datetime.now(UTC))
        except Exception as fault:
            return _nothing(sentence(fault))
        if failed is None:
            return _nothing("No refresh is to be tried again now.")
        return dg.SensorResult(
            [dg.RunRequest(run_key=failed.run_id, tags={RETRIES: failed.run_id})]
        )

    return again


def _nothing(reason: str, cursor: str | None = None) -> dg.SensorResult:
    return dg.SensorResult(skip_reason=reason, cursor=cursor)


def _is_busy(instance: dg.DagsterInstance, connection: Connection[Any]) -> bool:
    """Whether a refresh is under way, or about to be: it takes in what has come."""
    ahead = dg.RunsFilter(
        statuses=[
            dg.DagsterRunStatus.QUEUED,
            dg.DagsterRunStatus.NOT_STARTED,
            dg.DagsterRunStatus.STARTING,
            dg.DagsterRunStatus.STARTED,
        ]
    )
    return is_refreshing(connection) or instance.get_runs_count(ahead) > 0


def _new_sets(
    connection: Connection[Any],
    settings: Settings,
    contracts: Mapping[str, Sequence[ExtractContract]],
) -> list[str]:
    """The fingerprints of complete sets that no refresh has looked at."""
    if settings.remote_extracts:
        return sorted(coming(settings, contracts))
    received = {
        it: receive(settings, tables, pauses=False) for it, tables in contracts.items()
    }
    found = arrivals(connection, contracts, received)
    return sorted(it.fingerprint for it in found)
