"""Bound readers: whose rows they see, in every mart, whatever they try."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import combinations

import psycopg
import pytest

from orchestration.dbt import manifest, marts
from orchestration.reader_report import leaking_views
from orchestration.row_security import Rule, rule_of
from tests.integration.guarded import GuardedHome
from tests.servers import DATABASE

PASSWORD = "of a reader"


def scalar(connection: psycopg.Connection, sql: str):
    return connection.execute(sql).fetchone()[0]


@pytest.fixture(scope="module")
def owner(guarded: GuardedHome) -> Iterator[psycopg.Connection]:
    with guarded.warehouse.connect() as connection:
        connection.autocommit = True
        yield connection


@pytest.fixture(scope="module")
def places(owner) -> dict[str, str]:
    """Two departments of the first branch, one of the second, and the two branches."""
    found = owner.execute(
        "select branch_key, department_key from marts.dim_department"
        " where branch_key is not null order by branch_key, department_key"
    ).fetchall()
    north, south = sorted({branch for branch, _ in found})
    of = {b: [d for branch, d in found if branch == b] for b in (north, south)}
    return {
        "north": north,
        "south": south,
        "one": of[north][0],
        "other": of[north][1],
        "far": of[south][0],
    }


@pytest.fixture(scope="module")
def readers(guarded, places) -> dict[str, psycopg.Connection]:
    """A session of a login for each kind of binding."""
    bindings = {
        "branch reader": ["--branch", places["north"]],
        "department'reader": ["--department", places["one"]],
        'both"readers': ["--branch", places["north"], "--department", places["other"]],
        "plain reader": ["--everything"],
    }
    for login, binding in bindings.items():
        ran = guarded.run(
            "grant", login, *binding, "--reason", "a test",
            WARDLINE_LOGIN_PASSWORD=PASSWORD,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stdout + ran.stderr
        assert login in ran.stdout
    return {login: guarded.server.connect(login, PASSWORD) for login in bindings}


@pytest.fixture(scope="module")
def rules(guarded) -> dict[str, Rule]:
    return {it.name: rule_of(it) for it in marts(manifest(guarded.settings))}


def expected(rule: Rule, branch: str | None, department: str | None) -> str:
    """The rows that a binding leaves of a mart, said in another way than the policy."""
    is_branch = f"branch_key = '{branch}'" if branch else "true"
    is_department = f"department_key = '{department}'" if department else "true"
    return {
        Rule.BY_DEPARTMENT: f"{is_branch} and {is_department}",
        Rule.BY_BRANCH: "false" if department else is_branch,
        Rule.PLACES: is_branch,
        Rule.NOTHING: "false",
        Rule.ALL: "true",
    }[rule]


BINDINGS = {
    "branch reader": ("north", None),
    "department'reader": (None, "one"),
    'both"readers': ("north", "other"),
    "plain reader": None,
}


@pytest.mark.parametrize("login", BINDINGS)
def test_a_reader_sees_exactly_his_rows_in_every_mart(
    owner, readers, places, rules, login
):
    binding = BINDINGS[login]
    for name, rule in rules.items():
        rows = (
            "true"
            if binding is None
            else expected(rule, *(place and places[place] for place in binding))
        )
        whole = (
            f"select md5(string_agg(r::text, '|' order by r::text)) from marts.{name} r"
        )
        assert scalar(readers[login], whole) == scalar(
            owner, f"{whole} where {rows}"
        ), name


def test_the_hospital_has_rows_on_both_sides_of_every_binding(owner, places, rules):
    """So that the comparison above could fail."""
    for name in ("fct_admissions", "fct_bills"):
        assert rules[name] is Rule.BY_DEPARTMENT
        for place in ("one", "other", "far"):
            assert scalar(
                owner,
                f"select count(*) from marts.{name}"
                f" where department_key = '{places[place]}'",
            )
    assert {rules["dim_patient"], rules["fct_quality_issues"]} == {
        Rule.NOTHING,
        Rule.BY_DEPARTMENT,
    }
    assert rules["hospital_overview_daily"] is Rule.BY_BRANCH
    assert rules["dim_date"] is Rule.ALL


def test_patients_are_hidden_from_bound_readers_where_no_place_tells_whose_they_are(
    readers,
):
    for login, binding in BINDINGS.items():
        seen = scalar(readers[login], "select count(*) from marts.dim_patient")
        assert (seen == 0) == (binding is not None), login


def test_every_mart_is_under_row_security(owner, rules):
    secured = owner.execute(
        "select relname from pg_class where relnamespace = 'marts'::regnamespace"
        " and relkind = 'r' and relrowsecurity"
    ).fetchall()
    assert {name for (name,) in secured} == set(rules)


def test_the_policy_is_asked_once_and_not_of_each_row(readers):
    plan = "\n".join(
        line
        for (line,) in readers["branch reader"].execute(
            "explain (verbose) select * from marts.fct_bills"
        )
    )
    assert plan.count("InitPlan") >= 3
    assert "SubPlan" not in plan


WAYS_AROUND = {
    "role": "set role wardline_reader",
    "bound_role": "set role wardline_bound_reader",
    "row_security_off": "set row_security = off; select * from marts.fct_bills",
    "authorization": "set session authorization wardline_reader",
    "bind_himself": "update ops.reader_bindings set branch_keys = null",
    "replace_function": "create or replace function ops.is_bound(place text)"
    " returns boolean language sql as 'select false'",
    "own_function": "create function pg_temp.is_bound(place text) returns boolean"
    " language sql as 'select false'",
    "drop_policy": "drop policy bound_by_branch_and_department on marts.fct_bills",
    "no_policy": "create policy mine on marts.fct_bills using (true)",
    "become_plain": "grant wardline_reader to current_user",
    "copy_out": "copy marts.fct_bills to program 'cat'",
}


@pytest.mark.parametrize("way", WAYS_AROUND)
def test_a_way_around_row_security_is_closed(readers, way):
    session = readers["department'reader"]
    session.execute("set default_transaction_read_only = off")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        session.execute(WAYS_AROUND[way])


# Each fails on a row of the hidden department, and on no other.
FAILS_ON_HIDDEN = "1 / (case when department_key = '{far}' then 0 else 1 end) = 1"
LEAKS = {
    "division": f"select 1 from marts.fct_bills where {FAILS_ON_HIDDEN}",
    "cast": "select 1 from marts.fct_bills where case when department_key = '{far}'"
    " then (bill_key || 'x')::int > 0 else true end",
    "json": "select 1 from marts.fct_bills where case when department_key = '{far}'"
    " then (bill_key || 'x')::jsonb is null else true end",
    "output": "select case when department_key = '{far}' then bill_key::int end"
    " from marts.fct_bills",
    "group": f"select count(*) filter (where {FAILS_ON_HIDDEN}) from marts.fct_bills",
    "order": f"select 1 from marts.fct_bills order by {FAILS_ON_HIDDEN}",
    "subquery": "select 1 from marts.dim_date where 0 <> (select count(*)"
    f" from marts.fct_bills where {FAILS_ON_HIDDEN})",
    "join": "select 1 from marts.dim_branch as d join marts.fct_bills as b"
    f" on b.branch_key = d.branch_key and {FAILS_ON_HIDDEN}",
}


@pytest.mark.parametrize("leak", LEAKS)
def test_a_condition_that_fails_on_hidden_rows_never_meets_them(readers, places, leak):
    """PostgreSQL's message holds the value, so an error would show it."""
    question = LEAKS[leak].format(**places)
    readers["department'reader"].execute(question)
    with pytest.raises(psycopg.DataError):
        readers["plain reader"].execute(question)


