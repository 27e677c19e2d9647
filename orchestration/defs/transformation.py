"""The dbt project as Dagster assets: staging, intermediate, quarantine, candidate.

Names, groups and row counts in the UI. What is computed stands in dbt_project/.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from importlib import metadata
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtCliResource, dbt_assets
from packaging.version import Version
from psycopg import Connection
from pydantic import Field

from orchestration import changes, dbt
from orchestration.defs.resources import WarehouseResource
from orchestration.errors import UsageError, WardlineError
from orchestration.extracts.contract import ExtractContract
from orchestration.extracts.raw_tables import ensure_raw_tables
from orchestration.progress import say
from orchestration.pseudonyms import keys_before
from orchestration.publication import PUBLICATION
from orchestration.row_counts import row_counts
from orchestration.settings import Settings, get_settings
from orchestration.spark.carrying import TABLE_ROWS, remove_leftovers
from orchestration.spark.session import require_spark
from orchestration.warehouse import Role, Warehouse
from orchestration.withheld import without_values

_CHILDREN = {
    "postgres": "orchestration.dbt_child",
    "spark": "orchestration.spark.child",
}


class Build(dg.Config):
    """How the models are built."""

    full: bool = Field(
        default=False,
        description="Build every model as a whole, not only what changed.",
    )


class Translator(DagsterDbtTranslator):
    """Asset keys that read like the warehouse: schema, then table."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """`raw_his/admissions`, `staging/stg_his__admissions`, `candidate/...`."""
        return dg.AssetKey([dbt_resource_props["schema"], dbt_resource_props["name"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """The schema; raw and staging tables are many, so also their source system."""
        schema = str(dbt_resource_props["schema"])
        if schema == "staging":
            return f"{schema}_{dbt_resource_props['fqn'][2]}"
        return schema

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """The description alone; its SQL is a click away in dbt's own documents."""
        return str(dbt_resource_props["description"])


def dbt_models(
    manifest: dict[str, Any], contracts: Sequence[ExtractContract]
) -> dg.AssetsDefinition:
    """All dbt models in one step, so that dbt starts once a night."""
    translator = Translator()

    @dbt_assets(
        manifest=manifest,
        dagster_dbt_translator=translator,
        name="transform",
        exclude="resource_type:unit_test",
        backfill_policy=dg.BackfillPolicy.single_run(),
    )
    @without_values
    def transform(
        context: dg.AssetExecutionContext,
        dbt_cli: DbtCliResource,
        warehouse: WarehouseResource,
        config: Build,
    ) -> Iterator[Any]:
        settings = get_settings()
        is_on_spark = settings.engine == "spark"
        if is_on_spark and context.is_subset:
            # Before anything is touched: a night that was built may wait for its gate.
            raise UsageError(
                "WARDLINE_ENGINE is spark, which builds all models together: start "
                "the job nightly_refresh, not some of its assets."
            )
        with warehouse.get().connect(Role.LOADER) as connection:
            # A system that never delivered is staged all the same, from empty tables.
            ensure_raw_tables(connection, contracts)
        with warehouse.get().connect(Role.TRANSFORMER) as connection:
            changes.begin(connection, meanings_now(connection, manifest))
            remove_leftovers(connection)
        if is_on_spark:
            _prepare_for_spark(settings, warehouse.get())
        dbt.end_with_this_process()
        build = dbt_cli.cli(
            ["--no-write-json", "build", "--exclude-resource-type", "unit_test"]
            + ["--target", "spark"] * is_on_spark
            + ["--full-refresh"] * config.full,
            manifest=manifest,
            dagster_dbt_translator=translator,
            context=context,
            # One refresh at a time, so one folder: dbt finds what it parsed last time.
            target_path=dbt.target_path(settings, settings.engine),
        )
        # All tables are counted at once, and those of Spark are there only at its end.
        held: list[dg.Output[Any]] = []
        rows: dict[str, int] = {}
        try:
            for event in build.stream_raw_events():
                rows |= event.raw_event["data"].get(TABLE_ROWS, {})
                say(f"Building the models: {event.raw_event['info']['msg']}")
                for asset_event in event.to_default_asset_events(
                    manifest, translator, context, build.target_path
                ):
                    if isinstance(asset_event, dg.Output):
                        held.append(asset_event)
                    else:
                        yield asset_event
        except Exception:
            yield from [] if is_on_spark else held
            raise
        with warehouse.get().connect(Role.TRANSFORMER) as connection:
            if not context.is_subset:
                changes.finish(connection)
            if not is_on_spark:
                keys = context.selected_asset_keys
                rows = row_counts(connection, {key.path[0] for key in keys})
        for output in held:
            table = context.asset_key_for_output(output.output_name)
            yield with_rows(output, rows.get(".".join(table.path)))

    return transform


def _prepare_for_spark(settings: Settings, warehouse: Warehouse) -> None:
    """Make ready for models that are built elsewhere.

    Raises:
        UsageError: Spark is not installed.
        WardlineError: dbt cannot make what the warehouse alone knows.
    """
    require_spark(settings)
    with warehouse.connect(Role.TRANSFORMER) as connection:
        # Spark builds whole models, and does not say what changed in them.
        changes.forget(connection)
    selected = ("--select", f"+{PUBLICATION}")
    made = dbt.run(
        settings,
        *("run", "--no-write-json", *selected),
        target=str(dbt.target_path(settings)),
    )
    if made.returncode:
        raise WardlineError(f"dbt cannot make {PUBLICATION}: {made.stdout.strip()}")


def meanings_now(
    connection: Connection[Any], manifest: Mapping[str, Any]
) -> dict[str, str]:
    """What each model means under the settings and the pseudonyms' key of now."""
    settings = get_settings()
    return changes.meanings(
        manifest,
        project=(settings.dbt_project / "dbt_project.yml").read_text(),
        time_zone=settings.time_zone,
        keys=str(keys_before(connection)),
        # It brings its own rules of time zones and of the order of texts.
        server=str(connection.info.server_version),
    )


def source_specs(manifest: dict[str, Any]) -> dict[dg.AssetKey, dg.AssetSpec]:
    """dbt's sources, as they are described in the project, by asset key."""
    translator = Translator()
    specs = [
        translator.get_asset_spec(manifest, unique_id, None)
        for unique_id in manifest["sources"]
    ]
    return {spec.key: spec for spec in specs}


def with_rows(output: dg.Output[Any], rows: int | None) -> dg.Output[Any]:
    """A table, shown with its number of rows if that is known."""
    if rows is None:
        return output
    return output.with_metadata({**output.metadata, "dagster/row_count": rows})


class Dbt(DbtCliResource):
    """dbt, started once: the library's own start would load all of dbt twice more.

    It asks the command for its version and opens an adapter to fetch metadata with;
    the version is pinned, and row counts come with dbt's own events.
    """

    @cached_property
    def _cli_version(self) -> Version:
        return Version(metadata.version("dbt-core"))

    def _initialize_dbt_core_adapter(self, args: Sequence[str]) -> Any:  # noqa: ARG002
        return None


def dbt_cli(settings: Settings) -> DbtCliResource:
    """dbt with the profile and the folders of this home."""
    return Dbt(
        project_dir=str(settings.dbt_project),
        profiles_dir=str(settings.dbt_home),
        dbt_executable=sys.executable,
        # The resource puts its flags before those of the command.
        global_config_flags=["-m", _CHILDREN[settings.engine], "--no-use-colors"],
    )
