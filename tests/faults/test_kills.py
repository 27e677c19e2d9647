"""Whatever befalls a refresh: the marts stay as they were, the next run completes."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from orchestration import embedded
from tests.conftest import Home, remove_home, simulated
from tests.faults.points import CHOSEN, EARLY, LATE, Fault, Kill, Point
from tests.faults.stage import Stage


def test_killed_again_and_again_the_last_run_gives_the_undisturbed_result(
    stage: Stage, undisturbed: dict[str, str]
):
    half_a_batch = Kill(Point("loading", "ops.batches"))
    modelling = Kill(
        Point("modelling", "candidate.dim_date", "access share"), whole_tree=False
    )
    half_published = Kill(Point("publishing", "marts.fct_bills"))
    survive(stage, (half_a_batch, modelling, half_published), undisturbed)


def test_dagster_is_told_of_runs_that_were_killed(stage: Stage):
    """After the test above, of which none but the last run came to its end."""
    asked = subprocess.run(
        [
            sys.executable,
            "-c",
            "import dagster as dg\n"
            "for run in dg.DagsterInstance.get().get_runs(): print(run.status.value)",
        ],
        env=stage.environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert set(asked.stdout.split()) == {"SUCCESS", "FAILURE"}


@pytest.mark.long
@pytest.mark.parametrize("chain", CHOSEN, ids=lambda chain: " + ".join(map(str, chain)))
def test_no_fault_leaves_a_trace(
    chain: tuple[Fault, ...],
    server_of_its_own,
    record_property: Callable[[str, int], None],
):
    stage, undisturbed = server_of_its_own
    survived = survive(stage, chain, undisturbed)
    record_property("faults survived", len(survived))
    kills = sum(isinstance(fault, Kill) for fault in chain)
    record_property("kill points survived", kills)


def test_every_phase_is_struck_twice_and_there_are_thirty_kills():
    phases = [kill.point.phase for kill in (*EARLY, *LATE)]
    assert len(phases) >= 30
    assert min(phases.count(phase) for phase in phases) >= 2


def survive(
    stage: Stage, chain: tuple[Fault, ...], undisturbed: dict[str, str]
) -> list[str]:
    """Play faults one after the other, then a run that nothing befalls."""
    stage.renew()
    struck = []
    for fault in chain:
        struck.append(fault.strike(stage))
        if fault.is_published:
            assert stage.result() == undisturbed, struck
        else:
            assert stage.rows() == stage.before, struck
        stage.assert_accounts_add_up()
    code, printed = stage.refresh().ends()
    assert code == 0, (struck, printed)
    assert stage.result() == undisturbed, struck
    stage.assert_accounts_add_up()
    return struck


@pytest.fixture(scope="module")
def server_of_its_own() -> Iterator[tuple[Stage, dict[str, str]]]:
    """A stage whose server may be stopped and may run out of disk, and its result."""
    hospital = Home()
    simulated(hospital)
    hospital.refresh()
    write_small_segments(hospital)
    stage = Stage(hospital)
    code, printed = stage.refresh().ends()
    assert code == 0, printed
    yield stage, stage.result()
    remove_home(stage.home.path)
    remove_home(hospital.path)


def write_small_segments(hospital: Home) -> None:
    """Let the server write its log in files of 1 MB, smaller than its tables.

    A limit on the size of files then meets the tables and not the log.
    """
    embedded.stop(hospital.path)
    library = embedded._library()
    binaries = library.POSTGRES_VERSIONS[library.TARGET_POSTGRES_VERSION]
    data = (hospital.path / "postgres").resolve()
    subprocess.run(
        [binaries / "pg_resetwal", "--wal-segsize=1", "-D", data],
        user="pgserver" if os.geteuid() == 0 else None,
        check=True,
        capture_output=True,
    )
    embedded.start(hospital.path)
