"""What a run holds: the warehouse with the right to refresh it, and the drop folder."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import dagster as dg
from pydantic import PrivateAttr

from orchestration.settings import get_settings
from orchestration.warehouse import Warehouse, open_warehouse, refresh_lock


class WarehouseResource(dg.ConfigurableResource["WarehouseResource"]):
    """The warehouse, held by one run at a time."""

    _warehouse: Warehouse = PrivateAttr()

    @contextmanager
    def yield_for_execution(
        self,
        context: dg.InitResourceContext,  # noqa: ARG002 (Dagster passes it)
    ) -> Iterator["WarehouseResource"]:
        """Open the warehouse and hold the refresh lock while the run lasts."""
        self._warehouse = open_warehouse(get_settings())
        with refresh_lock(self._warehouse):
            yield self

    def get(self) -> Warehouse:
        """The warehouse of this run."""
        return self._warehouse


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
