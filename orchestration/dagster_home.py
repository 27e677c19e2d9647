"""The home's Dagster instance: its two files, and what its processes need to know.

No Dagster is imported here, and what it runs stands in defs/.
"""

import os
from multiprocessing import parent_process
from pathlib import Path
from typing import Any

import yaml

from orchestration.conninfo import dagsters_conninfo
from orchestration.settings import REPOSITORY, Settings
from orchestration.warehouse import Warehouse

LOCATION = "wardline"
# Dagster reads its database's URL from here, so that no file holds the password.
_URL_VARIABLE = "WARDLINE_DAGSTER_URL"
_SERVED_VARIABLE = "WARDLINE_DAGSTER_SERVED"


def prepare(settings: Settings) -> Path:
    """Write the instance's files, and tell this process and its children of them.

    Returns:
        The workspace file for processes that find the code location by network.

    Raises:
        UsageError: the URL is not one of PostgreSQL, or its password cannot be read.
    """
    home = settings.dagster_home
    home.mkdir(parents=True, exist_ok=True)
    instance = yaml.safe_load((REPOSITORY / "dagster.yaml").read_text())
    os.environ["DAGSTER_HOME"] = str(home)
    if conninfo := dagsters_conninfo(settings):
        # The driver's name too: which one a plain URL means depends on SQLAlchemy.
        url = Warehouse(conninfo, None, is_embedded=False).url()
        os.environ[_URL_VARIABLE] = url.replace("://", "+psycopg2://", 1)
        instance["storage"] = {"postgres": {"postgres_url": {"env": _URL_VARIABLE}}}
    else:
        instance["event_log_storage"] = {
            "module": "orchestration.defs.event_log",
            "class": "EventLog",
            "config": {"base_dir": str(home / "history" / "runs")},  # Dagster's own
        }
    _write(home / "dagster.yaml", instance)
    address: dict[str, Any] = {
        "host": settings.dagster_code_host,
        "port": settings.dagster_code_port,
        "location_name": LOCATION,
    }
    return _write(home / "workspace.yaml", {"load_from": [{"grpc_server": address}]})


def serve() -> None:
    """Tell this process's children that one of them serves the code location."""
    os.environ[_SERVED_VARIABLE] = "1"


def is_server() -> bool:
    """Whether this process serves the code location: neither a run nor a command.

    Dagster's runs are processes that the server starts by multiprocessing.
    """
    return _SERVED_VARIABLE in os.environ and parent_process() is None


def _write(file: Path, content: dict[str, Any]) -> Path:
    """Whole, since other processes of the home read it meanwhile."""
    unfinished = file.with_suffix(f".{os.getpid()}")
    unfinished.write_text(yaml.safe_dump(content, sort_keys=False))
    return unfinished.replace(file)
