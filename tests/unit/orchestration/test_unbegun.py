"""A run that failed before it reached the warehouse is recorded all the same, once."""

from collections.abc import Iterator

import dagster as dg
import pytest
from dagster._core.events import EngineEventData
from dagster._core.test_utils import create_run_for_test
from dagster._utils.error import serializable_error_info_from_exc_info

from orchestration import runs
from orchestration.defs.jobs import NIGHTLY_REFRESH
from orchestration.defs.unbegun import record_unbegun
from orchestration.errors import WardlineError
from orchestration.warehouse import Role, Warehouse

BY_SCHEDULE = {"dagster/schedule_name": "nightly"}


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as made:
        yield made


def starting(instance: dg.DagsterInstance) -> dg.DagsterRun:
    return create_run_for_test(
        instance,
        job_name=NIGHTLY_REFRESH,
        status=dg.DagsterRunStatus.STARTING,
        tags=BY_SCHEDULE,
    )


def on_record(warehouse: Warehouse, run_id: str) -> list[tuple]:
    with warehouse.connect(Role.TRANSFORMER) as connection:
        return connection.execute(
            "select event, split_part(started_by, ', ', 2), sentences"
            " from ops.run_events where run_id = %s order by run_event_id",
            [run_id],
        ).fetchall()


def test_a_run_whose_process_cannot_load_the_project_is_a_refresh_that_failed(
    instance, settings, warehouse
):
    run = starting(instance)
    try:
        try:
            raise WardlineError("dbt cannot parse the project: it is broken.")
        except WardlineError as fault:
            raise dg.DagsterError("Error in the code location.") from fault
    except dg.DagsterError as fault:
        said = serializable_error_info_from_exc_info(
            (type(fault), fault, fault.__traceback__)
        )
    instance.report_engine_event(
        "Could not load job definition.", run, EngineEventData.engine_error(said)
    )
    instance.report_run_failed(run)
    assert record_unbegun(instance, settings) == 1
    assert record_unbegun(instance, settings) == 0
    why = "The run could not begin: dbt cannot parse the project: it is broken."
    assert on_record(warehouse, run.run_id) == [("failed", "schedule nightly", [why])]


def test_a_run_whose_process_never_came_is_one_too(instance, settings, warehouse):
    run = starting(instance)
    instance.report_run_failed(run, "Run timed out due to taking longer than 900 s.")
    assert record_unbegun(instance, settings) == 1
    [(event, _, [why])] = on_record(warehouse, run.run_id)
    assert event == "failed"
    assert "longer than 900 s" in why


def test_a_run_that_had_begun_records_its_end_itself(instance, settings, warehouse):
    run = starting(instance)
    instance.handle_new_event(
        dg.EventLogEntry(
            error_info=None,
            level="debug",
            user_message="",
            run_id=run.run_id,
            timestamp=0.0,
            job_name=NIGHTLY_REFRESH,
            dagster_event=dg.DagsterEvent(
                dg.DagsterEventType.RUN_START.value, NIGHTLY_REFRESH
            ),
        )
    )
    instance.report_run_failed(run)
    assert record_unbegun(instance, settings) == 0
    assert on_record(warehouse, run.run_id) == []


def test_a_run_that_recorded_more_than_dagster_knows_is_left_alone(
    instance, settings, warehouse
):
    run = starting(instance)
    with warehouse.connect(Role.TRANSFORMER) as connection:
        runs.record_end(
            connection, run.run_id, "failed", "a test", ["The disk is full."]
        )
    instance.report_run_failed(run)
    assert record_unbegun(instance, settings) == 0
