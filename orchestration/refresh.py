"""The nightly refresh run from the command line: the same job as in Dagster's UI.

It runs in this process, is kept in the same instance, and reports as it goes.
"""

import logging
import os
import shutil
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from orchestration.dbt import source_systems
from orchestration.errors import UsageError
from orchestration.settings import REPOSITORY, Settings

if TYPE_CHECKING:
    import dagster as dg

STEPS = {
    "transform": "building the models",
    "mart_gate": "judging the candidate marts",
    "publish": "publishing",
}


@dataclass(frozen=True)
class Refresh:
    """How a refresh ended."""

    run_id: str
    is_success: bool
    faults: tuple[str, ...]
    """What broke, other than a gate that did not pass."""


def instance(settings: Settings) -> "dg.DagsterInstance":
    """Dagster's instance of this home."""
    import dagster as dg

    settings.dagster_home.mkdir(parents=True, exist_ok=True)
    shutil.copy(REPOSITORY / "dagster.yaml", settings.dagster_home)
    os.environ["DAGSTER_HOME"] = str(settings.dagster_home)
    return dg.DagsterInstance.get()


def run_refresh(
    settings: Settings,
    *,
    sources: Sequence[str] = (),
    extracts: Path | None = None,
    as_of: str | None = None,
    progress: Callable[[str], None] = lambda step: None,
) -> Refresh:
    """Run the job `nightly_refresh` in this process.

    Args:
        settings: of the home to refresh.
        sources: the systems whose extracts are taken in; none named: all.
        extracts: a drop folder other than the settings'.
        as_of: the date that flat extracts speak for, YYYY-MM-DD.
        progress: called with words for each step as it begins.

    Raises:
        UsageError: a source is not one of the project's.
        WardlineError: the job could not be started.
    """
    import dagster as dg

    from orchestration.definitions import load

    logging.getLogger("dagster").setLevel(logging.CRITICAL)
    definitions = load(settings)
    job = definitions.resolve_job_def("nightly_refresh")
    run_id = str(uuid4())
    store = instance(settings)
    faults: list[str] = []

    def listen(entry: "dg.EventLogEntry") -> None:
        event = entry.dagster_event
        if event is None:
            return
        if event.is_step_start:
            progress(STEPS.get(str(event.step_key), f"taking in {event.step_key}"))
        if event.is_step_failure:
            error = event.step_failure_data.error
            while error is not None and error.cause is not None:
                error = error.cause
            if error is not None and error.cls_name != "DagsterAssetCheckFailedError":
                faults.append(error.message.strip())

    store.add_event_listener(run_id, listen)
    selection = _selection(job, sources)
    with redirect_stdout(StringIO()):
        result = job.execute_in_process(
            instance=store,
            run_id=run_id,
            asset_selection=selection,
            raise_on_error=False,
            run_config={
                "resources": {
                    "drop_folder": {
                        "config": {"path": str(extracts or ""), "as_of": as_of or ""}
                    }
                },
                "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
            },
        )
    return Refresh(run_id, result.success, tuple(faults))


def _selection(
    job: "dg.JobDefinition", sources: Sequence[str]
) -> "list[dg.AssetKey] | None":
    """All of the job but the raw tables of systems that are not named."""
    if not sources:
        return None
    systems = source_systems()
    for name in sources:
        if name not in systems:
            raise UsageError(
                f"There is no source system '{name}'; the project has "
                f"{', '.join(systems)}."
            )
    left_out = {f"raw_{system}" for system in systems if system not in sources}
    return [
        key
        for key in job.asset_layer.executable_asset_keys
        if key.path[0] not in left_out
    ]
