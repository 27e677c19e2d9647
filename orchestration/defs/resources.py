"""What a run holds: the warehouse with the right to refresh it, and the drop folder.

Every run passes through here, however it was started: so it is recorded and told here.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import dagster as dg
from pydantic import Field, PrivateAttr

from expectations import preload
from orchestration.alerts import outbox
from orchestration.defs.recording import record_refused, recorded, started_by
from orchestration.errors import RefreshRunningError, WardlineError
from orchestration.extracts.arrivals import Received
from orchestration.extracts.contract import ExtractContract
from orchestration.inbox.receiving import receive
from orchestration.locks import RefreshLock, refresh_lock
from orchestration.settings import get_settings
from orchestration.warehouse import Warehouse, open_warehouse


class WarehouseResource(dg.ConfigurableResource["WarehouseResource"]):
    """The warehouse, held by one run at a time."""

    _lock: RefreshLock = PrivateAttr()

    @contextmanager
    def yield_for_execution(
        self, context: dg.InitResourceContext
    ) -> Iterator["WarehouseResource"]:
        """Open the warehouse and hold the refresh lock while the run lasts."""
        run, instance, settings = context.run, context.instance, get_settings()
        if run is None or instance is None:
            raise WardlineError("The warehouse can only be held by a Dagster run.")
        preload()
        with outbox.failure_told(settings, run.run_id, started_by(run)):
            warehouse = open_warehouse(settings)
        try:
            with (
                refresh_lock(warehouse) as self._lock,
                recorded(run, instance, settings, self._lock.warehouse),
            ):
                yield self
        except RefreshRunningError as refused:
            record_refused(run, warehouse, str(refused))
            raise
        finally:
            # Not under the lock: a slow mail server must not keep a refresh away.
            outbox.tell_quietly(settings)

    def get(self) -> Warehouse:
        """The warehouse of this run."""
        return self._lock.warehouse

    def confirm(self) -> None:
        """Make sure that this run still holds the warehouse.

        Raises:
            WardlineError: it does not; another refresh may be running.
        """
        self._lock.confirm()


class DropFolder(dg.ConfigurableResource["DropFolder"]):
    """Which extracts a run takes in."""

    path: str = ""
    """The folder of all systems' extracts; empty: the one of the settings."""
    as_of: str = ""
    """The date that flat extracts speak for (YYYY-MM-DD); empty: found in them."""

    nights: list[str] = Field(default=[])
    """Only what speaks for these days (YYYY-MM-DD); none: for any."""

    def receive(self, contracts: Sequence[ExtractContract]) -> Received:
        """One system's extracts, brought here if they are elsewhere.

        Raises:
            StorageError: the drop folder elsewhere cannot be reached or read.
        """
        folder = Path(self.path) if self.path else None
        return receive(get_settings(), contracts, folder)

    def flat_day(self) -> date | None:
        """The date given for extracts without one of their own."""
        return date.fromisoformat(self.as_of) if self.as_of else None

    def days(self) -> list[date]:
        """The nights given."""
        return [date.fromisoformat(it) for it in self.nights]
