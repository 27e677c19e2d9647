"""Dagster's event log, kept open: the same log for whoever reads it as Dagster does."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import psutil
import pytest
from dagster._core.storage.event_log import SqliteEventLogStorage

from orchestration import dagster_home
from orchestration.defs.event_log import EventLog
from orchestration.settings import Settings


@dg.asset
def ward() -> int:
    return 1


@pytest.fixture
def instance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dg.DagsterInstance]:
    """The instance of a home; its environment ends with the test."""
    monkeypatch.setenv("DAGSTER_HOME", "")
    dagster_home.prepare(Settings(home=tmp_path, _env_file=None))
    with dg.DagsterInstance.get() as made:
        yield made


def materialized(instance: dg.DagsterInstance) -> str:
    return dg.materialize([ward], instance=instance).run_id


def test_dagsters_own_storage_reads_what_is_written(
    instance: dg.DagsterInstance, tmp_path: Path
):
    runs = [materialized(instance) for _ in range(3)]
    assert isinstance(instance.event_log_storage, EventLog)
    own = SqliteEventLogStorage(str(tmp_path / "dagster" / "history" / "runs"))
    for run in runs:
        ours = instance.event_log_storage.get_logs_for_run(run)
        assert own.get_logs_for_run(run) == ours
        assert ours[-1].dagster_event_type == dg.DagsterEventType.RUN_SUCCESS
    record = own.get_asset_records([dg.AssetKey("ward")])[0]
    assert record.asset_entry.last_run_id == runs[-1]


def test_a_log_that_another_process_began_is_taken_over(tmp_path: Path):
    folder = str(tmp_path)
    with dg.DagsterInstance.local_temp(tmp_path.as_posix()) as other:
        run = materialized(other)
        folder = other.event_log_storage._base_dir
    log = EventLog(folder)
    assert log.get_logs_for_run(run)
    log.dispose()


def test_the_files_of_earlier_runs_are_closed(
    instance: dg.DagsterInstance, tmp_path: Path
):
    def opened() -> set[str]:
        files = (Path(it.path) for it in psutil.Process().open_files())
        return {it.stem for it in files if it.is_relative_to(tmp_path)}

    runs = [materialized(instance) for _ in range(4)]
    for run in runs:
        instance.event_log_storage.get_logs_for_run(run)
    assert opened() & set(runs) == {runs[-1]}
    instance.event_log_storage.dispose()
    assert not opened() & {*runs, "index"}
