"""A warehouse without batches, and a contract with a short way to load texts by it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from orchestration.extracts.batches import append
from orchestration.extracts.contract import Column, ExtractContract
from orchestration.extracts.landing import land
from orchestration.extracts.landing_table import Landed
from orchestration.extracts.ledger import BatchResult
from orchestration.extracts.plain import NotPlainError
from orchestration.warehouse import Role, Warehouse
from tests.conftest import forget_batches

DAY_1 = datetime(2024, 3, 1, 23, 59, 59)


def forget_everything(warehouse: Warehouse) -> None:
    """Make a warehouse one that has received nothing."""
    with warehouse.connect() as owner:
        owner.execute(
            "drop schema if exists raw_clinic cascade; truncate landing.malformed_rows"
        )
        forget_batches(owner)


@pytest.fixture
def loader(warehouse: Warehouse) -> Iterator[psycopg.Connection]:
    """The loader's connection to a warehouse that has received nothing."""
    forget_everything(warehouse)
    with warehouse.connect(Role.LOADER) as connection:
        connection.autocommit = True
        yield connection


@pytest.fixture
def visits() -> ExtractContract:
    return ExtractContract(
        source_system="clinic",
        table="visits",
        columns=(Column("visit_id"), Column("ward"), Column("note")),
        file="visits.csv",
        key=("visit_id",),
    )


@dataclass
class Clinic:
    """One table's extracts, night by night."""

    connection: psycopg.Connection
    contract: ExtractContract
    folder: Path

    def land(self, content: str | bytes, name: str = "visits.csv") -> Landed:
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return land(self.connection, self.contract, path)

    def load(self, content: str | bytes, as_of: datetime = DAY_1) -> BatchResult:
        landed = self.land(content)
        return append(self.connection, self.contract, landed, as_of, "run-1")

    def by(self, **changes: Any) -> "Clinic":
        """The same clinic under a changed contract."""
        return replace(self, contract=replace(self.contract, **changes))

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        return self.connection.execute(query, values or None).fetchall()

    def landed_rows(self) -> list[tuple[Any, ...]]:
        return self.rows(
            "select _row_number, visit_id, ward, note from landing.clinic__visits"
            " order by 1"
        )

    def set_aside(self) -> list[tuple[Any, ...]]:
        return self.rows(
            "select row_number, line_number, reason, row_text"
            " from landing.malformed_rows"
            " where source_system = 'clinic' and table_name = 'visits'"
            " order by row_number"
        )

    def current(self) -> list[tuple[Any, ...]]:
        """What raw says is there now."""
        return self.rows(
            "select visit_id, ward, note from (select distinct on (visit_id) *"
            " from raw_clinic.visits order by visit_id, _as_of desc, _batch_id desc) c"
            " where not _is_deleted order by visit_id"
        )


@pytest.fixture
def clinic(
    loader: psycopg.Connection, visits: ExtractContract, tmp_path: Path
) -> Clinic:
    return Clinic(loader, visits, tmp_path)


@pytest.fixture
def forced_careful(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """A switch that closes the quick way."""

    def switch() -> None:
        monkeypatch.setattr("orchestration.extracts.landing.plain_blocks", _never_plain)

    return switch


def _never_plain(*_: Any) -> Iterator[bytes]:
    raise NotPlainError
    yield b""
