"""API keys: made, listed, revoked, and recognised.

A key has 256 random bits, so one round of SHA-256 is enough to keep it by; passwords,
which people choose, are users.py's.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row

PREFIX = "wardline_"
_KEY_BYTES = 32


@dataclass(frozen=True)
class ApiKey:
    """A key as it is kept: everything but the key itself."""

    key_id: int
    key_name: str
    role_name: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None

    def is_valid(self, now: datetime) -> bool:
        """Whether it opens anything at that moment."""
        return self.revoked_at is None and now < self.expires_at


_KEYS = """
select key_id, key_name, role_name, created_at, expires_at, revoked_at
from serving.api_keys left join serving.revoked_api_keys using (key_id)
"""


def create_key(
    connection: Connection[Any], name: str, role: str, lifetime: timedelta
) -> tuple[int, str]:
    """Make a key; returns its number and the key, which is kept nowhere.

    Args:
        connection: of the warehouse's owner.
        name: who or what will use it, for lists and logs.
        role: the database role whose grants and row security apply to it.
        lifetime: how long it opens anything.
    """
    key = PREFIX + secrets.token_urlsafe(_KEY_BYTES)
    made = connection.execute(
        "insert into serving.api_keys (key_name, secret_sha256, role_name, expires_at)"
        " values (%s, %s, %s, now() + %s) returning key_id",
        [name, _hashed(key), role, lifetime],
    ).fetchone()
    assert made  # noqa: S101 (an insert that returns)
    return int(made[0]), key


def all_keys(connection: Connection[Any]) -> list[ApiKey]:
    """Every key that was ever made, the newest first."""
    with connection.cursor(row_factory=class_row(ApiKey)) as cursor:
        return cursor.execute(_KEYS + "order by key_id desc").fetchall()


def revoke_key(connection: Connection[Any], key_id: int, reason: str) -> bool:
    """Close a key from the next request on; False if there is no open one."""
    done = connection.execute(
        "insert into serving.revoked_api_keys (key_id, reason)"
        " select key_id, %s from serving.api_keys where key_id = %s"
        " on conflict do nothing",
        [reason, key_id],
    )
    return done.rowcount == 1


def find_key(connection: Connection[Any], key: str) -> ApiKey | None:
    """The key that a caller showed, valid or not; None if there is none."""
    if not key.startswith(PREFIX):
        return None
    with connection.cursor(row_factory=class_row(ApiKey)) as cursor:
        return cursor.execute(
            _KEYS + "where secret_sha256 = %s", [_hashed(key)]
        ).fetchone()


def _hashed(key: str) -> bytes:
    return sha256(key.encode()).digest()
