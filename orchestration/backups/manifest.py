"""What a backup says of itself, and whether it can be put back here.

Only its file and decisions on it belong here; PostgreSQL is asked elsewhere.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from orchestration.errors import UsageError, WardlineError

FORMAT = 1
MANIFEST, DUMP, KEY = "manifest.json", "warehouse.dump", "pseudonym.key"


@dataclass(frozen=True)
class ReaderRole:
    """A role of the server that reads the marts, other than Wardline's own."""

    name: str
    can_login: bool
    connection_limit: int
    valid_until: str | None
    groups: Sequence[str]
    """Which of Wardline's reader roles it is a member of."""
    is_for_server: bool
    """Whether wardline_server may take it on: a bound key or user."""
    verifier: str | None = field(default=None, repr=False)
    """Of its password; None if it has none, or the owner may not read it."""


@dataclass(frozen=True)
class Manifest:
    """What is in a backup."""

    made_at: str
    wardline_version: str
    server_version: int
    """The major version of the PostgreSQL that it was taken from."""
    migrations: Sequence[int]
    as_of: str | None
    """Of the last publication."""
    rows: Mapping[str, int]
    """Of each table."""
    owners: Mapping[str, str]
    """Of tables, where the owner is one of Wardline's roles and not the warehouse's."""
    roles: Sequence[ReaderRole]
    key_salt: str
    key_proof: str
    """What the pseudonyms' key yields with the salt; the key itself is not here."""
    dump_sha256: str
    format: int = FORMAT

    @property
    def schemas(self) -> list[str]:
        """Of its tables."""
        return sorted({table.split(".", 1)[0] for table in self.rows})


def write(folder: Path, manifest: Manifest) -> None:
    """Put the manifest into a backup's folder, for its owner's eyes alone."""
    file = folder / MANIFEST
    file.touch(mode=0o600)
    file.write_text(json.dumps(asdict(manifest), indent=1, sort_keys=True) + "\n")


def read(folder: Path) -> Manifest:
    """Read the manifest of a backup.

    Raises:
        UsageError: the folder is no backup, or one of a newer Wardline.
    """
    file = folder / MANIFEST
    try:
        held: dict[str, Any] = json.loads(file.read_text())
        newer = held["format"] > FORMAT
        found = None if newer else _from(held)
    except FileNotFoundError:
        raise UsageError(
            f"{folder} is no backup: it has no {MANIFEST}. Name the folder that "
            "`wardline backup` printed."
        ) from None
    except (ValueError, TypeError, KeyError, AttributeError):
        raise UsageError(f"{file} is damaged; take another backup.") from None
    if found is None:
        raise UsageError(
            f"{folder} was written by Wardline {held.get('wardline_version')}, in a "
            "form that this release does not know; restore it with that one."
        )
    return found


def _from(held: dict[str, Any]) -> Manifest:
    return Manifest(**held | {"roles": [ReaderRole(**it) for it in held["roles"]]})


def require_whole(folder: Path, manifest: Manifest) -> None:
    """Refuse a dump that is not the one that was written.

    Raises:
        WardlineError: it is missing, cut off or changed.
    """
    if digest(folder / DUMP) != manifest.dump_sha256:
        raise WardlineError(
            f"{folder / DUMP} is not the file that was backed up: it is damaged or "
            "was not copied whole. Nothing was changed; take another backup."
        )


def require_server(manifest: Manifest, server_version: int) -> None:
    """Refuse an older PostgreSQL than the backup's.

    Raises:
        WardlineError: it is.
    """
    if server_version < manifest.server_version:
        raise WardlineError(
            f"The backup is of PostgreSQL {manifest.server_version} and the server is "
            f"PostgreSQL {server_version}; restore to {manifest.server_version} or "
            "newer."
        )


def differences(expected: Mapping[str, int], found: Mapping[str, int]) -> list[str]:
    """Where the rows of tables are not as many as they should be, in words."""
    return [
        f"{table}: {found.get(table, 0):,} rows, not {expected.get(table, 0):,}"
        for table in sorted(expected.keys() | found.keys())
        if found.get(table) != expected.get(table)
    ]


def digest(file: Path) -> str | None:
    """The SHA-256 of a file; None if there is none."""
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except FileNotFoundError:
        return None
