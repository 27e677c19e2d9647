"""The key of the patients' pseudonyms: where it lies, keeping it, changing it.

How a pseudonym is computed from it stands in dbt's macro of that name.
"""

import secrets
from hashlib import scrypt, sha256
from typing import Any

from psycopg import Connection

from orchestration.errors import UsageError, WardlineError
from orchestration.passwords import write_key
from orchestration.settings import Settings

KEY_BYTES, BLOCK_BYTES = 32, 64  # of HMAC-SHA-256


def keep_key(connection: Connection[Any], settings: Settings) -> None:
    """Keep the key where SQL can use it, so that it stands in no SQL text.

    Makes the home's key file if the settings name no key and there is none.

    Raises:
        UsageError: the key is too short, or named twice.
        WardlineError: the warehouse's pseudonyms were made with another one.
    """
    path = settings.pseudonym_key_path
    stored = _stored(connection)
    if _is_homes_own(settings) and not path.exists():
        if stored is not None:
            raise WardlineError(
                f"{path} is missing, the key of this warehouse's pseudonyms; restore "
                "it, or let `wardline rotate-pseudonyms` make another."
            )
        write_key(path, secrets.token_bytes(KEY_BYTES))
    pads = _pads(_read(settings))
    if stored is None:
        _store(connection, pads)
    elif stored != pads:
        raise WardlineError(
            f"The key in {key_place(settings)} is not the one that this warehouse's "
            "pseudonyms were made with; put the right one in its place, or change to "
            "this one with `wardline rotate-pseudonyms`."
        )


def rotate_key(connection: Connection[Any], settings: Settings) -> None:
    """Make the warehouse take another key, in the connection's transaction.

    The home's own key file gets a new random key. A key that the hospital keeps itself
    has to be replaced there first. Interrupted, it is completed by being called again:
    a key that differs from the stored one is taken as it is.

    Raises:
        UsageError: the settings name a key, and it is still the old one.
    """
    stored = _stored(connection)
    path = settings.pseudonym_key_path
    key = None if _is_homes_own(settings) and not path.exists() else _read(settings)
    if key is None or _pads(key) == stored:
        if not _is_homes_own(settings):
            raise UsageError(
                f"{key_place(settings)} still holds the key of this warehouse's "
                "pseudonyms; put the new key there, then rotate."
            )
        key = secrets.token_bytes(KEY_BYTES)
        write_key(path, key)
    connection.execute("delete from ops.pseudonym_key")
    _store(connection, _pads(key))


def proof(settings: Settings, salt: bytes) -> str:
    """What tells the key again, and tells nothing else of it.

    Raises:
        UsageError: there is no key, it is too short, or named twice.
    """
    # Slow to compute, since a key may be words that somebody made up.
    return scrypt(_read(settings), salt=salt, n=2**14, r=8, p=1).hex()


def keys_before(connection: Connection[Any]) -> int:
    """How many keys were given up before the present one."""
    found = connection.execute(
        "select count(*) from ops.decisions where action = 'rotate_key'"
    ).fetchone()
    return int(found[0]) if found else 0


def has_new_pseudonyms(connection: Connection[Any]) -> bool:
    """Whether the publication being made is the first with the present key.

    Then nothing of what it replaces may be kept: an earlier publication, put back,
    would show the pseudonyms of the key that was given up.
    """
    found = connection.execute(
        "select max(decided_at) > (select max(published_at) from ops.publications"
        "  where restored_publication_id is null and published_at < now())"
        " from ops.decisions where action = 'rotate_key'"
    ).fetchone()
    return found == (True,)


def _is_homes_own(settings: Settings) -> bool:
    return settings.pseudonym_key is None and settings.pseudonym_key_file is None


def key_place(settings: Settings) -> str:
    """Where the key stands, for a person."""
    if settings.pseudonym_key is not None:
        return "WARDLINE_PSEUDONYM_KEY"
    return str(settings.pseudonym_key_path)


def _read(settings: Settings) -> bytes:
    if settings.pseudonym_key is not None and settings.pseudonym_key_file is not None:
        raise UsageError(
            "WARDLINE_PSEUDONYM_KEY and WARDLINE_PSEUDONYM_KEY_FILE are both set; "
            "keep one."
        )
    if settings.pseudonym_key is not None:
        key = settings.pseudonym_key.get_secret_value().encode()
    else:
        try:
            key = settings.pseudonym_key_path.read_bytes()
        except OSError as unreadable:
            raise UsageError(
                f"The pseudonym key in {key_place(settings)} cannot be read "
                f"({unreadable.strerror}); let WARDLINE_PSEUDONYM_KEY_FILE name its "
                "file."
            ) from None
    if len(key) < KEY_BYTES:
        raise UsageError(
            f"The pseudonym key in {key_place(settings)} has fewer than {KEY_BYTES} "
            "bytes."
        )
    return key


def _pads(key: bytes) -> list[bytes]:
    """The two padded keys of HMAC-SHA-256 (RFC 2104)."""
    block = (sha256(key).digest() if len(key) > BLOCK_BYTES else key).ljust(
        BLOCK_BYTES, b"\0"
    )
    return [bytes(byte ^ pad for byte in block) for pad in (0x36, 0x5C)]


def _store(connection: Connection[Any], pads: list[bytes]) -> None:
    """By COPY, whose data PostgreSQL never logs, as it may log a statement's."""
    with (
        connection.cursor() as cursor,
        cursor.copy(
            "copy ops.pseudonym_key (inner_pad, outer_pad) from stdin"
        ) as stream,
    ):
        stream.write_row(pads)


def _stored(connection: Connection[Any]) -> list[bytes] | None:
    found = connection.execute(
        "select inner_pad, outer_pad from ops.pseudonym_key"
    ).fetchone()
    return list(found) if found else None
