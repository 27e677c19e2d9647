"""Where the warehouse is, and who may do what in it.

Connections by role, and the bootstrap of roles and bookkeeping. The lock that keeps
refreshes apart is locks.py's; what is in the tables belongs to the other modules.
"""

import os
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from orchestration import embedded, recovery
from orchestration.conninfo import owners_conninfo, readers_conninfo, servers_conninfo
from orchestration.errors import UsageError, WardlineError
from orchestration.memberships import SERVER
from orchestration.pseudonyms import keep_key
from orchestration.settings import REPOSITORY, Settings
from orchestration.upgrading import migrate

MINIMUM_VERSION = 16
# What PostgreSQL calls the sessions of a refresh (application_name), dbt's included.
SESSION = "wardline refresh"
_TABLES = tuple(
    REPOSITORY / file
    for file in (
        "orchestration/bootstrap.sql",
        "orchestration/decisions.sql",
        "orchestration/publications.sql",
        "orchestration/changes.sql",
        "orchestration/readers.sql",
        "orchestration/extracts/tables.sql",
        "orchestration/runs.sql",
        "orchestration/alerts/tables.sql",
        "serving/tables.sql",
    )
)
# What stands on the tables as the last migration leaves them.
_ON_TABLES = tuple(
    REPOSITORY / file
    for file in ("orchestration/append_only.sql", "serving/record.sql")
)
HARDENING = Path(__file__).with_name("hardening.sql")


class Role(StrEnum):
    """The roles of the warehouse that Wardline takes on; each may do only its part."""

    LOADER = "wardline_loader"
    TRANSFORMER = "wardline_transformer"
    READER = "wardline_reader"


@dataclass(frozen=True)
class Warehouse:
    """A PostgreSQL that Wardline may use."""

    conninfo: str = field(repr=False)
    """libpq connection string of the owner; may hold a password, so never shown."""
    reader_conninfo: str | None = field(repr=False)
    """The same for wardline_reader, who logs in for himself."""
    is_embedded: bool
    server_conninfo: str | None = field(default=None, repr=False)
    """The same for wardline_server, as which `wardline serve` logs in."""

    @property
    def options(self) -> str:
        """What the owner's connection sets for its session, as `-c work_mem=1GB`."""
        return str(conninfo_to_dict(self.conninfo).get("options") or "")

    def connect(self, role: Role | None = None) -> psycopg.Connection:
        """Open a connection as the given role (None: the owner).

        Raises:
            WardlineError: the server cannot be reached.
            UsageError: the reader's own login is not set.
        """
        try:
            return psycopg.connect(self._conninfo(role))
        except psycopg.OperationalError as failed:
            reason = str(failed).strip().splitlines()[0]
            raise WardlineError(
                f"The warehouse cannot be reached: {reason}. "
                "Check WARDLINE_DATABASE_URL, or that its server runs."
            ) from failed

    def url(self, role: Role | None = None, *, has_password: bool = True) -> str:
        """The connection as a URL that libpq tools and SQLAlchemy understand.

        Args:
            role: as whom; None: the owner.
            has_password: False leaves the password out, for what is shown.
        """
        part = conninfo_to_dict(self._conninfo(role))
        login = quote(str(part.pop("user", "")), safe="")
        password = part.pop("password", None)
        if password is not None and has_password:
            login += ":" + quote(str(password), safe="")
        host, port = str(part.pop("host", "localhost")), part.pop("port", 5432)
        if host.startswith("/"):
            # Great Expectations refuses a URL without a host in its usual place.
            part["host"], host = host, "localhost"
        query = "&".join(
            f"{name}={quote(str(value))}"
            for name, value in part.items()
            if name != "dbname"
        )
        database = part.get("dbname", "")
        return f"postgresql://{login}@{host}:{port}/{database}" + (
            f"?{query}" if query else ""
        )

    def _conninfo(self, role: Role | None) -> str:
        if role is Role.READER:
            # SET ROLE can be undone by whoever sends SQL, so the reader logs in.
            if self.reader_conninfo is None:
                raise UsageError(
                    "WARDLINE_READER_PASSWORD is not set: queries run as "
                    "wardline_reader, who logs in for himself. Set it, and run "
                    "`wardline init-db`."
                )
            return self.reader_conninfo
        if role is None:
            return self.conninfo
        # What the owner's own options set holds for the role's sessions as well.
        options = f"{self.options} -c role={role}".strip()
        return make_conninfo(self.conninfo, options=options)


