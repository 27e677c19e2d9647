"""Which source systems are read from their own databases, as the settings say.

Nothing is opened here; how a database is read stands in extracts/database/.
"""

from collections.abc import Collection

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from orchestration.errors import UsageError
from orchestration.extracts.database.source import SourceDatabase, with_driver
from orchestration.passwords import read_source_password
from orchestration.settings import Settings


def source_databases(
    settings: Settings, systems: Collection[str]
) -> dict[str, SourceDatabase]:
    """The database of each system that has one; all others have the drop folder.

    Args:
        settings: with their URLs and passwords.
        systems: all of the project's.

    Raises:
        UsageError: a URL is none, or of no system; a password has no URL, or two.
    """
    named: dict[str, Collection[str]] = {
        "WARDLINE_SOURCE_URL": settings.source_url,
        "WARDLINE_SOURCE_PASSWORD": settings.source_password,
        "WARDLINE_SOURCE_PASSWORD_FILE": settings.source_password_file,
    }
    for variable, them in named.items():
        for system in them:
            if system not in systems:
                raise UsageError(
                    f"{variable}__{system.upper()}: there is no source system "
                    f"'{system}'; the project has {', '.join(systems)}."
                )
            if system not in settings.source_url:
                raise UsageError(
                    f"{variable}__{system.upper()} is set and "
                    f"WARDLINE_SOURCE_URL__{system.upper()} is not; set both or none."
                )
    found = {}
    for system, secret in settings.source_url.items():
        try:
            url = with_driver(make_url(secret.get_secret_value()))
        except ArgumentError:
            raise UsageError(
                f"WARDLINE_SOURCE_URL__{system.upper()} must be the URL of a database, "
                "as mysql://user@host:3306/database."
            ) from None
        if password := read_source_password(settings, system):
            url = url.set(password=password)
        found[system] = SourceDatabase(system, url, settings.source_timeout)
    return found
