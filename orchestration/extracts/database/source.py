"""Which database one source system is read from, and how people may speak of it.

Nothing is opened here. Where its URL and password come from is said in the settings.
"""

from dataclasses import dataclass, field

from sqlalchemy import URL

from orchestration.extracts.contract import ExtractContract
from orchestration.extracts.errors import printable

GRACE_SECONDS = 5
"""What a server has beyond the time of a read, to say itself that it took too long."""
# SQLAlchemy's own choice for these two needs a compiler or a library of the system's.
_DRIVERS = {
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
}


@dataclass(frozen=True)
class SourceDatabase:
    """The database of one source system.

    The URL has the password in it, so it is in no representation.
    """

    source_system: str
    url: URL = field(repr=False)
    timeout_seconds: int = 3600
    """How long reading one table may take."""
    connect_seconds: int = 10
    """How long one attempt to connect may take."""

    @property
    def product(self) -> str:
        """What SQLAlchemy calls the kind of database: mysql, postgresql, oracle ..."""
        return self.url.get_backend_name()

    @property
    def address(self) -> str:
        """Server and database, without login and password."""
        host = self.url.host or ""
        port = f":{self.url.port}" if self.url.port else ""
        where = f"{host}{port}/{(self.url.database or '').lstrip('/')}"
        return printable(f"{self.product}://{where}".rstrip("/"))

    def place(self, contract: ExtractContract) -> str:
        """What is read of a table, for people and for the record."""
        return f"{self.address}/{name_of(contract)}"


def name_of(contract: ExtractContract) -> str:
    """What a table is called in its database; a query goes by its contract's name."""
    return printable(contract.database_table or contract.table)


def with_driver(url: URL) -> URL:
    """A URL with the driver that Wardline reads this kind of database with."""
    backend = url.drivername.partition("+")[0]
    return url.set(drivername=_DRIVERS.get(backend, url.drivername))