def test_statistics_of_hidden_rows_are_hidden_too(readers):
    for login in BINDINGS:
        assert (
            scalar(
                readers[login],
                "select count(*) from pg_stats where schemaname = 'marts'",
            )
            == 0
        )


def share(reader: psycopg.Connection, condition: str) -> float:
    """What share of all admissions the planner thinks meets a condition.

    It rounds the rows that it expects. Joined to as many more, they are told exactly;
    `n = 0` keeps the condition in the join.
    """

    def rows(on: str) -> float:
        (plan,) = scalar(
            reader,
            "explain (format json) select from marts.fct_admissions"
            f" join generate_series(1, 1000000000000) as many (n) on {on}",
        )
        return plan["Plan"]["Plan Rows"]

    whole, beside = rows("true"), rows("n = 0")
    return (rows(f"({condition}) or n = 0") - beside) / (whole - beside)


def bend(reader: psycopg.Connection, begin: datetime, end: datetime) -> datetime:
    """Where the shares of admissions before a moment cease to be on one line."""

    def line(at: datetime) -> tuple[float, float]:
        """Height at `begin` and slope, of the line on which the shares there are."""
        step = (end - begin) / 50
        low, high = (
            share(reader, f"admitted_at < '{it}'") for it in (at - step, at + step)
        )
        slope = (high - low) / (2 * step / second)
        return (low + high) / 2 - slope * ((at - begin) / second), slope

    second = timedelta(seconds=1)
    near = (end - begin) / 20
    (low, up), (high, flat) = line(begin + near), line(end - near)
    return begin + (high - low) / (up - flat) * second


