"""Where the warehouse is, and who may do what in it.

Connections by role, and the bootstrap of roles and bookkeeping. The lock that keeps
refreshes apart is locks.py's; what is in the tables belongs to the other modules.
"""

import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote, urlsplit

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from orchestration import embedded, recovery
from orchestration.errors import UsageError, WardlineError
from orchestration.settings import Settings

MINIMUM_VERSION = 16
KEY_BYTES, BLOCK_BYTES = 32, 64  # of HMAC-SHA-256
# What PostgreSQL calls the sessions of a refresh (application_name), dbt's included.
SESSION = "wardline refresh"
_BOOTSTRAP_FILES = (
    Path(__file__).with_name("bootstrap.sql"),
    Path(__file__).with_name("decisions.sql"),
    Path(__file__).with_name("publications.sql"),
    Path(__file__).parent / "extracts" / "tables.sql",
)


class Role(StrEnum):
    """The three roles of the warehouse; each may do only its own part."""

    LOADER = "wardline_loader"
    TRANSFORMER = "wardline_transformer"
    READER = "wardline_reader"


@dataclass(frozen=True)
class Warehouse:
    """A PostgreSQL that Wardline may use."""

    conninfo: str
    """libpq connection string of the owner; may hold a password, so never shown."""
    reader_conninfo: str | None
    """The same for wardline_reader, who logs in for himself."""
    is_embedded: bool

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

    def url(self, role: Role | None = None) -> str:
        """The connection as a URL that libpq tools and SQLAlchemy understand."""
        part = conninfo_to_dict(self._conninfo(role))
        login = quote(str(part.pop("user", "")), safe="")
        if "password" in part:
            login += ":" + quote(str(part.pop("password")), safe="")
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
                    "WARDLINE_READER_URL is not set: queries run as wardline_reader, "
                    "who needs a login of its own. See .env.example."
                )
            return self.reader_conninfo
        if role is None:
            return self.conninfo
        return make_conninfo(self.conninfo, options=f"-c role={role}")


def open_warehouse(settings: Settings) -> Warehouse:
    """Reach the warehouse, starting the embedded server if it is the one.

    Roles, schemas and bookkeeping tables are made where they are missing.

    Raises:
        WardlineError: the server cannot be started or reached, or is too old.
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
        _bootstrap(connection)
        _store_pseudonym_key(connection, settings.pseudonym_key_path)
    return warehouse


def locate(settings: Settings) -> Warehouse:
    """Say where the warehouse is, without reaching for it.

    Raises:
        UsageError: the URL is not one of PostgreSQL.
    """
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
        )
    return Warehouse(
        conninfo=_checked(settings.database_url.get_secret_value(), "DATABASE_URL"),
        reader_conninfo=(
            _checked(settings.reader_url.get_secret_value(), "READER_URL")
            if settings.reader_url
            else None
        ),
        is_embedded=False,
    )


def _checked(url: str, name: str) -> str:
    if urlsplit(url).scheme not in ("postgresql", "postgres"):
        raise UsageError(
            f"WARDLINE_{name} must look like postgresql://user:password@host/database."
        )
    try:
        return make_conninfo(url)
    except psycopg.ProgrammingError:
        raise UsageError(
            f"WARDLINE_{name} is not a URL that PostgreSQL understands."
        ) from None


def _bootstrap(connection: psycopg.Connection) -> None:
    """Run the bootstrap files, one process at a time, all or nothing.

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
    for file in _BOOTSTRAP_FILES:
        connection.execute(file.read_bytes())


def _store_pseudonym_key(connection: psycopg.Connection, path: Path) -> None:
    """Keep the key where SQL can use it, so that it stands in no SQL text.

    HMAC-SHA-256 as in RFC 2104, with its two pads computed once.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f"{path.name}.{os.getpid()}")
        unfinished.touch(mode=0o600)
        unfinished.write_bytes(secrets.token_bytes(KEY_BYTES))
        unfinished.rename(path)
    key = path.read_bytes()
    if len(key) < KEY_BYTES:
        raise UsageError(
            f"The pseudonym key in {path} has fewer than {KEY_BYTES} bytes."
        )
    block = (sha256(key).digest() if len(key) > BLOCK_BYTES else key).ljust(
        BLOCK_BYTES, b"\0"
    )
    pads = [bytes(byte ^ pad for byte in block) for pad in (0x36, 0x5C)]
    connection.execute(
        "insert into ops.pseudonym_key (inner_pad, outer_pad) values (%s, %s)"
        " on conflict do nothing",
        pads,
    )
    stored = connection.execute(
        "select inner_pad, outer_pad from ops.pseudonym_key"
    ).fetchone()
    if stored is None or list(stored) != pads:
        raise WardlineError(
            f"The key in {path} is not the one that this warehouse's pseudonyms were "
            "made with; put the right file in its place."
        )
