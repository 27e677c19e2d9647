"""The machine and its software in a few lines, since seconds are theirs alone."""

import platform
from pathlib import Path

import psutil
from psycopg import Connection


def describe(connection: Connection, load: float) -> list[str]:
    """What a reader has to know to compare.

    Args:
        connection: to the server that was measured.
        load: of the machine before anything was run, over the last minute.
    """
    gibibytes = psutil.virtual_memory().total / 2**30
    version = connection.info.server_version
    return [
        f"Machine: {_processor()}, {psutil.cpu_count()} cores, {gibibytes:.0f} GiB of "
        f"memory, {platform.system()} {platform.machine()}; load before: {load:.1f}",
        f"PostgreSQL {version // 10_000}.{version % 10_000} with shared_buffers "
        f"{_setting(connection, 'shared_buffers')} and work_mem "
        f"{_setting(connection, 'work_mem')}; Python {platform.python_version()}",
    ]


def _setting(connection: Connection, name: str) -> str:
    found = connection.execute("select current_setting(%s)", [name]).fetchone()
    return str(found[0]) if found else "unknown"


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or "unknown processor"
