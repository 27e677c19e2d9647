"""Keys of the API and users of the dashboard: made, ended and listed, on record.

Each that is bound to places gets a database role of its own, which the server takes on
for it; what the role then sees is readers.py's. How keys and users are kept and known
again stands in serving/.
"""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from psycopg import Connection, sql

from orchestration import readers
from orchestration.decisions import record_decision
from orchestration.errors import UsageError
from orchestration.memberships import PLAIN, SERVER
from orchestration.readers import Binding
from serving import keys, users

_LONGEST_NAME = 100


def create_key(
    connection: Connection[Any],
    name: str,
    binding: Binding,
    *,
    lifetime: timedelta,
    reason: str,
) -> tuple[int, str]:
    """Make an API key; returns its number and the key, which is kept nowhere.

    Args:
        connection: of the owner; all of it is one transaction.
        name: who or what will use it; stands in the server's log.
        binding: what it may see.
        lifetime: how long it opens anything.
        reason: why, for the record.

    Raises:
        UsageError: the name cannot stand in a log.
    """
    _refuse_unprintable(name)
    role = _make_role(connection, "key", binding)
    key_id, key = keys.create_key(connection, name, role, lifetime)
    record_decision(
        connection,
        action="make_key",
        subject=f"key {key_id} ({name})",
        reason=reason,
        details={"role": role, "days": lifetime.days} | binding.details,
    )
    return key_id, key


def revoke_key(connection: Connection[Any], key_id: int, *, reason: str) -> None:
    """Close a key from its next request on.

    Raises:
        UsageError: there is no such key, or it is revoked already.
    """
    if not keys.revoke_key(connection, key_id, reason):
        raise UsageError(f"No key {key_id} is open; see `wardline api-key list`.")
    (found,) = (it for it in keys.all_keys(connection) if it.key_id == key_id)
    _drop_role(connection, found.role_name)
    record_decision(
        connection,
        action="revoke_key",
        subject=f"key {key_id} ({found.key_name})",
        reason=reason,
    )


def add_user(
    connection: Connection[Any],
    name: str,
    password: str | None,
    binding: Binding,
    *,
    reason: str,
) -> None:
    """Let a user in, or give him another password or binding; ends his sessions.

    Args:
        connection: of the owner; all of it is one transaction.
        name: as he types it, or as the hospital's proxy names him.
        password: None: only the hospital's proxy may name him.
        binding: what he may see.
        reason: why, for the record.

    Raises:
        UsageError: the password is too short, or the name cannot be typed.
    """
    _refuse_unprintable(name)
    if password is not None and len(password) < users.SHORTEST_PASSWORD:
        raise UsageError(
            f"A password needs {users.SHORTEST_PASSWORD} characters or more."
        )
    former = users.find_user(connection, name)
    role = _make_role(connection, "user", binding)
    users.add_user(connection, name, password, role)
    if former is not None:
        _drop_role(connection, former.role_name)
    record_decision(
        connection,
        action="add_user",
        subject=name,
        reason=reason,
        details={"role": role, "has_password": password is not None} | binding.details,
    )


def disable_user(connection: Connection[Any], name: str, *, reason: str) -> None:
    """Let a user in no more, from his next request on.

    Raises:
        UsageError: there is no such user, or he is out already.
    """
    found = users.find_user(connection, name)
    if found is None or not users.disable_user(connection, name):
        raise UsageError(f"No user '{name}' is let in; see `wardline user list`.")
    _drop_role(connection, found.role_name)
    record_decision(connection, action="disable_user", subject=name, reason=reason)


def bindings(connection: Connection[Any]) -> Mapping[str, Binding]:
    """What each role may see, of all that are bound."""
    found = connection.execute(
        "select login_name::text, branch_keys, department_keys from ops.reader_bindings"
    ).fetchall()
    return {
        role: Binding(branches and tuple(branches), departments and tuple(departments))
        for role, branches, departments in found
    }


def _make_role(connection: Connection[Any], kind: str, binding: Binding) -> str:
    """A role to read as, which only the server may take on."""
    if not binding.is_bound:
        return PLAIN
    role = f"wardline_{kind}_{secrets.token_hex(5)}"
    name = sql.Identifier(role)
    connection.execute(sql.SQL("create role {} nologin").format(name))
    readers.give(connection, role, binding)
    connection.execute(
        sql.SQL("grant {} to {} with inherit false, set true").format(
            name, sql.Identifier(SERVER)
        )
    )
    return role


def _drop_role(connection: Connection[Any], role: str) -> None:
    if role == PLAIN:
        return
    connection.execute("delete from ops.reader_bindings where login_name = %s", [role])
    connection.execute(sql.SQL("drop role if exists {}").format(sql.Identifier(role)))


def _refuse_unprintable(name: str) -> None:
    if not (name.strip() == name and name.isprintable()) or not (
        0 < len(name) <= _LONGEST_NAME
    ):
        raise UsageError(
            f"A name has 1 to {_LONGEST_NAME} printable characters, and no space at "
            "its ends."
        )
