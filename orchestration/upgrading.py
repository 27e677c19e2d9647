"""Changes of tables from release to release: numbered SQL files, each applied once.

Which of them are due, and applying them, belongs here. What is made where it is missing
stands in the bootstrap files, whose `create table` no later release changes.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import psycopg
from psycopg import Connection

from orchestration.errors import WardlineError

MIGRATIONS = Path(__file__).with_name("migrations")
_NAME = re.compile(r"(\d{4})_\w+\.sql")


def migrations(folder: Path = MIGRATIONS) -> dict[int, Path]:
    """The files of all releases so far, by number; other files are not migrations."""
    named = ((_NAME.fullmatch(file.name), file) for file in folder.iterdir())
    return {int(match[1]): file for match, file in named if match}


def due(known: Mapping[int, Path], applied: Iterable[int]) -> list[int]:
    """The numbers of those that a warehouse has still to go through, in their order.

    Raises:
        WardlineError: the warehouse went through one that is not known here.
    """
    applied = set(applied)
    if newer := sorted(applied - known.keys()):
        raise WardlineError(
            f"The warehouse was upgraded by a newer Wardline (migration {newer[0]}); "
            "run that release, or restore the backup from before it."
        )
    return sorted(known.keys() - applied)


def migrate(connection: Connection[Any], folder: Path = MIGRATIONS) -> None:
    """Apply what is due, in the connection's transaction: all of it or nothing.

    Args:
        connection: of the owner, who holds the bootstrap lock.
        folder: of the migrations.

    Raises:
        WardlineError: a refresh is running, which still expects the tables as they
            were; or the warehouse is of a newer release.
    """
    known = migrations(folder)
    applied = connection.execute("select number from ops.migrations").fetchall()
    numbers = due(known, (number for (number,) in applied))
    if not numbers:
        return
    try:
        connection.execute(
            "lock table ops.refresh_lock in share row exclusive mode nowait"
        )
    except psycopg.errors.LockNotAvailable:
        raise WardlineError(
            "This release changes the warehouse's tables, and a refresh is running; "
            "wait for it to end, then run `wardline init-db`."
        ) from None
    for number in numbers:
        connection.execute(known[number].read_bytes())
        connection.execute(
            "insert into ops.migrations (number, name) values (%s, %s)",
            [number, known[number].stem],
        )
