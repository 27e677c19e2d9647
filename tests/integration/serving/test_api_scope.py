"""A key bound to a department never sees another's rows, whatever route it asks."""

import csv
import io
import json
from datetime import date, datetime

import psycopg
import pytest
from psycopg.rows import dict_row

from orchestration.readers import Binding
from serving.api.kpis import QUESTIONS, taking
from serving.database import Marts, ask_json, current_publication
from tests.integration.serving.doors import bearer

API = "/api/v1"


@pytest.fixture(scope="module")
def client(doors):
    with doors.client() as client:
        yield client


@pytest.fixture(scope="module")
def own(doors, places) -> dict[str, str]:
    """The headers of a key that is bound to one department."""
    return bearer(doors.key(Binding(department_keys=(places.own,))))


@pytest.fixture(scope="module")
def whole(doors) -> dict[str, str]:
    """The headers of a key that sees everything."""
    return bearer(doors.key())


@pytest.fixture(scope="module")
def owner(guarded):
    with guarded.warehouse.connect() as connection:
        connection.row_factory = dict_row
        yield connection


@pytest.fixture(scope="module")
def visible(contracts, places) -> dict[str, str]:
    """Of each mart the condition for the rows that the key may see."""
    conditions = {}
    for name, mart in contracts.items():
        if {"branch_key", "department_key"} <= set(mart.names):
            conditions[name] = f"department_key = '{places.own}'"
        elif name in ("dim_date", "publication", "dim_branch"):
            conditions[name] = "true"
        else:
            conditions[name] = "false"
    return conditions


def rows_of(client, mart, headers, **parameters):
    answer = client.get(f"{API}/marts/{mart}", params=parameters, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()["rows"]


def counted(owner, mart, condition) -> int:
    return owner.execute(
        f"select count(*) as rows from marts.{mart} where {condition}"
    ).fetchone()["rows"]


def test_the_marts_that_tell_of_no_patient_are_the_only_ones_seen_whole(visible):
    """So that a new mart without a place is looked at here, too."""
    assert sum(it == "true" for it in visible.values()) == 3
    assert "false" in visible.values()


def test_every_mart_gives_its_rows_and_no_others_as_json_and_csv(
    client, own, owner, visible, places
):
    hidden_somewhere = 0
    for mart, condition in visible.items():
        expected = counted(owner, mart, condition)
        hidden_somewhere += counted(owner, mart, "true") > expected
        found = rows_of(client, mart, own, limit=10_000)
        text = client.get(f"{API}/marts/{mart}?format=csv", headers=own).text
        as_csv = list(csv.DictReader(io.StringIO(text)))
        assert len(found) == min(expected, 10_000), mart
        assert len(as_csv) == expected, mart
        if "department_key" in condition:
            seen = {row["department_key"] for row in [*found, *as_csv]}
            assert seen <= {places.own}, mart
    assert hidden_somewhere > 20


def test_no_filter_order_or_choice_of_columns_brings_a_hidden_row(
    client, own, owner, visible, contracts, places
):
    tried = 0
    for name, mart in contracts.items():
        if visible[name] == "true":
            continue
        hidden = owner.execute(
            f"select * from marts.{name} where not coalesce({visible[name]}, false)"
            " limit 1"
        ).fetchone()
        if hidden is None:
            continue
        has_place = "department_key" in mart.names
        for column in mart.columns:
            value = hidden[column.name]
            if value is None:
                continue
            if isinstance(value, datetime):
                asked = {f"{column.name}_to": value.replace(tzinfo=None).isoformat()}
            elif isinstance(value, date):
                asked = {f"{column.name}_to": value.isoformat()}
            elif isinstance(value, bool):
                asked = {column.name: str(value).lower()}
            elif isinstance(value, str):
                asked = {column.name: value}
            else:
                continue
            found = rows_of(
                client, name, own, **asked, order=f"-{column.name}", limit=500
            )
            tried += 1
            if has_place:
                assert {row["department_key"] for row in found} <= {places.own}, asked
            else:
                assert found == [], (name, asked)
    assert tried > 150


def test_a_cursor_of_who_sees_more_is_a_position_and_no_way_in(
    client, own, whole, places
):
    asked = {"order": "-billed_on", "limit": 5}
    page = client.get(f"{API}/marts/fct_bills", params=asked, headers=whole).json()
    assert {row["department_key"] for row in page["rows"]} - {places.own}
    rest = client.get(
        f"{API}/marts/fct_bills", params=asked | {"cursor": page["next"]}, headers=own
    )
    assert rest.status_code == 200
    assert {row["department_key"] for row in rest.json()["rows"]} <= {places.own}


@pytest.mark.parametrize(
    "path", ["marts/fct_bills", "kpis/department_load", "kpis", "publication"]
)
def test_what_another_has_seen_is_not_known_to_a_key(client, own, whole, path):
    """An ETag of who sees more must not cost a 304: it would confirm what he has."""
    more = client.get(f"{API}/{path}", headers=whole)
    less = client.get(
        f"{API}/{path}", headers=own | {"If-None-Match": more.headers["etag"]}
    )
    assert less.status_code == 200
    assert less.headers["etag"] != more.headers["etag"]
    again = client.get(
        f"{API}/{path}", headers=own | {"If-None-Match": less.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")


def test_kpis_count_the_keys_rows_and_no_others(client, own, whole, guarded, places):
    """As a login of PostgreSQL that is bound to the same department counts them."""
    ran = guarded.run(
        "grant", "kpi reader", "--department", places.own, "--reason", "a test",
        WARDLINE_LOGIN_PASSWORD="of a reader",
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    everything = {
        "date_from": date(1900, 1, 1), "date_to": date(9999, 12, 31),
        "branch_key": None, "source_system": None,
    }  # fmt: skip
    differ = 0
    with guarded.server.connect("kpi reader", "of a reader") as reader:
        for department in (None, places.own, places.other, places.far):
            asked = {"department_key": department} if department else {}
            for question in taking(asked.keys()):
                answers = ask_json(
                    reader,
                    f"kpi_{question}",
                    everything | {"department_key": department},
                )
                expected = [json.loads(it) for it in answers]
                path = f"{API}/kpis/{question}"
                found = client.get(path, params=asked, headers=own).json()["answer"]
                is_one_row = QUESTIONS[question].is_one_row
                assert found == (expected[0] if is_one_row else expected), question
                more = client.get(path, params=asked, headers=whole).json()["answer"]
                differ += found != more
    assert differ > 10
    load = client.get(f"{API}/kpis/department_load", headers=own).json()["answer"]
    assert {it["department_key"] for it in load} == {places.own}


def test_keys_that_share_a_connection_share_nothing_else(doors, places):
    """PostgreSQL keeps the plans of what a connection runs again and again."""
    roles = {}
    for place in (places.own, places.far):
        doors.user(f"of {place}", Binding(department_keys=(place,)))
    with psycopg.connect(doors.conninfo) as server:
        for place in (places.own, places.far):
            roles[place] = server.execute(
                "select role_name from serving.user_versions where user_name = %s",
                [f"of {place}"],
            ).fetchone()[0]
    marts = Marts(doors.conninfo, size=1)
    marts.open()
    try:
        for _ in range(8):
            for place, role in roles.items():
                with marts.read(role) as connection:
                    assert current_publication(connection)
                    seen = connection.execute(
                        "select distinct department_key from marts.fct_bills"
                    ).fetchall()
                assert seen == [(place,)]
    finally:
        marts.close()
