"""The queue of runs is freed of those that died, and of no other."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest
from dagster._core.test_utils import create_run_for_test

from orchestration import runs
from orchestration.defs.jobs import NIGHTLY_REFRESH
from orchestration.defs.lost_runs import fail_lost_runs, free_the_queue
from orchestration.locks import refresh_lock
from orchestration.settings import Settings
from orchestration.warehouse import Role, Warehouse


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as made:
        yield made


def begun(
    instance: dg.DagsterInstance, warehouse: Warehouse | None, *events: str
) -> str:
    """A run that Dagster believes to be under way, and what the warehouse has of it."""
    status = dg.DagsterRunStatus.STARTED
    run = create_run_for_test(instance, job_name=NIGHTLY_REFRESH, status=status)
    if warehouse:
        with warehouse.connect(Role.TRANSFORMER) as connection:
            for event in events:
                runs._record(connection, run.run_id, event, "a test")
    return run.run_id


def status(instance: dg.DagsterInstance, run_id: str) -> dg.DagsterRunStatus:
    run = instance.get_run_by_id(run_id)
    assert run
    return run.status


def test_a_run_that_died_is_ended(instance, settings: Settings, warehouse):
    run_id = begun(instance, warehouse, "started", "died")
    assert free_the_queue(instance, settings) == 1
    assert status(instance, run_id) is dg.DagsterRunStatus.FAILURE
    assert free_the_queue(instance, settings) == 0


def test_a_run_that_is_about_to_reach_the_warehouse_goes_on(
    instance, settings, warehouse
):
    about_to, just_ended = (
        begun(instance, None),
        begun(instance, warehouse, "published"),
    )
    assert free_the_queue(instance, settings) == 0
    for run_id in (about_to, just_ended):
        assert status(instance, run_id) is dg.DagsterRunStatus.STARTED


def test_nothing_is_ended_while_somebody_refreshes(instance, settings, warehouse):
    run_id = begun(instance, warehouse, "started", "died")
    with refresh_lock(warehouse):
        assert free_the_queue(instance, settings) == 0
    assert status(instance, run_id) is dg.DagsterRunStatus.STARTED


def test_a_run_that_was_killed_while_it_told_does_not_hold_the_queue_up(
    instance, settings, warehouse
):
    run_id = begun(instance, warehouse, "started")
    with warehouse.connect(Role.TRANSFORMER) as connection:
        hour_ago = datetime.now(UTC) - timedelta(hours=1)
        runs.record_end(connection, run_id, "published", "a test", (), hour_ago)
    assert free_the_queue(instance, settings) == 1
    assert status(instance, run_id) is dg.DagsterRunStatus.FAILURE


def test_who_begins_ends_those_that_are_lost_and_none_that_still_tells(
    instance, warehouse
):
    lost = [
        begun(instance, None),
        begun(instance, warehouse, "started"),
        begun(instance, warehouse, "started", "died"),
    ]
    telling = begun(instance, warehouse, "started", "published")
    own = begun(instance, None)
    with warehouse.connect(Role.TRANSFORMER) as connection:
        fail_lost_runs(instance, own, connection)
    for run_id in lost:
        assert status(instance, run_id) is dg.DagsterRunStatus.FAILURE
    for run_id in (telling, own):
        assert status(instance, run_id) is dg.DagsterRunStatus.STARTED