def open_warehouse(settings: Settings, *, is_rotating: bool = False) -> Warehouse:
    """Reach the warehouse, starting the embedded server if it is the one.

    Roles, schemas and bookkeeping tables are made where they are missing.

    Args:
        settings: of the home.
        is_rotating: True takes a pseudonyms' key other than the warehouse's.

    Raises:
        WardlineError: the server cannot be started or reached, or is too old, or its
            login may not make what is missing, or its pseudonyms have another key.
        UsageError: the URL is not one of PostgreSQL.
    """
    warehouse = locate(settings)
    if warehouse.is_embedded:
        embedded.start(settings.home)
    recovery.wait(warehouse.conninfo)
    with warehouse.connect() as connection:
        version = connection.info.server_version // 10_000
        if version < MINIMUM_VERSION:
            raise WardlineError(
                f"The warehouse is PostgreSQL {version}; Wardline needs "
                f"{MINIMUM_VERSION} or newer."
            )
        try:
            _bootstrap(connection)
        except psycopg.errors.InsufficientPrivilege as refused:
            raise WardlineError(
                "The login of WARDLINE_DATABASE_URL may not make the warehouse "
                f"({refused.diag.message_primary}); it has to own the database and "
                "needs CREATEROLE, see docs/operations.md."
            ) from refused
        if not is_rotating:
            keep_key(connection, settings)
    return warehouse


def locate(settings: Settings) -> Warehouse:
    """Say where the warehouse is, without reaching for it.

    Raises:
        UsageError: the URL is not one of PostgreSQL.
    """
    _require_home(settings.home)
    if settings.database_url is None:
        folder = embedded.socket_folder(settings.home)
        return Warehouse(
            conninfo=make_conninfo(
                host=str(folder), user="postgres", dbname="postgres"
            ),
            reader_conninfo=make_conninfo(
                host=str(folder), user=Role.READER, dbname="postgres"
            ),
            is_embedded=True,
            server_conninfo=make_conninfo(
                host=str(folder), user=SERVER, dbname="postgres"
            ),
        )
    return Warehouse(
        conninfo=owners_conninfo(settings),
        reader_conninfo=readers_conninfo(settings, Role.READER),
        is_embedded=False,
        server_conninfo=servers_conninfo(settings, SERVER),
    )


def _require_home(home: Path) -> None:
    try:
        home.mkdir(parents=True, exist_ok=True)
        failure = None if os.access(home, os.W_OK | os.X_OK) else "not permitted"
    except OSError as failed:
        failure = failed.strerror
    if failure:
        raise UsageError(
            f"WARDLINE_HOME is {home}, where nothing can be written ({failure}); name "
            "a folder that this user may write to."
        )


def _bootstrap(connection: psycopg.Connection) -> None:
    """Make what is missing and upgrade what is old, one process at a time, or nothing.

    The lock is on a table that the reader cannot touch; whoever is first makes it.
    """
    connection.execute("set client_min_messages = warning")
    made_meanwhile = (
        psycopg.errors.UniqueViolation,
        psycopg.errors.DuplicateSchema,
        psycopg.errors.DuplicateTable,
    )
    with suppress(*made_meanwhile), connection.transaction():
        connection.execute(
            "create schema if not exists ops;"
            " create table if not exists ops.bootstrap_lock ();"
            " create table if not exists ops.refresh_lock ()"
        )
    connection.execute("lock table ops.bootstrap_lock in share row exclusive mode")
    for file in _TABLES:
        connection.execute(file.read_bytes())
    migrate(connection)
    for file in _ON_TABLES:
        connection.execute(file.read_bytes())
    is_superuser = connection.execute(
        "select rolsuper from pg_roles where rolname = current_user"
    ).fetchone()
    if is_superuser == (True,):
        connection.execute(HARDENING.read_bytes())
