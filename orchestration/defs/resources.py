"""What a run holds: the warehouse with the right to refresh it, and the drop folder."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import dagster as dg
from pydantic import PrivateAttr

from orchestration.defs.lost_runs import fail_lost_runs
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
        with refresh_lock(open_warehouse(get_settings())) as self._lock:
            if context.instance is not None:
                fail_lost_runs(context.instance, context.run_id)
            yield self

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

    def folder(self) -> Path:
        """The drop folder of this run."""
        return Path(self.path) if self.path else get_settings().drop_folder

    def date(self) -> date | None:
        """The date given for extracts without one of their own."""
        return date.fromisoformat(self.as_of) if self.as_of else None
