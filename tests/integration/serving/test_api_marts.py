"""Every mart through the API is the mart: all rows once, filters exact, no more."""

import csv
import io
import json
from datetime import timedelta, timezone
from decimal import Decimal

import pytest

API = "/api/v1"


def pages(api, mart, **parameters):
    """All rows of a mart, page by page."""
    rows, cursor = [], None
    while True:
        asked = parameters | ({"cursor": cursor} if cursor else {})
        answer = api.get(f"{API}/marts/{mart}", params=asked)
        assert answer.status_code == 200, answer.text
        page = json.loads(answer.text, parse_float=Decimal)
        rows += page["rows"]
        cursor = page["next"]
        if cursor is None:
            return rows


def test_every_mart_is_listed_with_the_columns_of_its_contract(api, contracts):
    listed = {it["name"]: it for it in api.get(f"{API}/marts").json()}
    assert listed.keys() == contracts.keys()
    for name, mart in contracts.items():
        assert [it["name"] for it in listed[name]["columns"]] == list(mart.names)
        assert listed[name]["description"].startswith("One row per")


def test_pages_hold_every_row_once_whatever_the_order(api, contracts, hospital):
    for name, mart in contracts.items():
        ((rows,),) = hospital.rows(f"select count(*) from marts.{name}")
        for order in ([], [f"-{mart.names[-1]}"], [mart.names[1], f"-{mart.names[0]}"]):
            found = pages(api, name, limit=max(rows // 3, 50), order=order)
            keys = {tuple(row[it] for it in mart.grain) for row in found}
            assert len(found) == len(keys) == rows, (name, order)


def test_pages_continue_in_the_order_that_was_asked_for(api, hospital):
    found = pages(
        api,
        "bed_occupancy_daily",
        order=["-occupancy_pct", "date_day"],
        columns=["occupancy_pct", "date_day"],
        limit=37,
    )
    expected = hospital.rows(
        "select occupancy_pct, date_day::text from marts.bed_occupancy_daily"
        " order by occupancy_pct desc, date_day"
    )
    assert [(it["occupancy_pct"], it["date_day"]) for it in found] == expected


def test_csv_is_the_same_rows_as_json(api, contracts):
    for name, mart in contracts.items():
        answer = api.get(f"{API}/marts/{name}", params={"format": "csv"})
        assert answer.headers["content-type"].startswith("text/csv")
        rows = list(csv.reader(io.StringIO(answer.text)))
        assert tuple(rows[0]) == mart.names
        assert len(rows) - 1 == len(pages(api, name, limit=10_000)), name


def test_a_filter_lets_through_exactly_what_sql_does(api, hospital):
    ((branch, department),) = hospital.rows(
        "select branch_key, department_key from marts.fct_admissions"
        " where department_key is not null order by 1, 2 limit 1"
    )
    found = pages(
        api,
        "fct_admissions",
        branch_key=branch,
        department_key=department,
        is_open=False,
        admitted_on_from="2026-01-10",
        admitted_on_to="2026-02-10",
        columns=["admission_key", "billed_amount"],
    )
    expected = hospital.rows(
        "select admission_key, billed_amount from marts.fct_admissions where"
        f" branch_key = '{branch}' and department_key = '{department}'"
        " and not is_open and admitted_on between '2026-01-10' and '2026-02-10'"
        " order by admission_key"
    )
    assert expected
    assert [(it["admission_key"], it["billed_amount"]) for it in found] == [
        (key, amount) for key, amount in expected
    ]


def test_several_values_of_one_filter_are_alternatives(api, hospital):
    answer = pages(api, "fct_appointments", appointment_status=["completed", "no_show"])
    ((expected,),) = hospital.rows(
        "select count(*) from marts.fct_appointments"
        " where appointment_status in ('completed', 'no_show')"
    )
    assert len(answer) == expected


@pytest.mark.parametrize(
    ("parameters", "wrong"),
    [
        ({"unknown": "1"}, "unknown"),
        ({"column": "date_day"}, "column"),
        ({"date_day_from": "yesterday"}, "date_day_from"),
        ({"date_day_from": "2026-02-30"}, "date_day_from"),
        ({"columns": "patient_name"}, "columns"),
        ({"order": "date_day; drop table x"}, "order"),
        ({"limit": "0"}, "limit"),
        ({"limit": "1000000"}, "limit"),
        ({"format": "xml"}, "format"),
        ({"branch_key": "a\0b"}, "branch_key"),
        ({"limit": ["5", "6"]}, "limit"),
        ({"cursor": ["a", "b"]}, "cursor"),
        ({"format": ["json", "csv"]}, "format"),
        ({"date_day_from": ["2026-02-01", "2026-02-02"]}, "date_day_from"),
        ({"format": "csv", "limit": "5"}, "limit"),
        ({"format": "csv", "limit": "1000"}, "limit"),
        ({"format": "csv", "cursor": "x"}, "cursor"),
    ],
)
def test_what_is_not_understood_is_refused_and_named(api, parameters, wrong):
    answer = api.get(f"{API}/marts/bed_occupancy_daily", params=parameters)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == 422
    assert wrong in problem["detail"]


def test_a_moment_is_of_the_clock_of_its_column(api, hospital):
    found = pages(
        api,
        "fct_admissions",
        admitted_at_from="2026-02-01T08:30:00",
        admitted_at_to="2026-02-03T23:00:00",
    )
    ((expected,),) = hospital.rows(
        "select count(*) from marts.fct_admissions where admitted_at"
        " between '2026-02-01 08:30' and '2026-02-03 23:00'"
    )
    assert len(found) == expected > 0


@pytest.mark.parametrize(
    "moment",
    ["2026-02-28T23:00:00Z", "2026-02-28T23:00:00+05:00", "1772319600", "1772319600.5"],
)
def test_a_moment_with_an_offset_is_refused_where_no_offset_is_known(api, moment):
    """PostgreSQL would pass over it, and compare another moment."""
    answer = api.get(f"{API}/marts/fct_admissions", params={"admitted_at_from": moment})
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["parameter"] == "admitted_at_from"
    assert "without an offset" in error["reason"]


def test_a_moment_of_a_known_offset_is_compared_by_its_own(api, hospital):
    ((at,),) = hospital.rows("select max(published_at) from marts.publication")
    abroad = at.astimezone(timezone(timedelta(hours=5)))
    path = f"{API}/marts/publication"
    for moment, rows in ((abroad, 1), (abroad + timedelta(minutes=1), 0)):
        answer = api.get(path, params={"published_at_from": moment.isoformat()})
        assert len(answer.json()["rows"]) == rows


@pytest.mark.parametrize("cursor", ["", "x", "W10", "W1tdLFtdXQ", "é", "A" * 5000])
def test_a_cursor_of_another_list_is_refused(api, cursor):
    answer = api.get(f"{API}/marts/dim_ward", params={"cursor": cursor})
    assert answer.status_code == 422
    assert "cursor" in answer.json()["detail"]


def test_a_value_that_sql_would_run_is_only_a_value(api, hospital):
    answer = api.get(
        f"{API}/marts/dim_ward", params={"ward_name": "x'; drop table marts.dim_ward--"}
    )
    assert answer.json()["rows"] == []
    assert hospital.rows("select count(*) > 0 from marts.dim_ward") == [(True,)]


def test_an_unchanged_publication_costs_a_304(api):
    first = api.get(f"{API}/marts/dim_branch")
    again = api.get(
        f"{API}/marts/dim_branch", headers={"If-None-Match": first.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")
    other = api.get(f"{API}/marts/dim_branch", headers={"If-None-Match": 'W/"0-0"'})
    assert other.status_code == 200


@pytest.mark.parametrize("path", ["marts", "publication", "kpis", "kpis/payment_mix"])
def test_a_route_of_few_or_no_parameters_refuses_others(api, path):
    answer = api.get(f"{API}/{path}?x=1")
    assert answer.status_code == 422
    assert answer.json()["errors"] == [
        {"parameter": "x", "reason": "There is no such parameter."}
    ]


def test_what_is_not_there_is_a_problem_and_not_a_page(api):
    for path in ("/api/v1/marts/patients", "/api/v2", "/api/v1/marts/fct_admissions/1"):
        answer = api.get(path)
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"
    assert api.post(f"{API}/marts/dim_ward").status_code == 405
