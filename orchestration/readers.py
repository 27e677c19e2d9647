"""Who may read the marts, and which rows of them: granting, revoking, binding.

What a binding shows of a mart is row_security.py's. Every change is recorded as a
decision, in the same transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import Connection, sql

from orchestration.decisions import record_decision
from orchestration.errors import UsageError
from orchestration.memberships import (
    BOUND,
    PLAIN,
    has_login,
    join,
    leave,
    refuse_member,
    refuse_powerful,
)
from orchestration.passwords import set_password


@dataclass(frozen=True)
class Place:
    """A branch or a department, as its dimension shows it."""

    key: str
    name: str | None
    branch_key: str


@dataclass(frozen=True)
class Binding:
    """The rows that a reader may see; None: not bound by it."""

    branch_keys: tuple[str, ...] | None = None
    department_keys: tuple[str, ...] | None = None

    @property
    def is_bound(self) -> bool:
        """Whether there is any row of the marts that he may not see."""
        return (self.branch_keys, self.department_keys) != (None, None)

    @property
    def details(self) -> dict[str, list[str] | None]:
        """For the record."""
        return {
            "branch_keys": _array(self.branch_keys),
            "department_keys": _array(self.department_keys),
        }

    def __str__(self) -> str:
        """What it shows, for a person."""
        parts = [
            f"{kind} {', '.join(keys)}"
            for kind, keys in (
                ("branches", self.branch_keys),
                ("departments", self.department_keys),
            )
            if keys is not None
        ]
        return "; ".join(parts) or "everything"


def bind(
    branches: Sequence[Place],
    departments: Sequence[Place],
    named_branches: Sequence[str],
    named_departments: Sequence[str],
) -> Binding:
    """Resolve keys or names of places into a binding.

    The name of a department means the departments of that name in the named branches,
    or in all where none is named.

    Raises:
        UsageError: a name or key fits no place.
    """
    branch_keys = _resolve(branches, named_branches, "branch", "dim_branch")
    here = [it for it in departments if not branch_keys or it.branch_key in branch_keys]
    return Binding(
        branch_keys or None,
        _resolve(here, named_departments, "department", "dim_department") or None,
    )


def _resolve(
    places: Sequence[Place], named: Sequence[str], kind: str, mart: str
) -> tuple[str, ...]:
    keys: dict[str, None] = {}
    for name in named:
        found = [it.key for it in places if name in (it.key, it.name)]
        if not found:
            raise UsageError(
                f"There is no {kind} '{name}'. To see them: wardline query "
                f'"select * from marts.{mart}"'
            )
        keys |= dict.fromkeys(found)
    return tuple(sorted(keys))


def published_places(connection: Connection[Any]) -> tuple[list[Place], list[Place]]:
    """The branches and the departments of the marts.

    Raises:
        UsageError: nothing was published yet.
    """
    there = connection.execute("select to_regclass('marts.dim_branch')").fetchone()
    if there is None or there[0] is None:
        raise UsageError("Nothing is published yet; run `wardline refresh` first.")
    branches = connection.execute(
        "select branch_key, branch_name, branch_key from marts.dim_branch"
    ).fetchall()
    departments = connection.execute(
        "select department_key, department_name, branch_key from marts.dim_department"
    ).fetchall()
    return [Place(*it) for it in branches], [Place(*it) for it in departments]


def grant(
    connection: Connection[Any],
    login: str,
    binding: Binding,
    *,
    reason: str,
    password: str | None = None,
) -> None:
    """Let a login read the marts, within its binding; made if it is not there.

    Args:
        connection: of the owner; all of it is one transaction.
        login: a role of the server; its former binding is replaced.
        binding: what it may see.
        reason: why, for the record.
        password: for a login that is made now.

    Raises:
        UsageError: the login may see everything for another reason.
    """
    if not has_login(connection, login):
        connection.execute(
            sql.SQL("create role {} login").format(sql.Identifier(login))
        )
        if password:
            set_password(connection, login, password)
    refuse_powerful(connection, login)
    _forget(connection, login)
    give(connection, login, binding)
    record_decision(
        connection,
        action="grant",
        subject=login,
        reason=reason,
        details=binding.details,
    )


def give(connection: Connection[Any], role: str, binding: Binding) -> None:
    """Make a role that reads nothing yet a reader, within a binding.

    Raises:
        WardlineError: it may see everything by somebody else's grant.
    """
    join(connection, role, BOUND if binding.is_bound else PLAIN)
    if binding.is_bound:
        refuse_member(connection, role, PLAIN)
        connection.execute(
            "insert into ops.reader_bindings (login_name, branch_keys, department_keys)"
            " values (%(role)s, %(branch_keys)s, %(department_keys)s)",
            {"role": role} | binding.details,
        )


def revoke(connection: Connection[Any], login: str, *, reason: str) -> None:
    """Let a login read the marts no longer; the login itself stays.

    Sessions that are open see nothing from their next statement on.

    Raises:
        UsageError: there is no such login, or it cannot read the marts.
    """
    if not has_login(connection, login):
        raise UsageError(f"The server has no login '{login}'; see `wardline grants`.")
    if not _forget(connection, login):
        raise UsageError(f"{login} was granted nothing; see `wardline grants`.")
    refuse_member(connection, login, PLAIN, BOUND)
    record_decision(connection, action="revoke", subject=login, reason=reason)


def _forget(connection: Connection[Any], login: str) -> bool:
    """Take a login's memberships and binding away; False if it had none."""
    bound = connection.execute(
        "delete from ops.reader_bindings where login_name = %s returning 1", [login]
    ).fetchall()
    return leave(connection, login) or bool(bound)


def _array(keys: tuple[str, ...] | None) -> list[str] | None:
    return None if keys is None else list(keys)
