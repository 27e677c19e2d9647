"""The record of decisions (ops.decisions): who did what to the data, when and why.

Only writing and reading it belongs here; whoever decides records it in the transaction
of what was decided, so that neither stands without the other.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import psutil
from psycopg import Connection
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from orchestration.errors import UsageError

Action = Literal[
    "accept_batch",
    "reject_batch",
    "settle_records",
    "publish",
    "roll_back",
    "restore",
    "grant",
    "revoke",
    "rotate_key",
    "make_key",
    "revoke_key",
    "add_user",
    "disable_user",
    "set_thresholds",
]


@dataclass(frozen=True)
class Decision:
    """One row of ops.decisions."""

    decision_id: int
    decided_at: datetime
    decided_by: str
    """Who said so; else the user of the operating system whose process it was."""
    database_login: str
    action: str
    subject: str
    reason: str
    details: dict[str, Any]


def record_decision(
    connection: Connection[Any],
    *,
    action: Action,
    subject: str,
    reason: str,
    details: Mapping[str, Any] | None = None,
    by: str | None = None,
) -> int:
    """Record a decision, in the connection's transaction.

    Args:
        connection: of the owner, the loader or the transformer.
        action: what was done.
        subject: to what, as a person calls it: `batch 17`, `publication 4`, a login.
        reason: why, in the words of whoever decided; no patient's value.
        details: what else may be asked later; no patient's value.
        by: who decided, where several people share a user of the operating system.

    Returns:
        The decision's number.

    Raises:
        UsageError: no reason is given.
    """
    if not reason.strip():
        raise UsageError("A decision needs a reason that others can read later.")
    user = os_user()
    known = dict(details or {}) | ({"os_user": user} if by and by != user else {})
    recorded = connection.execute(
        "insert into ops.decisions (decided_by, action, subject, reason, details)"
        " values (%s, %s, %s, %s, %s) returning decision_id",
        [by or user, action, subject, reason.strip(), Jsonb(known)],
    ).fetchone()
    assert recorded  # noqa: S101 (an insert that returns)
    return int(recorded[0])


def last_decisions(connection: Connection[Any], limit: int) -> list[Decision]:
    """The latest decisions, the newest first."""
    with connection.cursor(row_factory=class_row(Decision)) as cursor:
        return cursor.execute(
            "select decision_id, decided_at, decided_by, database_login, action,"
            " subject, reason, details from ops.decisions"
            " order by decision_id desc limit %s",
            [limit],
        ).fetchall()


def os_user() -> str:
    """The user that this process runs as; not what its environment says."""
    return str(psutil.Process().username())
