"""The embedded server comes back by itself, however it was brought down."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from orchestration import embedded
from orchestration.settings import REPOSITORY, Settings
from orchestration.warehouse import Warehouse, open_warehouse
from tests.conftest import make_home, remove_home
from tests.faults.stage import wait_until


@pytest.fixture
def settings() -> Iterator[Settings]:
    home = make_home()
    yield Settings(home=home, _env_file=None)
    remove_home(home)


def keep_a_row(warehouse: Warehouse) -> None:
    with warehouse.connect() as connection:
        connection.execute("create table public.kept as select 1 as row")


def postmaster(settings: Settings) -> psutil.Process:
    file = settings.home / "postgres" / "postmaster.pid"
    return psutil.Process(int(file.read_text().split()[0]))


@pytest.mark.parametrize("signal_", [signal.SIGKILL, signal.SIGQUIT])
def test_after_a_crash_what_was_committed_is_there(settings, signal_):
    keep_a_row(open_warehouse(settings))
    process = postmaster(settings)
    process.send_signal(signal_)
    process.wait(20)
    with open_warehouse(settings).connect() as connection:
        assert connection.execute("select * from public.kept").fetchall() == [(1,)]


def test_a_session_that_outlives_the_killed_server_is_ended_first(settings):
    warehouse = open_warehouse(settings)
    busy = warehouse.connect()
    pid = busy.info.backend_pid

    def compute() -> None:
        with pytest.raises(psycopg.OperationalError):
            busy.execute("select count(*) from generate_series(1, 1000000000)")

    computing = threading.Thread(target=compute)
    computing.start()
    wait_until(lambda: psutil.Process(pid).cpu_times().user > 0.2, "it computes")
    process = postmaster(settings)
    process.kill()
    process.wait(20)
    with open_warehouse(settings).connect() as connection:
        assert connection.execute("select 1").fetchone() == (1,)
    computing.join()
    assert not psutil.pid_exists(pid)


def test_killed_while_its_files_are_made_the_next_start_makes_them(settings):
    command = "from orchestration import embedded; from pathlib import Path; import sys"
    starting = subprocess.Popen(
        [sys.executable, "-c", f"{command}; embedded.start(Path(sys.argv[1]))",
         str(settings.home)],
        cwd=REPOSITORY,
        start_new_session=True,
    )  # fmt: skip
    data = settings.home / "postgres"
    wait_until(lambda: list(data.parent.glob("*/PG_VERSION")), "files are being made")
    os.killpg(starting.pid, signal.SIGKILL)
    starting.wait()
    with open_warehouse(settings).connect() as connection:
        assert connection.execute("show wal_level").fetchone() == ("minimal",)
    assert [it.name for it in data.parent.glob("postgres*")] == ["postgres"]


def test_half_a_list_of_users_of_the_server_does_no_harm(settings):
    open_warehouse(settings)
    embedded.stop(settings.home)
    (settings.home / "postgres" / ".handle_pids.json").write_text("[12, 34")
    open_warehouse(settings)
    assert Path(settings.home / "postgres" / "postmaster.pid").exists()


@pytest.mark.parametrize(
    ("machine_gib", "shared", "work", "maintenance"),
    [(1, 128, 16, 64), (8, 1024, 128, 512), (64, 4096, 256, 1024)],
)
def test_memory_is_taken_by_what_the_machine_has(
    machine_gib, shared, work, maintenance
):
    taken = embedded.memory_settings(machine_gib * 1024)
    assert taken["shared_buffers"] == shared
    assert taken["work_mem"] == work
    assert taken["maintenance_work_mem"] == maintenance


def test_the_server_takes_its_share_of_this_machine(settings):
    mib = psutil.virtual_memory().total // 2**20
    with open_warehouse(settings).connect() as connection:
        for name, taken in embedded.memory_settings(mib).items():
            shown = connection.execute(
                "select pg_size_bytes(current_setting(%s)) / 1048576", [name]
            ).fetchone()
            assert shown == (taken,), name
