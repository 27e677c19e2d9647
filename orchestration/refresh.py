"""The nightly refresh run from the command line: the same job as in Dagster's UI.

It runs in this process and is kept in the home's Dagster instance.
"""

import logging
import sqlite3
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from datetime import date
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from expectations import preload
from orchestration import dagster_home
from orchestration.arrivals import arrivals
from orchestration.dbt import (
    choose_systems,
    manifest,
    source_systems,
    threshold_file,
)
from orchestration.extracts.manifest import load_contracts
from orchestration.inbox.receiving import receive
from orchestration.settings import Settings
from orchestration.source_databases import source_databases
from orchestration.warehouse import Role, Warehouse

if TYPE_CHECKING:
    import dagster as dg


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

    dagster_home.prepare(settings)
    return dg.DagsterInstance.get()


def run_refresh(
    settings: Settings,
    *,
    sources: Sequence[str] = (),
    extracts: Path | None = None,
    as_of: str | None = None,
    nights: Sequence[date] = (),
    full: bool = False,
) -> Refresh:
    """Run the job `nightly_refresh` in this process.

    Args:
        settings: of the home to refresh.
        sources: the systems whose extracts are taken in; none named: all.
        extracts: a drop folder of this machine other than the settings'.
        as_of: the date that flat extracts speak for, YYYY-MM-DD.
        nights: only what speaks for these days is taken in; none named: all.
        full: whether every model is built as a whole, not only what changed.

    Raises:
        UsageError: a source is not one of the project's, or the hospital's thresholds
            are wrong, which is said before anything is done.
        WardlineError: the project cannot be parsed.
    """
    threshold_file(settings, manifest(settings)).read()
    preload()  # while Dagster and dbt are imported here
    from orchestration.definitions import load
    from orchestration.defs.jobs import NIGHTLY_REFRESH
    from orchestration.defs.recording import STARTED_BY, causes

    logging.getLogger("dagster").setLevel(logging.CRITICAL)
    job = load(settings).resolve_job_def(NIGHTLY_REFRESH)
    run_id = str(uuid4())
    taken_in = {
        "path": str(extracts or ""),
        "as_of": as_of or "",
        "nights": [it.isoformat() for it in nights],
    }
    with redirect_stdout(StringIO()):  # dbt's own log, kept by Dagster as well
        result = job.execute_in_process(
            instance=instance(settings),
            run_id=run_id,
            asset_selection=_selection(
                job,
                settings,
                sources,
                extracts
                or (None if settings.remote_extracts else settings.drop_folder),
            ),
            raise_on_error=False,
            run_config={
                "ops": {"transform": {"config": {"full": full}}},
                "resources": {"drop_folder": {"config": taken_in}},
                "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
            },
            tags={STARTED_BY: "command line"},
        )
    return Refresh(run_id, result.success, *causes(result.all_events))


def nights_ahead(
    settings: Settings,
    warehouse: Warehouse,
    extracts: Path | None,
    sources: Sequence[str],
) -> list[date]:
    """The days of dated extracts that no refresh has looked at, the oldest first.

    Args:
        settings: of the home.
        warehouse: that knows what was taken in.
        extracts: a drop folder of this machine other than the settings'.
        sources: of these systems; none named: of all.
    """
    contracts = load_contracts(manifest(settings))
    databases = source_databases(settings, source_systems(settings))
    chosen = {
        it: contracts[it]
        for it in choose_systems(settings, sources)
        if it not in databases
    }
    received = {
        it: receive(settings, tables, extracts) for it, tables in chosen.items()
    }
    with warehouse.connect(Role.LOADER) as connection:
        found = arrivals(connection, chosen, received, complete=False)
    return sorted({it.night for it in found if it.night})


def _selection(
    job: "dg.JobDefinition",
    settings: Settings,
    sources: Sequence[str],
    drop_folder: Path | None,
) -> "list[dg.AssetKey]":
    """All of the job but the raw tables of systems that have nothing to take in.

    Not named, or with neither a database nor a folder in the drop folder; None is one
    elsewhere, into which the run itself looks.
    """
    systems = source_systems(settings)
    databases = source_databases(settings, systems)
    chosen = [
        system
        for system in choose_systems(settings, sources)
        if sources
        or system in databases
        or drop_folder is None
        or (drop_folder / system).is_dir()
    ]
    left_out = {f"raw_{it}" for it in systems if it not in chosen}
    return [
        key
        for key in job.asset_layer.executable_asset_keys
        if key.path[0] not in left_out
    ]
