"""Plain dbt and plain Dagster work on the project, with nothing exported by hand."""

import os
import subprocess
import sys
from pathlib import Path

from orchestration import changes
from orchestration.definitions import load
from orchestration.settings import REPOSITORY
from orchestration.warehouse import Role, open_warehouse
from tests.conftest import Home

BIN = Path(sys.executable).parent


def run(home: Home, *command: str, folder: Path = REPOSITORY) -> str:
    ran = subprocess.run(
        command,
        cwd=folder,
        env={it: os.environ[it] for it in os.environ if it != "WARDLINE_SESSION"}
        | {"WARDLINE_HOME": str(home.path), "DO_NOT_TRACK": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout + ran.stderr


def dbt(home: Home, *arguments: str) -> str:
    return run(
        home,
        str(BIN / "dbt"),
        *arguments,
        f"--profiles-dir={home.path / 'dbt'}",
        f"--target-path={home.path / 'plain'}",
        f"--log-path={home.path / 'plain'}",
        folder=REPOSITORY / "dbt_project",
    )


def test_dbt_parses_without_a_deprecation(hospital: Home):
    printed = dbt(hospital, "parse", "--no-partial-parse", "--show-all-deprecations")
    assert "deprecat" not in printed.lower()
    assert "warning" not in printed.lower()


def test_plain_dbt_builds_the_models_and_passes_their_tests(hospital: Home):
    with open_warehouse(hospital.settings).connect(Role.TRANSFORMER) as connection:
        changes.finish(connection)
    printed = dbt(hospital, "build")
    assert "Completed successfully" in printed
    assert " ERROR=0 " in printed
    assert " WARN=0 " in printed
    # Whatever was built by hand is not published, even over a night that was to be, and
    # the next refresh builds it as it is meant then.
    assert hospital.rows("select finished_at from changes._whole_builds", None) == []
    assert hospital.rows("select model from changes._built", None) == []
    assert hospital.rows("select table_name from changes._accounts", None) == []


def test_some_assets_are_refused_on_spark_and_the_night_that_waits_is_kept(home: Home):
    with open_warehouse(home.settings).connect(Role.TRANSFORMER) as connection:
        changes.finish(connection)
    materialize = ("-m", "dagster", "asset", "materialize")
    some = ("-m", "orchestration.definitions", "--select", "intermediate/admissions")
    ran = subprocess.run(
        [sys.executable, *materialize, *some],
        cwd=REPOSITORY,
        env=os.environ | {"WARDLINE_HOME": str(home.path), "WARDLINE_ENGINE": "spark"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1
    assert "not some of its assets" in ran.stdout + ran.stderr
    with open_warehouse(home.settings).connect(Role.TRANSFORMER) as connection:
        changes.require_whole_build(connection)


def test_dbts_profile_in_the_project_is_the_default_homes():
    link = REPOSITORY / "dbt_project" / "profiles.yml"
    assert link.readlink() == Path("../var/dbt/profiles.yml")


def test_dagster_finds_the_definitions_valid(hospital: Home):
    run(
        hospital,
        str(BIN / "dagster"),
        "definitions",
        "validate",
        "-w",
        "workspace.yaml",
    )


def test_assets_are_named_like_the_warehouse_and_linked_from_file_to_mart(hospital):
    graph = load(hospital.settings).resolve_asset_graph()
    keys = {key.to_user_string() for key in graph.get_all_asset_keys()}
    for key in (
        "extracts/his/admissions",
        "raw_his/admissions",
        "staging/stg_his__admissions",
        "intermediate/admissions",
        "candidate/fct_admissions",
        "marts/fct_admissions",
        "quarantine/quarantined_rows",
    ):
        assert key in keys
    for node in graph.asset_nodes:
        assert node.group_name, node.key
        assert node.description, node.key
        if node.key.path[0] == "marts" and node.key.path[1] != "publication":
            files = {
                key
                for key in graph.get_ancestor_asset_keys(node.key)
                if key.path[0] == "extracts"
            }
            assert files, node.key


def test_the_nightly_job_runs_at_two_hospital_time(hospital: Home):
    definitions = load(
        hospital.settings.model_copy(update={"time_zone": "Asia/Kolkata"})
    )
    (schedule,) = definitions.schedules
    assert schedule.cron_schedule == "0 2 * * *"
    assert schedule.execution_timezone == "Asia/Kolkata"
    assert schedule.job_name == "nightly_refresh"