def test_estimates_tell_single_values_of_hidden_rows(guarded, readers, places):
    """As docs/security.md says; knowing where to look only saves the search."""
    with guarded.server.superuser(DATABASE) as superuser:
        superuser.execute("analyze marts.fct_admissions")  # as the server does in time
        bounds, common = superuser.execute(
            "select cast(cast(histogram_bounds as text) as timestamp[]),"
            " coalesce(cast(cast(most_common_vals as text) as timestamp[]), '{}')"
            " from pg_stats where schemaname = 'marts'"
            " and tablename = 'fct_admissions' and attname = 'admitted_at'"
        ).fetchone()
        hidden = {
            moment
            for (moment,) in superuser.execute(
                "select admitted_at from marts.fct_admissions"
                " where department_key <> %s",
                [places["one"]],
            )
        }
    begin, told, end = next(
        (begin, told, end)
        for begin, told, end in zip(bounds[1:], bounds[2:], bounds[3:-1], strict=False)
        if told in hidden
        and not any(begin <= it <= end for it in common)
        and 0.1 < (told - begin) / (end - begin) < 0.9
    )
    found = bend(readers["department'reader"], begin, end)
    assert abs(found - told) < timedelta(seconds=1)


def test_estimates_never_tell_which_values_belong_together(guarded, readers, places):
    reader = readers["department'reader"]
    with guarded.server.superuser(DATABASE) as superuser:
        superuser.execute("analyze marts.fct_admissions")
        moment, patient = superuser.execute(
            "select admitted_at, patient_key from marts.fct_admissions"
            " where department_key = %s order by admitted_at limit 1 offset 3",
            [places["far"]],
        ).fetchone()
        together = "select count(*) from pg_statistic_ext_data"
        assert scalar(superuser, together) == 0
    conditions = [
        f"admitted_at < '{moment}'",
        f"patient_key = '{patient}'",
        f"department_key = '{places['far']}'",
    ]
    for one, other in combinations(conditions, 2):
        both = share(reader, f"{one} and {other}")
        assert both == pytest.approx(share(reader, one) * share(reader, other))


