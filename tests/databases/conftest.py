"""A MariaDB server for all tests of database sources; each takes its own databases."""

from collections.abc import Callable, Iterator
from itertools import count

import psycopg
import pytest

from orchestration.warehouse import Warehouse
from tests.databases.nightly import VISITS, WARDS, Nightly, of_mariadb, of_postgres
from tests.mariadb import MariaDB
from tests.unit.extracts.conftest import forget_everything

_NUMBERS = count(1)
CLINIC = (
    "create table visits (visit_id int primary key, ward varchar(40),"
    " seen_at {moment})",
    "insert into visits values (1, 'A', '2026-03-30 08:00:00'),"
    " (2, 'B', '2026-03-31 09:30:00')",
    "create table wards (ward varchar(40) primary key, beds int)",
    "insert into wards values ('A', 12), ('B', 8)",
)


@pytest.fixture(scope="session")
def mariadb() -> Iterator[MariaDB]:
    """A running server without a hospital in it."""
    server = MariaDB()
    yield server
    server.stop()


@pytest.fixture
def schema(mariadb: MariaDB) -> str:
    """An empty database of MariaDB, which the reader may read."""
    name = f"clinic_{next(_NUMBERS)}"
    mariadb.run(f"create database {name} character set utf8mb4")
    mariadb.let_read(name)
    return name


@pytest.fixture
def postgres(warehouse: Warehouse) -> Callable[..., psycopg.Connection]:
    """An empty database of the embedded server: a way to connections of its owner."""
    name = f"clinic_{next(_NUMBERS)}"
    with warehouse.connect() as owner:
        owner.autocommit = True
        owner.execute(f"create database {name}".encode())
        conninfo = psycopg.conninfo.make_conninfo(warehouse.conninfo, dbname=name)

    def connect() -> psycopg.Connection:
        return psycopg.connect(conninfo, autocommit=True)

    connect.name = name  # type: ignore[attr-defined]
    return connect


@pytest.fixture
def clinic(mariadb: MariaDB, schema: str, warehouse: Warehouse, tmp_path) -> Nightly:
    """A clinic of two tables in MariaDB, and a warehouse that has received nothing."""
    forget_everything(warehouse)
    mariadb.run(*(it.format(moment="datetime") for it in CLINIC), database=schema)
    return Nightly(warehouse, of_mariadb(mariadb, schema), [VISITS, WARDS], tmp_path)


@pytest.fixture
def postgres_clinic(postgres, warehouse: Warehouse, tmp_path) -> Nightly:
    """The same clinic in PostgreSQL."""
    forget_everything(warehouse)
    with postgres() as owner:
        for statement in CLINIC:
            owner.execute(statement.format(moment="timestamp").encode())
    source = of_postgres(warehouse, postgres.name)
    return Nightly(warehouse, source, [VISITS, WARDS], tmp_path)
