"""From settings to libpq's connection strings of a server of one's own.

Only text is made here; who connects, and as which role, is warehouse.py's.
"""

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from pydantic import SecretStr

from orchestration.errors import UsageError
from orchestration.passwords import read_secret
from orchestration.settings import Settings

# Parts of the owner's connection that are not the reader's.
_OWNERS_OWN = ("user", "password", "passfile", "options", "sslcert", "sslkey")


def owners_conninfo(settings: Settings) -> str:
    """The connection of the warehouse's owner.

    Raises:
        UsageError: the URL is not one of PostgreSQL, or its password cannot be read.
    """
    conninfo = _checked(settings.database_url, "DATABASE_URL")
    password = read_secret(settings, "database_password")
    return make_conninfo(conninfo, password=password) if password else conninfo


def dagsters_conninfo(settings: Settings) -> str | None:
    """The connection of Dagster's own database; None: it keeps files in the home.

    Raises:
        UsageError: the URL is not one of PostgreSQL, or its password cannot be read.
    """
    if settings.dagster_database_url is None:
        return None
    conninfo = _checked(settings.dagster_database_url, "DAGSTER_DATABASE_URL")
    password = read_secret(settings, "dagster_database_password")
    return make_conninfo(conninfo, password=password) if password else conninfo


def readers_conninfo(settings: Settings, login: str) -> str | None:
    """The connection of the reader: its own URL, or the owner's with its password.

    Returns:
        None if the reader has neither a URL nor a password.

    Raises:
        UsageError: the URL is not one of PostgreSQL, or its password cannot be read.
    """
    password = read_secret(settings, "reader_password")
    if settings.reader_url is not None:
        conninfo = _checked(settings.reader_url, "READER_URL")
        return make_conninfo(conninfo, password=password) if password else conninfo
    if password is None:
        return None
    return _of_another(owners_conninfo(settings), login, password)


def servers_conninfo(settings: Settings, login: str) -> str | None:
    """The connection of `wardline serve`: where the reader reads, as its own login.

    Returns:
        None if it has no password.

    Raises:
        UsageError: the URL is not one of PostgreSQL, or its password cannot be read.
    """
    password = read_secret(settings, "server_password")
    if password is None:
        return None
    conninfo = (
        _checked(settings.reader_url, "READER_URL")
        if settings.reader_url is not None
        else _checked(settings.database_url, "DATABASE_URL")
    )
    return _of_another(conninfo, login, password)


def _of_another(conninfo: str, login: str, password: str) -> str:
    """The same server and database, as another login."""
    shared = {
        name: str(value)
        for name, value in conninfo_to_dict(conninfo).items()
        if name not in _OWNERS_OWN
    }
    return make_conninfo(user=login, password=password, **shared)


def _checked(url: SecretStr | None, name: str) -> str:
    """A URL as libpq's connection string, without what could only be a mistake.

    A password with an unescaped sign reads as part of a host or a port, and would be
    shown by the error of whoever tries to reach it.
    """
    text = url.get_secret_value() if url else ""
    if not text.startswith(("postgresql://", "postgres://")):
        raise UsageError(
            f"WARDLINE_{name} must look like postgresql://user:password@host/database."
        )
    try:
        part = conninfo_to_dict(text)
    except psycopg.ProgrammingError:
        part = {}
    ports = str(part.get("port") or "").split(",")
    names = (str(part.get(one) or "") for one in ("host", "dbname", "user"))
    if (
        not part
        or not all(port.isdigit() for port in ports if port)
        or any("@" in one for one in names)
    ):
        raise UsageError(
            f"WARDLINE_{name} is not a URL that PostgreSQL understands. Write signs "
            "like @ : / ? # of a password as %40 %3A %2F %3F %23, or set "
            f"WARDLINE_{name.replace('URL', 'PASSWORD')} beside it."
        )
    return make_conninfo(text)