def passed_over(reader: psycopg.Connection, mart: str, condition: str) -> int:
    """How many rows a scan has read and not shown, as `explain analyze` tells."""
    with reader.transaction():
        reader.execute("set local enable_seqscan = off")
        (plan,) = scalar(
            reader,
            "explain (analyze, format json)"
            f" select from marts.{mart} where {condition}",
        )
    nodes, removed = [plan["Plan"]], 0
    while nodes:
        node = nodes.pop()
        nodes += node.get("Plans", [])
        removed += node.get("Rows Removed by Filter", 0)
    return removed


def test_a_plan_that_was_run_tells_whether_a_hidden_key_is_there(
    guarded, readers, places
):
    key = ("source_system", "month_start", "branch_key", "department_key")
    with guarded.server.superuser(DATABASE) as superuser:
        row = superuser.execute(
            f"select {', '.join(key)}, treatment_type"
            " from marts.treatment_costs_monthly"
            " where department_key = %s and treatment_type is not null limit 1",
            [places["far"]],
        ).fetchone()
    there, not_there = (
        " and ".join(
            f"{column} = '{value}'"
            for column, value in zip(
                (*key, "treatment_type"), (*row[:-1], what), strict=True
            )
        )
        for what in (row[-1], "no such treatment")
    )
    reader = readers["department'reader"]
    assert passed_over(reader, "treatment_costs_monthly", there) == 1
    assert passed_over(reader, "treatment_costs_monthly", not_there) == 0


def test_a_plan_that_was_run_tells_of_facts_only_how_many_are_hidden(
    guarded, readers, places
):
    reader = readers["department'reader"]
    with guarded.server.superuser(DATABASE) as superuser:
        patient, moment = superuser.execute(
            "select patient_key, admitted_at from marts.fct_admissions"
            " where department_key = %s limit 1",
            [places["far"]],
        ).fetchone()
    of_patient = f"patient_key = '{patient}' and admitted_at"
    there, not_there = (
        passed_over(reader, "fct_admissions", f"{of_patient} = '{it}'")
        for it in (moment, "1999-01-01")
    )
    assert there == not_there > 0


def test_a_login_that_somebody_makes_a_plain_reader_too_stays_bound(
    guarded, readers, places
):
    with guarded.server.superuser(DATABASE) as superuser:
        superuser.execute(
            'grant wardline_reader to "branch reader" with inherit true, set false'
        )
        seen = scalar(
            readers["branch reader"],
            "select count(distinct branch_key) from marts.fct_bills",
        )
        shown = guarded.run("grants").stdout
        superuser.execute('grant wardline_reader to "branch reader" with set true')
        warned = guarded.run("grants").stdout
        superuser.execute('revoke wardline_reader from "branch reader"')
    assert seen == 1
    assert places["north"] in shown
    assert "everything, by set role" not in shown
    assert "everything, by set role" in " ".join(warned.split())


def test_a_bound_login_without_a_binding_sees_nothing(guarded):
    with guarded.server.superuser(DATABASE) as superuser:
        superuser.execute("create role unbound login password 'x'")
        superuser.execute("grant wardline_bound_reader to unbound")
    with guarded.server.connect("unbound", "x") as session:
        assert scalar(session, "select count(*) from marts.fct_bills") == 0
        assert scalar(session, "select count(*) from marts.dim_branch") == 0


def test_views_of_users_leak_unless_they_run_as_their_reader(guarded, readers, owner):
    with guarded.server.superuser(DATABASE) as superuser:
        for statement in (
            "create schema reporting",
            "grant usage on schema reporting to wardline_bound_reader",
            "create view reporting.leaks as select * from marts.fct_bills",
            "create view reporting.on_a_view as select * from reporting.leaks",
            "create materialized view reporting.stored as"
            " select * from marts.fct_bills",
            "create view reporting.keeps with (security_invoker = true) as"
            " select * from marts.fct_bills",
            "create view reporting.unseen as select * from marts.fct_bills",
            "grant select on reporting.leaks, reporting.on_a_view, reporting.stored,"
            " reporting.keeps to wardline_bound_reader",
        ):
            superuser.execute(statement)
    session = readers["department'reader"]
    own = scalar(session, "select count(*) from marts.fct_bills")
    all_rows = scalar(owner, "select count(*) from marts.fct_bills")
    assert scalar(session, "select count(*) from reporting.leaks") == all_rows
    assert scalar(session, "select count(*) from reporting.keeps") == own < all_rows
    named = {it.split(" ")[0] for it in leaking_views(owner)}
    assert named == {"reporting.leaks", "reporting.on_a_view", "reporting.stored"}
    shown = guarded.run("grants").stdout
    assert "alter view reporting.leaks set (security_invoker = true)" in shown
    with guarded.server.superuser(DATABASE) as superuser:
        superuser.execute("drop schema reporting cascade")


