"""What of a warehouse is backed up: which tables, with how many rows, whose, for whom.

Only questions to PostgreSQL, within the transaction of whoever asks.
"""

from collections.abc import Iterable
from typing import Any

from psycopg import Connection, sql

from orchestration.backups.manifest import ReaderRole
from orchestration.memberships import BOUND, PLAIN, SERVER

SCHEMAS = ("ops", "serving", "history", "marts", "quarantine", "landing", "raw_*")
# What a refresh makes anew; to read it here would keep a refresh from doing so.
LEFT_OUT = ("landing.*__*", "quarantine.quarantined_rows*", "quarantine.accounting*")
WITHOUT_ROWS = "ops.pseudonym_key"
ALL_SCHEMAS = (*SCHEMAS, "staging", "intermediate", "candidate", "changes")
_OWN_ROLES = ("wardline_loader", "wardline_transformer", PLAIN, BOUND, SERVER)

_OF_WARDLINE = (
    "(n.nspname = any(%(schemas)s) or n.nspname like 'raw\\_%%'"
    " and pg_get_userbyid(n.nspowner) = 'wardline_loader')"
)
_KEPT = (
    "(n.nspname <> 'landing' or c.relname not like '%%\\_\\_%%')"
    " and (n.nspname <> 'quarantine' or c.relname in"
    "  ('malformed_rows', 'failing_keys'))"
)


def schemas(connection: Connection[Any], awaited: Iterable[str] = ()) -> list[str]:
    """The schemas of Wardline that are there.

    Args:
        connection: of the owner.
        awaited: what a restore will make; one that was killed may have made some that
            are the owner's still.
    """
    found = connection.execute(
        "select n.nspname::text from pg_namespace as n"
        f" where {_OF_WARDLINE} or n.nspname = any(%(awaited)s)"
        " and pg_get_userbyid(n.nspowner) = current_user order by 1",
        {"schemas": list(ALL_SCHEMAS), "awaited": list(awaited)},
    ).fetchall()
    return [name for (name,) in found]


def owners(connection: Connection[Any]) -> dict[str, str]:
    """Of each table that is backed up, as `schema.table`, the owner."""
    found = connection.execute(
        "select n.nspname || '.' || c.relname, pg_get_userbyid(c.relowner)::text"
        " from pg_class as c inner join pg_namespace as n on c.relnamespace = n.oid"
        f" where c.relkind in ('r', 'p') and {_OF_WARDLINE} and {_KEPT} order by 1",
        {"schemas": list(SCHEMAS)},
    ).fetchall()
    return dict(found)


def rows(connection: Connection[Any], tables: list[str]) -> dict[str, int]:
    """The rows of each table, counted."""
    counted = {}
    for table in tables:
        found = connection.execute(
            sql.SQL("select count(*) from {}").format(identifier(table))
        ).fetchone()
        counted[table] = int(found[0]) if found and table != WITHOUT_ROWS else 0
    return counted


def identifier(table: str) -> sql.Identifier:
    """`schema.table` for a statement; schemas of Wardline have no dot in their name."""
    return sql.Identifier(*table.split(".", 1))


def is_empty(connection: Connection[Any]) -> bool:
    """Whether nothing was ever taken in or published: a new warehouse, or none."""
    for table in ("ops.batches", "ops.publications"):
        there = connection.execute("select to_regclass(%s)", [table]).fetchone()
        if there == (None,):
            continue
        if connection.execute(
            sql.SQL("select from {} limit 1").format(identifier(table))
        ).fetchone():
            return False
    found = connection.execute(
        "select exists (select from pg_tables where schemaname = 'marts'"
        " or schemaname like 'raw\\_%')"
    ).fetchone()
    return found == (False,)


def reader_roles(connection: Connection[Any]) -> list[ReaderRole]:
    """Roles other than Wardline's own that read the marts, or were given a right to.

    Their passwords' verifiers too, where the owner may read them: a superuser may.
    """
    may_read = connection.execute(
        "select has_table_privilege('pg_authid', 'select')"
    ).fetchone()
    verifier = (
        "(select rolpassword from pg_authid as a where a.oid = r.oid)"
        if may_read == (True,)
        else "null"
    )
    found = connection.execute(
        "select r.rolname::text, r.rolcanlogin, r.rolconnlimit,"
        f" r.rolvaliduntil::text, {verifier},"
        " array(select g.rolname::text from pg_auth_members as m inner join pg_roles"
        "   as g on m.roleid = g.oid where m.member = r.oid and m.inherit_option"
        "   and g.rolname = any(%(groups)s) group by 1 order by 1),"
        " exists (select from pg_auth_members as m inner join pg_roles as g"
        "   on m.member = g.oid where m.roleid = r.oid and g.rolname = %(server)s)"
        " from pg_roles as r"
        " where r.rolname <> all(%(own)s) and r.rolname <> current_user and ("
        "  exists (select from pg_auth_members as m inner join pg_roles as g"
        "   on m.roleid = g.oid where m.member = r.oid and g.rolname = any(%(groups)s))"
        "  or exists (select from pg_namespace as n left join pg_class as c"
        f"   on c.relnamespace = n.oid and {_KEPT}"
        "   cross join lateral aclexplode(nullif(coalesce(n.nspacl, '{}')"
        "    || coalesce(c.relacl, '{}'), cast('{}' as aclitem[]))) as acl"
        f"   where {_OF_WARDLINE} and acl.grantee = r.oid))"
        " order by 1",
        {
            "groups": [PLAIN, BOUND],
            "server": SERVER,
            "own": list(_OWN_ROLES),
            "schemas": list(SCHEMAS),
        },
    ).fetchall()
    return [
        ReaderRole(name, can_login, limit, until, groups, is_for_server, kept)
        for name, can_login, limit, until, kept, groups, is_for_server in found
    ]
