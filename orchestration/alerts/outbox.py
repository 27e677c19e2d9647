"""Telling what has to be told: what holds is put on record, what is due is sent.

Called at the end of each run, by the sensor and by `wardline alert`; none of them fails
because of it. An alert is told at least once: killed between sending and recording, it
is sent again, with the same message id.
"""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from psycopg import Connection, IsolationLevel

from orchestration import runs
from orchestration.alerts import book, spool
from orchestration.alerts.channels import channels
from orchestration.alerts.conditions import Condition, Kind, changes, conditions
from orchestration.alerts.deadlines import last_deadlines
from orchestration.alerts.due import Delivery
from orchestration.alerts.sending import attempt, send, split
from orchestration.clock import hospital_now
from orchestration.locks import idle_on
from orchestration.settings import Settings
from orchestration.warehouse import Role, locate
from orchestration.withheld import sentence

# Two quick attempts more are worth the wait: what fails for a moment is told tonight.
PATIENCE = timedelta(seconds=15)
_log = logging.getLogger(__name__)


def tell(settings: Settings, patience: timedelta = timedelta()) -> list[Delivery]:
    """Record what holds now, and send what is due.

    Args:
        settings: of the home.
        patience: how long to wait for the next attempt where one has failed.

    Returns:
        The attempts that were made.

    Raises:
        WardlineError: the warehouse cannot be reached.
        UsageError: a channel's settings are wrong.
    """
    warehouse = locate(settings)
    with (
        warehouse.connect() as one_teller,
        warehouse.connect(Role.TRANSFORMER) as connection,
    ):
        # One at a time, so that nothing is told twice. A table of the owner's, because
        # an advisory lock could be taken by whoever may log in.
        idle_on(one_teller)
        one_teller.execute("lock table ops.alert_lock in share row exclusive mode")
        connection.autocommit = True
        connection.isolation_level = IsolationLevel.REPEATABLE_READ
        spool.move_to_record(connection, settings.home)
        # A run that begins holds the lock before it is on record.
        dead = [it for it in runs.open_runs(connection) if not it.is_under_way]
        runs.bury(connection, dead)
        _update(connection, settings)
        return send(connection, settings, patience)


def holding(connection: Connection[Any], settings: Settings) -> list[Condition]:
    """All that somebody has to know now, told or not; see book.read_record."""
    expected = last_deadlines(settings) or []
    now = hospital_now(settings)
    record = book.read_record(connection, settings.time_zone)
    return conditions(record, expected, now)


def _update(connection: Connection[Any], settings: Settings) -> None:
    """Raise what holds and is not open, and resolve what is open and over."""
    raised, over = changes(holding(connection, settings), book.open_alerts(connection))
    if (
        last_deadlines(settings) is None
    ):  # whether an extract is still late, nobody knows
        over = [it for it in over if it.kind != Kind.EXTRACT_LATE]
    with connection.transaction():
        book.raise_alerts(connection, raised)
        book.resolve_alerts(connection, over)


def tell_quietly(settings: Settings, patience: timedelta = PATIENCE) -> None:
    """Tell as above; what goes wrong is logged, and fails nothing."""
    try:
        for made in tell(settings, patience):
            if made.fault:
                _log.warning("Alert by %s: %s", made.channel, made.fault)
    except Exception as fault:
        _log.warning("Alerts could not be told: %s", sentence(fault))


def tell_failure(
    settings: Settings, run_id: str, started_by: str, sentences: Sequence[str]
) -> None:
    """Tell of a run that failed, if need be without the warehouse; fails nothing."""
    try:
        with locate(settings).connect(Role.TRANSFORMER) as connection:
            runs.record_end(connection, run_id, "failed", started_by, sentences)
    except Exception:
        run = runs.Run(run_id, datetime.now(UTC), "failed", started_by, sentences)
        tell_from_file(settings, spool.Spooled(run))
    else:
        tell_quietly(settings)


@contextmanager
def failure_told(settings: Settings, run_id: str, started_by: str) -> Iterator[None]:
    """Tell of whatever goes wrong in the block, and let it go on its way."""
    try:
        yield
    except Exception as fault:
        tell_failure(settings, run_id, started_by, [sentence(fault)])
        raise


def tell_from_file(settings: Settings, failure: spool.Spooled | None = None) -> None:
    """Tell of a failure that the warehouse cannot record; fails nothing.

    Args:
        settings: of the home.
        failure: a new one; None: the one on file, where it is not told yet.
    """
    with suppress(Exception):  # what could tell of this failure has failed itself
        before = spool.read(settings.home)
        failure = spool.joined(failure, before) if failure else before
        if failure is None:
            return
        for channel in channels(settings):
            ready, _ = split([failure.alert], failure.deliveries, channel.name)
            if ready:
                failure.deliveries += attempt(channel, settings, ready, None)
        spool.write(settings.home, failure)
