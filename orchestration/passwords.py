"""Where passwords and keys come from: the environment, or a file that it names.

Nothing is shown here; a value leaves only towards the server that asks for it, or into
a file of its owner's alone.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args
from urllib.parse import unquote

from psycopg import Connection, sql
from pydantic import SecretStr

from orchestration.errors import UsageError
from orchestration.settings import Settings

Secret = Literal[
    "database_password",
    "dagster_database_password",
    "reader_password",
    "server_password",
    "login_password",
    "extracts_secret",
    "extracts_password",
    "serve_session_key",
    "alert_smtp_password",
    "alert_webhook_url",
    "alert_webhook_key",
]

# The shortest word that is worth hiding: hiding "a" would garble every sentence.
_SHORTEST = 4
_PASSWORD_IN_URL = re.compile(r"(?<=://)([^/@\s:]*):([^@\s]*)(?=@)")


def read_secret(settings: Settings, name: Secret) -> str | None:
    """A password of the settings: WARDLINE_<NAME>, or what WARDLINE_<NAME>_FILE holds.

    A file's last line end is not part of it. None if neither is set.

    Raises:
        UsageError: both are set, or the file cannot be read or is empty.
    """
    return _read(
        f"WARDLINE_{name.upper()}",
        f"WARDLINE_{name.upper()}_FILE",
        getattr(settings, name),
        getattr(settings, f"{name}_file"),
    )


def read_source_password(settings: Settings, system: str) -> str | None:
    """The password of a source system's database, beside its URL; None if none is set.

    Raises:
        UsageError: as read_secret.
    """
    return _read(
        f"WARDLINE_SOURCE_PASSWORD__{system.upper()}",
        f"WARDLINE_SOURCE_PASSWORD_FILE__{system.upper()}",
        settings.source_password.get(system),
        settings.source_password_file.get(system),
    )


def _read(
    variable: str, file_variable: str, value: SecretStr | None, file: Path | None
) -> str | None:
    if value is not None and file is not None:
        raise UsageError(f"{variable} and {file_variable} are both set; keep one.")
    if file is None:
        return value.get_secret_value() if value else None
    try:
        text = file.read_text().removesuffix("\n").removesuffix("\r")
    except (OSError, UnicodeDecodeError) as unreadable:
        reason = getattr(unreadable, "strerror", None) or "it is not text"
        raise UsageError(f"{file_variable}: {file} cannot be read: {reason}.") from None
    if not text:
        raise UsageError(f"{file_variable}: {file} is empty; put the password into it.")
    return text


def set_password(connection: Connection[Any], login: str, password: str) -> None:
    """Give a login its password; only its SCRAM verifier reaches the server.

    So the password itself is in no log of PostgreSQL, whatever that logs.
    """
    verifier = connection.pgconn.encrypt_password(
        password.encode(), login.encode(), b"scram-sha-256"
    )
    connection.execute(
        sql.SQL("alter role {} password {}").format(
            sql.Identifier(login), sql.Literal(verifier.decode())
        )
    )


def write_key(path: Path, key: bytes) -> None:
    """Put a key file in its place, whole, and readable by its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(f".{os.getpid()}")
    unfinished.touch(mode=0o600)
    unfinished.write_bytes(key)
    unfinished.replace(path)


def without_secrets(settings: Settings, text: str) -> str:
    """A text that a person or a log is given, with every known password blotted out."""
    hidden = _PASSWORD_IN_URL.sub(r"\1:***", text)
    for secret in _known(settings):
        if len(secret) >= _SHORTEST:
            hidden = hidden.replace(secret, "***")
    return hidden


def _known(settings: Settings) -> Iterator[str]:
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        for one in value.values() if isinstance(value, dict) else (value,):
            if isinstance(one, SecretStr):
                yield one.get_secret_value()
                if inside := _PASSWORD_IN_URL.search(one.get_secret_value()):
                    yield inside.group(2)
                    yield unquote(inside.group(2))
    for system in settings.source_url:
        try:
            yield read_source_password(settings, system) or ""
        except UsageError:  # as below
            continue
    for secret in get_args(Secret):
        try:
            yield read_secret(settings, secret) or ""
        except UsageError:  # unreadable, so nobody has read it
            continue
