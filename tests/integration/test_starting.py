"""The sensors that start a refresh, over a real home: what has come, what broke."""

import shutil
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import dagster as dg
import pytest

from orchestration import dbt, runs
from orchestration.defs.jobs import nightly_refresh
from orchestration.defs.starting import arrival_sensor, retry_sensor
from orchestration.extracts.manifest import load_contracts
from orchestration.settings import get_settings
from orchestration.warehouse import Role, open_warehouse
from simulator import poison, simulate
from tests.conftest import Home


@pytest.fixture(scope="module", autouse=True)
def here(home: Home) -> Iterator[None]:
    """The sensors read the settings of their process."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("WARDLINE_HOME", str(home.path))
        get_settings.cache_clear()
        open_warehouse(get_settings())
        yield
    get_settings.cache_clear()


class Sensor:
    """A sensor that is asked again and again, and remembers its cursor."""

    def __init__(self, sensor: dg.SensorDefinition) -> None:
        self.sensor, self.cursor = sensor, None

    def look(self) -> list[str | None] | str:
        """The keys of the runs that it asks for, or why it asks for none."""
        with dg.instance_for_test() as instance:
            context = dg.build_sensor_context(instance, cursor=self.cursor)
            said = self.sensor.evaluate_tick(context)
        self.cursor = said.cursor
        return [it.run_key for it in said.run_requests] or str(said.skip_message)


@pytest.fixture(scope="module")
def arrived(home: Home) -> Sensor:
    contracts = load_contracts(dbt.manifest(home.settings))
    return Sensor(arrival_sensor(nightly_refresh(), contracts))


def write(home: Home, day: int, seed: int = 3):
    return simulate(
        home.extracts, end=date(2026, 1, day), days=day + 20, beds=9, seed=seed, dirt=0
    ).folder


def test_a_night_is_taken_in_when_it_is_complete_and_stays_the_same(home, arrived):
    assert "does not exist" in arrived.look() or "Nothing has come" in arrived.look()
    folder = write(home, 1)
    late = shutil.move(folder / "bills.csv", home.path)
    assert "Nothing has come" in arrived.look()  # the bills are missing
    shutil.move(late, folder)
    assert "looked at once more" in arrived.look()
    with (folder / "bills.csv").open("a") as still_written:
        still_written.write("\n")
    assert "looked at once more" in arrived.look()
    (key,) = arrived.look()
    assert arrived.look() == [key]  # Dagster starts one run for each key
    home.refresh()
    assert "Nothing has come" in arrived.look()


def test_a_corrected_file_is_taken_in_and_a_rejected_one_is_not_asked_for_again(
    home, arrived
):
    poison(write(home, 2), "duplicate_keys", table="admissions")
    arrived.look()
    assert len(arrived.look()) == 1
    assert home.run("refresh").returncode == 1
    assert "Nothing has come" in arrived.look()
    write(home, 2)
    arrived.look()
    assert len(arrived.look()) == 1
    home.refresh()


def test_a_run_for_one_night_leaves_another_that_is_still_being_copied(home, arrived):
    write(home, 3)
    arrived.look()
    assert len(arrived.look()) == 1
    coming = home.extracts / "hospital_management" / "2026-01-03"
    coming.mkdir(parents=True)
    is_over = threading.Event()

    def copy() -> None:
        with (coming / "patients.csv").open("w") as file:
            while not is_over.wait(0.1):
                file.write("patient_id\n")
                file.flush()

    copying = threading.Thread(target=copy)
    copying.start()
    try:
        printed = home.refresh(WARDLINE_EXTRACTS_QUIET_SECONDS="")  # the default
    finally:
        is_over.set()
        copying.join()
    assert "hospital_management/2026-01-03 waits for the next run" in printed
    assert home.rows("select max(as_of)::date from marts.publication") == [
        (date(2026, 1, 3),)
    ]


def test_a_fault_is_tried_again_and_a_gate_that_did_not_pass_is_not(home):
    retried = Sensor(retry_sensor(nightly_refresh()))
    with open_warehouse(home.settings).connect(Role.TRANSFORMER) as connection:
        connection.autocommit = True

        def ended(
            run_id: str, outcome: runs.Outcome, who: str = "root, schedule nightly"
        ):
            at = datetime.now(UTC) - timedelta(minutes=2)
            runs.record_start(connection, run_id, who)
            runs.record_end(connection, run_id, outcome, who, (), at)

        assert "No refresh" in retried.look()
        ended("held back", "held_back")
        assert "No refresh" in retried.look()
        ended("by hand", "failed", "root, command line")
        assert "No refresh" in retried.look()
        ended("broke", "failed")
        assert retried.look() == ["broke"]
        ended("killed", "died", "root, sensor retries")  # the second: a longer pause
        assert "No refresh" in retried.look()
        for attempt in range(4):
            ended(f"attempt {attempt}", "failed", "root, sensor retries")
        assert "No refresh" in retried.look()
        ended("broke the night after", "failed")
        assert retried.look() == ["broke the night after"]
