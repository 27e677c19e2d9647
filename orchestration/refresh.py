"""The nightly refresh run from the command line: the same job as in Dagster's UI.

It runs in this process and is kept in the home's Dagster instance.
"""

import logging
import os
import re
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psycopg

from orchestration import bookkeeping
from orchestration.dbt import choose_systems, source_systems
from orchestration.errors import GateFailedError, WardlineError
from orchestration.settings import REPOSITORY, Settings
from orchestration.warehouse import Role, locate

if TYPE_CHECKING:
    import dagster as dg

_LOST = (
    "The connection to the warehouse was lost ({}). See that its server runs, and "
    "refresh again."
)
_FULL = "The warehouse's disk is full ({}). Make room, and refresh again."
_LOST_CLASSES = {"AdminShutdown", "CrashShutdown", "OperationalError"}


@dataclass(frozen=True)
class Refresh:
    """How a refresh ended."""

    run_id: str
    is_success: bool
    faults: tuple[str, ...]
    """What broke, other than a gate that did not pass."""
    held_back: tuple[str, ...] = ()
    """Why publishing was refused, where that is not a verdict of this run."""


def instance(settings: Settings) -> "dg.DagsterInstance":
    """Dagster's instance of this home."""
    import dagster as dg
    from sqlalchemy import Engine, event

    @event.listens_for(Engine, "connect")
    def wait_for_no_disk(connection: Any, _: Any) -> None:
        # Dagster writes several hundred events a run, each in a transaction of its own.
        # What a power cut could cost is the log of that run, not data.
        if isinstance(connection, sqlite3.Connection):
            connection.execute("pragma synchronous = off")

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
) -> Refresh:
    """Run the job `nightly_refresh` in this process.

    Args:
        settings: of the home to refresh.
        sources: the systems whose extracts are taken in; none named: all.
        extracts: a drop folder other than the settings'.
        as_of: the date that flat extracts speak for, YYYY-MM-DD.

    Raises:
        UsageError: a source is not one of the project's.
        WardlineError: the project cannot be parsed.
    """
    from orchestration.definitions import load
    from orchestration.defs.jobs import NIGHTLY_REFRESH

    logging.getLogger("dagster").setLevel(logging.CRITICAL)
    job = load(settings).resolve_job_def(NIGHTLY_REFRESH)
    run_id = str(uuid4())
    taken_in = {"path": str(extracts or ""), "as_of": as_of or ""}
    with redirect_stdout(StringIO()):  # dbt's own log, kept by Dagster as well
        result = job.execute_in_process(
            instance=instance(settings),
            run_id=run_id,
            asset_selection=_selection(
                job, settings, sources, extracts or settings.drop_folder
            ),
            raise_on_error=False,
            run_config={
                "resources": {"drop_folder": {"config": taken_in}},
                "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
            },
        )
    faults, held_back = _causes(result.all_events)
    _put_on_record(settings, run_id, faults)
    return Refresh(run_id, result.success, faults, held_back)


def _put_on_record(settings: Settings, run_id: str, faults: Sequence[str]) -> None:
    """Keep the faults where `wardline status` finds them, if the warehouse is there."""
    if not faults:
        return
    try:
        with locate(settings).connect(Role.TRANSFORMER) as connection:
            bookkeeping.record_faults(connection, run_id, faults)
    except (WardlineError, psycopg.Error):
        return  # that it is away is the fault, most likely


def _selection(
    job: "dg.JobDefinition",
    settings: Settings,
    sources: Sequence[str],
    drop_folder: Path,
) -> "list[dg.AssetKey]":
    """All of the job but the raw tables of systems that have nothing to take in.

    Not named, or without a folder in the drop folder.
    """
    chosen = [
        system
        for system in choose_systems(settings, sources)
        if sources or (drop_folder / system).is_dir()
    ]
    left_out = {f"raw_{it}" for it in source_systems(settings) if it not in chosen}
    return [
        key
        for key in job.asset_layer.executable_asset_keys
        if key.path[0] not in left_out
    ]


def _causes(
    events: "Sequence[dg.DagsterEvent]",
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What failed, by its innermost causes: faults, and what a gate holds back."""
    faults: dict[str, None] = {}
    held_back: dict[str, None] = {}
    for event in events:
        error = getattr(event.event_specific_data, "error", None)
        if not (event.is_step_failure or event.is_run_failure) or error is None:
            continue
        while error.cause is not None:
            error = error.cause
        # Dagster writes "module.Class: message"; our own messages are sentences.
        message = re.sub(r"^orchestration\.[\w.]+: ", "", error.message.strip())
        if error.cls_name == GateFailedError.__name__:
            held_back[message] = None
        elif sentence := _server_fault(str(error.cls_name), message):
            faults[sentence] = None
        elif error.cls_name != "DagsterAssetCheckFailedError":
            faults[message] = None
    return tuple(faults), tuple(held_back)


def _server_fault(cls_name: str, message: str) -> str | None:
    """What the server, and nothing in the data or the project, is at fault for."""
    reason = message.partition(": ")[2].partition("\n")[0]
    # PostgreSQL has a class for a full disk, and a hint for a quota that is used up.
    if cls_name == "DiskFull" or "Check free disk space" in message:
        return _FULL.format(reason)
    return _LOST.format(reason) if cls_name in _LOST_CLASSES else None
