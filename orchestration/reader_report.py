"""Who reads the marts, as `wardline grants` shows it, and what undoes a binding.

Only looking and printing; changing it is readers.py's.
"""

from typing import Any

from psycopg import Connection
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from orchestration.memberships import BOUND, PLAIN, SERVER

_READERS = """
select
    r.rolname,
    case
        when r.rolname = %(server)s then 'what its keys and users may see'
        when not pg_has_role(r.oid, %(bound)s, 'member') then 'everything'
        when pg_has_role(r.oid, %(plain)s, 'set')
            then 'everything, by set role ' || %(plain)s
        when b.login_name is null then 'nothing'
        else concat_ws(
            '; ',
            'branches ' || array_to_string(b.branch_keys, ', '),
            'departments ' || array_to_string(b.department_keys, ', ')
        )
    end,
    d.decided_at,
    d.decided_by,
    d.reason
from pg_roles as r
left join ops.reader_bindings as b on r.rolname = b.login_name
left join lateral (
    select * from ops.decisions
    where action = 'grant' and subject = r.rolname
    order by decision_id desc limit 1
) as d on true
where
    r.rolcanlogin and not r.rolsuper
    and r.rolname <> current_user
    and (
        pg_has_role(r.oid, %(plain)s, 'member')
        or pg_has_role(r.oid, %(bound)s, 'member')
    )
order by r.rolname
"""

# A view reads with its owner's eyes unless it says otherwise; a materialized one has
# read already. Views on views are followed.
_LEAKING_VIEWS = """
with recursive dependent as (
    select oid from pg_class
    where relnamespace = 'marts'::regnamespace and relkind in ('r', 'p')
    union
    select w.ev_class
    from dependent
    inner join pg_depend as d
        on d.refclassid = 'pg_class'::regclass and d.refobjid = dependent.oid
        and d.classid = 'pg_rewrite'::regclass
    inner join pg_rewrite as w on d.objid = w.oid
)

select format('%%I.%%I', n.nspname, c.relname), pg_get_userbyid(c.relowner), c.relkind
from dependent
inner join pg_class as c on dependent.oid = c.oid
inner join pg_namespace as n on c.relnamespace = n.oid
where
    (
        c.relkind = 'm'
        or (
            c.relkind = 'v'
            and not coalesce('security_invoker=true' = any(c.reloptions), false)
            and not coalesce('security_invoker=on' = any(c.reloptions), false)
        )
    )
    and exists (
        select from pg_roles as r
        where
            (r.rolname = %(bound)s or pg_has_role(r.oid, %(bound)s, 'member'))
            and not r.rolsuper
            and has_table_privilege(r.oid, c.oid, 'select')
            and has_schema_privilege(r.oid, n.oid, 'usage')
            and not pg_has_role(r.oid, c.relowner, 'usage')
    )
order by 1
"""


def leaking_views(connection: Connection[Any]) -> list[str]:
    """Views through which bound readers see rows that they are not to see."""
    found = connection.execute(_LEAKING_VIEWS, {"bound": BOUND}).fetchall()
    return [
        f"{name} (materialized, owner {owner}): revoke it from bound readers"
        if kind == "m"
        else f"{name} (owner {owner}): alter view {name} set (security_invoker = true)"
        for name, owner, kind in found
    ]


def print_readers(console: Console, connection: Connection[Any]) -> None:
    """Print every login that reads the marts, and the views that undo its binding."""
    readers = connection.execute(
        _READERS, {"plain": PLAIN, "bound": BOUND, "server": SERVER}
    ).fetchall()
    table = Table("login", "sees", "since", "granted by", "reason")
    for login, sees, since, by, reason in readers:
        when = f"{since:%Y-%m-%d %H:%M}" if since else ""
        table.add_row(*(escape(it or "") for it in (login, sees, when, by, reason)))
    console.print(table)
    for view in leaking_views(connection):
        console.print(
            f"[yellow]Shows all rows to bound readers:[/] {escape(view)}",
            soft_wrap=True,
        )