def test_granting_again_replaces_the_binding_and_revoking_ends_it(
    guarded, owner, places
):
    def grant(*binding: str) -> None:
        ran = guarded.run(
            "grant",
            "mover",
            *binding,
            "--reason",
            "moved",
            WARDLINE_LOGIN_PASSWORD=PASSWORD,
        )
        assert ran.returncode == 0, ran.stderr

    def departments() -> set[str]:
        return {
            key
            for (key,) in session.execute(
                "select distinct department_key from marts.fct_bills"
            )
        }

    grant("--department", places["one"])
    session = guarded.server.connect("mover", PASSWORD)
    assert departments() == {places["one"]}
    grant("--department", places["far"])
    assert departments() == {places["far"]}
    grant("--everything")
    assert len(departments()) > 2
    ran = guarded.run("revoke", "mover", "--reason", "left")
    assert ran.returncode == 0, ran.stderr
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        departments()
    recorded = owner.execute(
        "select action, reason, details -> 'department_keys' from ops.decisions"
        " where subject = 'mover' order by decision_id"
    ).fetchall()
    assert recorded == [
        ("grant", "moved", [places["one"]]),
        ("grant", "moved", [places["far"]]),
        ("grant", "moved", None),
        ("revoke", "left", None),
    ]


def test_a_department_may_be_named_as_people_name_it(guarded, owner, places):
    name, keys = owner.execute(
        "select department_name, array_agg(department_key order by 1)"
        " from marts.dim_department group by 1 having count(*) = 2 limit 1"
    ).fetchone()
    shown = guarded.run(
        "grant", "namer", "--department", name, "--reason", "x",
        WARDLINE_LOGIN_PASSWORD=PASSWORD,
    )  # fmt: skip
    assert shown.returncode == 0, shown.stderr
    assert all(key in shown.stdout.replace("\n", "") for key in keys)
    shown = guarded.run(
        "grant", "namer", "--department", name, "--branch", places["north"],
        "--reason", "x",
    )  # fmt: skip
    assert [key in shown.stdout for key in sorted(keys)] == [True, False]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["nobody", "--branch", "Atlantis"], "There is no branch 'Atlantis'"),
        (["nobody", "--department", "x"], "There is no department 'x'"),
        (["nobody"], "Say what to see"),
        (["nobody", "--everything"], "is a new login and needs a password"),
        (["postgres", "--everything"], "SUPERUSER"),
        (["ward owner", "--everything"], "CREATEROLE"),
        (["wardline_transformer", "--everything"], "wardline_transformer"),
        (["pg_monitor", "--everything"], "cannot log in"),
    ],
)
def test_a_grant_that_cannot_be_is_one_sentence(guarded, arguments, complaint):
    ran = guarded.run("grant", *arguments, "--reason", "x")
    assert ran.returncode in (2, 3)
    assert complaint in ran.stderr
    assert "Traceback" not in ran.stderr


def test_revoking_what_was_never_granted_is_one_sentence(guarded):
    for login in ("never seen", "ward owner"):
        ran = guarded.run("revoke", login, "--reason", "x")
        assert ran.returncode == 2
        assert "wardline grants" in ran.stderr
