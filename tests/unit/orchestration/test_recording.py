"""What a run records of itself and of those before it that cannot any more."""

from collections.abc import Iterator
from datetime import UTC, datetime

import dagster as dg
import pytest
from dagster._core.test_utils import create_run_for_test

from orchestration import runs
from orchestration.alerts.spool import Spooled, write
from orchestration.defs.jobs import NIGHTLY_REFRESH
from orchestration.defs.recording import record_refused, recorded
from orchestration.settings import Settings
from orchestration.warehouse import Role, Warehouse

BY_SCHEDULE = {"dagster/schedule_name": "nightly"}


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as made:
        yield made


def events(warehouse: Warehouse, run_id: str) -> list[str]:
    with warehouse.connect(Role.TRANSFORMER) as connection:
        return [
            event
            for (event,) in connection.execute(
                "select event from ops.run_events where run_id = %s"
                " order by run_event_id",
                [run_id],
            )
        ]


def test_a_run_that_failed_while_the_warehouse_was_away_is_not_taken_for_dead(
    instance, settings: Settings, warehouse, tmp_path
):
    """Its end is on file: one failure is told, and not a death beside it."""
    home = settings.model_copy(update={"home": tmp_path})
    with warehouse.connect(Role.TRANSFORMER) as connection:
        runs.record_start(connection, "on file", "a test")
        runs.record_start(connection, "killed", "a test")
    failed = runs.Run("on file", datetime.now(UTC), "failed", "a test", ["Away."])
    write(tmp_path, Spooled(failed))
    run = create_run_for_test(instance, job_name=NIGHTLY_REFRESH)
    with recorded(run, instance, home, warehouse):
        assert events(warehouse, "on file") == ["started"]
        assert events(warehouse, "killed") == ["started", "died"]
        assert events(warehouse, run.run_id) == ["started"]
    assert len(events(warehouse, run.run_id)) == 2


@pytest.mark.parametrize(("tags", "expected"), [(BY_SCHEDULE, ["failed"]), ({}, [])])
def test_a_night_that_meets_another_refresh_is_on_record_to_be_tried_again(
    instance, warehouse, tags, expected
):
    run = create_run_for_test(instance, job_name=NIGHTLY_REFRESH, tags=tags)
    record_refused(run, warehouse, "Another refresh of this warehouse is running.")
    assert events(warehouse, run.run_id) == expected
