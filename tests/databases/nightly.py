"""A small system read from a database into a warehouse, night by night, no dbt."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import make_url

from expectations import Thresholds
from orchestration.extracts.contract import Column, ExtractContract
from orchestration.extracts.database.landing import land_table
from orchestration.extracts.database.snapshot import snapshot_of
from orchestration.extracts.database.source import SourceDatabase, with_driver
from orchestration.extracts.landing_table import Landed
from orchestration.ingestion import Choice, Outcome, ingest
from orchestration.warehouse import Role, Warehouse
from tests.mariadb import READERS_PASSWORD, MariaDB

VISITS = ExtractContract(
    source_system="clinic",
    table="visits",
    columns=(
        Column("visit_id", "integer"),
        Column("ward"),
        Column("seen_at", "timestamp"),
    ),
    file="visits.csv",
    key=("visit_id",),
    activity=("seen_at",),
)
WARDS = ExtractContract(
    source_system="clinic",
    table="wards",
    columns=(Column("ward"), Column("beds", "integer")),
    file="wards.csv",
    key=("ward",),
)


def of_mariadb(server: MariaDB, database: str, **changes: Any) -> SourceDatabase:
    """The reader's way to a database of the server."""
    url = make_url(server.url(database)).set(password=READERS_PASSWORD)
    return SourceDatabase("clinic", with_driver(url), **changes)


def of_postgres(warehouse: Warehouse, database: str, **changes: Any) -> SourceDatabase:
    """The way to another database of the embedded server."""
    with warehouse.connect() as connection:
        host, port = connection.info.host, connection.info.port
        user = connection.info.user
    url = f"postgresql://{user}@/{database}?host={quote(host, safe='')}&port={port}"
    return SourceDatabase("clinic", with_driver(make_url(url)), **changes)


@dataclass
class Nightly:
    """What a night's reading makes of a database."""

    warehouse: Warehouse
    source: SourceDatabase
    contracts: Sequence[ExtractContract]
    data_docs: Path

    def night(self, as_of: date | None = None) -> dict[str, Outcome]:
        """Take in what the database holds now."""
        outcomes = ingest(
            self.warehouse,
            self.contracts,
            self.source,
            run_id="night",
            now=datetime.now(UTC),
            thresholds=Thresholds(),
            data_docs=self.data_docs,
            choice=Choice(as_of=as_of),
        )
        return {it.contract.table: it for it in outcomes}

    def by(self, **changes: Any) -> "Nightly":
        """The same with another source or contracts."""
        return replace(self, **changes)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with self.warehouse.connect() as connection:
            return connection.execute(sql.encode()).fetchall()

    def current(self, table: str = "visits", columns: str = "visit_id, ward") -> Any:
        """What raw says is there now."""
        key = columns.split(",", maxsplit=1)[0]
        return self.rows(
            f"select {columns} from (select distinct on ({key}) *"
            f" from raw_clinic.{table} order by {key}, _as_of desc, _batch_id desc) c"
            f" where not _is_deleted order by {key}"
        )


def told(outcome: Outcome) -> str:
    """The sentences of what stops a table's batch."""
    return " ".join(it.sentence for it in outcome.verdicts if it.stops)


@contextmanager
def landed(
    warehouse: Warehouse,
    source: SourceDatabase,
    contract: ExtractContract,
    is_looked_at: bool = True,
) -> Iterator[tuple[Landed, list[tuple[Any, ...]]]]:
    """One table in landing: the facts, and its rows in order."""
    with warehouse.connect(Role.LOADER) as connection:
        connection.autocommit = True
        with snapshot_of(source) as snapshot:
            facts = land_table(connection, contract, snapshot, source.place(contract))
        names = ", ".join(f'"{name}"' for name in contract.column_names)
        rows = connection.execute(
            f"select {names} from landing.{contract.landing_table}"
            f" where {is_looked_at} order by _row_number".encode()
        ).fetchall()
        yield facts, rows
