"""The front door: all that Dagster knows of Wardline, built when it is asked for.

Only assembling here; importing this module reads and opens nothing.
"""

import os
import warnings

import dagster as dg

from orchestration import dagster_home, dbt
from orchestration.alerts.deadlines import deadlines
from orchestration.defs import (
    alerting,
    gates,
    ingestion,
    jobs,
    publication,
    starting,
    transformation,
)
from orchestration.defs.nights import nightly_partitions
from orchestration.defs.resources import DropFolder, WarehouseResource
from orchestration.extracts.manifest import load_contracts
from orchestration.settings import Settings, get_settings
from orchestration.source_databases import source_databases
from orchestration.withheld import sentence


def load(settings: Settings) -> dg.Definitions:
    """Assemble assets, checks, the job, its schedule and its sensors for one home."""
    # That a year of nights can be one run is younger than the rest of Dagster.
    warnings.simplefilter("ignore", dg.BetaWarning)
    os.environ.update(dbt.environment(settings))
    manifest = dbt.manifest(settings)
    contracts = load_contracts(manifest)
    marts = dbt.marts(manifest)
    systems = dbt.source_systems(settings)
    thresholds = dbt.threshold_file(settings, manifest)
    models = transformation.dbt_models(
        manifest, [contract for tables in contracts.values() for contract in tables]
    )
    sources = transformation.source_specs(manifest)
    job = jobs.nightly_refresh()
    nights = nightly_partitions(settings)
    due = deadlines(manifest)
    return dg.Definitions(
        assets=[
            *ingestion.extract_files(
                contracts, source_databases(settings, systems), sources
            ),
            *(spec for key, spec in sources.items() if key.path[0] == "ops"),
            *(
                ingestion.raw_tables(system, tables, sources, thresholds, nights, due)
                for system, tables in contracts.items()
            ),
            models,
            publication.published_marts(
                manifest,
                marts,
                systems,
                models.specs_by_key,
                thresholds,
                min((it.allowed for it in due), default=None),
            ),
        ],
        asset_checks=[gates.mart_gate(marts, systems, thresholds)],
        jobs=[job],
        schedules=[jobs.nightly_schedule(job, settings)],
        sensors=[
            alerting.alerts_sensor(),
            starting.arrival_sensor(job, contracts),
            starting.retry_sensor(job),
        ],
        # Also by hand: with a process for each step, each would want the lock.
        executor=dg.in_process_executor,
        resources={
            "warehouse": WarehouseResource(),
            "drop_folder": DropFolder(),
            "dbt_cli": transformation.dbt_cli(settings),
        },
    )


@dg.definitions
def defs() -> dg.Definitions:
    """The code location of workspace.yaml.

    Where it cannot be built, its server still has the alerts, and tells that.
    """
    settings = get_settings()
    try:
        return load(settings)
    except Exception as fault:
        if not dagster_home.is_server():
            raise
        return dg.Definitions(sensors=[alerting.alerts_sensor(sentence(fault))])
