"""Row security of the published marts: which rule each mart gets, and giving it.

The rules are PostgreSQL policies; whom they bind to what is readers.py's, and the
functions that they ask are in readers.sql.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any, LiteralString

from psycopg import Connection, sql

from expectations import Mart
from orchestration.memberships import BOUND, PLAIN

_EVERYTHING = "readers_see_all"
_SCHEMA = "marts"

# Each question is a subquery of its own: PostgreSQL asks it once, not of each row.
_OF_BRANCH: LiteralString = (
    "((select not ops.is_bound('branch'))"
    " or branch_key = any ((select ops.bound_keys('branch'))::text[]))"
)
_OF_DEPARTMENT: LiteralString = (
    "((select not ops.is_bound('department'))"
    " or department_key = any ((select ops.bound_keys('department'))::text[]))"
)


class Rule(StrEnum):
    """What a bound reader sees of a mart. The value is the name of the policy.

    A rule that is to mean something else needs another name: a mart that has the policy
    is not touched again.
    """

    BY_DEPARTMENT = "bound_by_branch_and_department"
    """Rows of his branches and of his departments."""
    BY_BRANCH = "bound_by_branch_alone"
    """Rows of his branches; nothing if he is bound to departments, whose rows cannot be
    told from the others'."""
    PLACES = "bound_by_branch_of_place"
    """Rows of his branches: names of places, which tell of no patient."""
    NOTHING = "bound_to_nothing"
    ALL = "bound_to_all"


_CONDITION: dict[Rule, LiteralString] = {
    Rule.BY_DEPARTMENT: f"{_OF_BRANCH} and {_OF_DEPARTMENT}",
    Rule.BY_BRANCH: f"{_OF_BRANCH} and (select not ops.is_bound('department'))",
    Rule.PLACES: _OF_BRANCH,
    Rule.NOTHING: "false",
    Rule.ALL: "true",
}


def rule_of(mart: Mart) -> Rule:
    """Decide what a bound reader sees of a mart, from its columns.

    A mart without a place is hidden unless it says that it holds nothing of patients.
    """
    if "branch_key" in mart.columns and "department_key" in mart.columns:
        return Rule.BY_DEPARTMENT
    if "branch_key" in mart.columns:
        return Rule.BY_BRANCH if mart.has_patient_data else Rule.PLACES
    return Rule.NOTHING if mart.has_patient_data else Rule.ALL


def unsecured(
    connection: Connection[Any], marts: Iterable[Mart]
) -> dict[str, sql.Composed]:
    """What puts published marts under row security, by mart, where they are not yet.

    Bound readers may read a mart from the same moment on, not before.

    Args:
        connection: of the transformer.
        marts: of the candidate; those not published are left out.
    """
    policies = dict(
        connection.execute(
            "select relname, array(select polname::text from pg_policy"
            "  where polrelid = pg_class.oid)"
            " from pg_class where relnamespace = %s::regnamespace and relkind = 'r'",
            [_SCHEMA],
        ).fetchall()
    )
    return {
        mart.name: _statement(mart, policies[mart.name])
        for mart in marts
        if mart.name in policies
        and {_EVERYTHING, rule_of(mart)} != set(policies[mart.name])
    }


def _statement(mart: Mart, former: Iterable[str]) -> sql.Composed:
    """Two policies: what every reader may, and what narrows it for bound ones.

    A restrictive policy narrows whatever else its reader is allowed, so a bound reader
    who is made a plain one by mistake stays bound.
    """
    table, rule = sql.Identifier(_SCHEMA, mart.name), rule_of(mart)
    dropped = [
        sql.SQL("drop policy {} on {};").format(sql.Identifier(name), table)
        for name in former
    ]
    return sql.SQL("").join(dropped) + sql.SQL(
        "alter table {table} enable row level security;"
        "create policy {everything} on {table} for select to {readers} using (true);"
        "create policy {rule} on {table} as restrictive for select to {bound}"
        " using ({condition});"
        "grant select on {table} to {readers}"
    ).format(
        table=table,
        everything=sql.Identifier(_EVERYTHING),
        rule=sql.Identifier(rule),
        readers=sql.SQL(", ").join(map(sql.Identifier, (PLAIN, BOUND))),
        bound=sql.Identifier(BOUND),
        condition=sql.SQL(_CONDITION[rule]),
    )
