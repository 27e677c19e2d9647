"""Logins and their memberships: what gives a role the marts, or more than the marts.

Which rows a login is bound to is readers.py's.
"""

from typing import Any

from psycopg import Connection, sql

from orchestration.errors import UsageError, WardlineError

PLAIN, BOUND = "wardline_reader", "wardline_bound_reader"
SERVER = "wardline_server"

# Roles whose members see or do more than any binding allows.
_POWERFUL = (
    "wardline_loader",
    "wardline_transformer",
    SERVER,
    "pg_read_all_data",
    "pg_write_all_data",
    "pg_read_server_files",
    "pg_write_server_files",
    "pg_execute_server_program",
)


def has_login(connection: Connection[Any], login: str) -> bool:
    """Whether the server has a role of that name."""
    found = connection.execute("select 1 from pg_roles where rolname = %s", [login])
    return found.fetchone() is not None


def is_hardened(connection: Connection[Any]) -> bool:
    """Whether a superuser took from the readers what only he can (hardening.sql)."""
    found = connection.execute(
        "select has_function_privilege(%s, 'lo_create(oid)', 'execute')", [PLAIN]
    ).fetchone()
    return found == (False,)


def join(connection: Connection[Any], login: str, group: str) -> None:
    """Make a login a reader, with a reader's limits.

    Without SET, so that nobody takes on a role that sees more than his login.
    """
    role = sql.Identifier(login)
    connection.execute(
        sql.SQL("grant {} to {} with inherit true, set false").format(
            sql.Identifier(group), role
        )
    )
    connection.execute(
        sql.SQL(
            "alter role {role} set statement_timeout = '60s';"
            "alter role {role} set default_transaction_read_only = on"
        ).format(role=role)
    )


def leave(connection: Connection[Any], login: str) -> bool:
    """Take both reader roles from a login; False if it had neither of Wardline."""
    memberships = connection.execute(
        "select g.rolname, w.rolname from pg_auth_members as m"
        " join pg_roles as r on m.member = r.oid"
        " join pg_roles as g on m.roleid = g.oid"
        " join pg_roles as w on m.grantor = w.oid"
        " where r.rolname = %s and r.rolname <> current_user and m.inherit_option"
        " and g.rolname = any(%s) and pg_has_role(w.oid, 'usage')",
        [login, [PLAIN, BOUND]],
    ).fetchall()
    for group, grantor in memberships:
        connection.execute(
            sql.SQL("revoke {} from {} granted by {}").format(
                *map(sql.Identifier, (group, login, grantor))
            )
        )
    return bool(memberships)


def refuse_powerful(connection: Connection[Any], login: str) -> None:
    """Refuse a role that sees more than the marts whatever it is granted.

    Raises:
        UsageError: it does, or it cannot log in.
    """
    found = connection.execute(
        "select rolsuper, rolbypassrls, rolcreaterole, rolreplication, rolcanlogin,"
        " array(select g.rolname::text from pg_roles as g"
        "  where g.rolname = any(%s) and pg_has_role(r.oid, g.oid, 'member'))"
        " from pg_roles as r where rolname = %s",
        [list(_POWERFUL), login],
    ).fetchone()
    assert found  # noqa: S101 (the caller made or found the role)
    *attributes, can_login, groups = found
    words = ("SUPERUSER", "BYPASSRLS", "CREATEROLE", "REPLICATION")
    powers = [word for word, has in zip(words, attributes, strict=True) if has]
    if powers or groups:
        raise UsageError(
            f"{login} may see more than the marts in any case "
            f"({', '.join([*powers, *groups])}); grant to a login without that."
        )
    if not can_login:
        raise UsageError(f"{login} cannot log in; rows are bound to single logins.")


def refuse_member(connection: Connection[Any], login: str, *groups: str) -> None:
    """Refuse a login that is a reader by somebody else's grant.

    Raises:
        WardlineError: it is a member of one of the groups.
    """
    still = connection.execute(
        "select g.rolname from pg_roles as g, pg_roles as r"
        " where g.rolname = any(%s) and r.rolname = %s"
        " and pg_has_role(r.oid, g.oid, 'member')",
        [list(groups), login],
    ).fetchone()
    if still:
        raise WardlineError(
            f"{login} is a member of {still[0]} by a grant that is not Wardline's; "
            f"let whoever gave it `revoke {still[0]} from ...` first."
        )
