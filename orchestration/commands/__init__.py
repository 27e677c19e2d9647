"""What `wardline` can do: thin functions, a module for each theme; no work in here.

The way in and out, with errors and exit codes, is cli.py. Importing this package
registers every command.
"""

# In the order in which `wardline --help` lists their commands.
from orchestration.commands import (  # isort: skip
    refresh,
    look,
    steward,
    rollback,
    readers,
    serve,
    accounts,
    record,
    backups,
    servers,
    dagster,
    simulation,
)
from orchestration.commands.app import FAULT, GATE_FAILED, app, console

__all__ = [
    "FAULT",
    "GATE_FAILED",
    "accounts",
    "app",
    "backups",
    "console",
    "dagster",
    "look",
    "readers",
    "record",
    "refresh",
    "rollback",
    "serve",
    "servers",
    "simulation",
    "steward",
]
