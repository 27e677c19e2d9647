"""The first questions of every hospital, against SQL over the facts."""

import json
from decimal import Decimal

import pytest

from orchestration.warehouse import open_warehouse
from serving.api.kpis import QUESTIONS, Slice
from serving.database import ask

API = "/api/v1/kpis"
PAST = "where scheduled_on <= (select max(as_of)::date from marts.publication)"
"""Activity is counted up to the moment that the data speak for."""


def asked(api, question, **part):
    answer = api.get(f"{API}/{question}", params=part)
    assert answer.status_code == 200, answer.text
    return json.loads(answer.text, parse_float=Decimal)["answer"]


def one(hospital, sql):
    (row,) = hospital.rows(sql)
    return row


def test_completed_against_no_show(api, hospital):
    completed, no_show, booked = one(
        hospital,
        "select count(*) filter (where appointment_status = 'completed'),"
        " count(*) filter (where appointment_status = 'no_show'), count(*)"
        " from marts.fct_appointments where scheduled_at::date between '2026-01-05'"
        " and '2026-02-20'",
    )
    found = asked(api, "appointments", date_from="2026-01-05", date_to="2026-02-20")
    assert (found["completed"], found["no_show"]) == (completed, no_show)
    assert found["booked"] == booked
    assert found["no_show_rate_attended_basis_pct"] == round(
        Decimal(100) * no_show / (completed + no_show), 2
    )


def test_the_busiest_branch_comes_first(api, hospital):
    expected = hospital.rows(
        f"select branch_key, count(*) from marts.fct_appointments {PAST} group by 1"
        " order by 2 desc, 1"
    )
    found = asked(api, "branches_by_appointments")
    assert [(it["branch_key"], it["appointments"]) for it in found] == expected


def test_doctors_by_appointments(api, hospital):
    expected = hospital.rows(
        f"select doctor_key, count(*) from marts.fct_appointments {PAST} group by 1"
        " order by 2 desc, 1"
    )
    found = asked(api, "doctors_by_appointments")
    assert [(it["doctor_key"], it["appointments"]) for it in found] == expected


def test_average_and_total_cost_by_treatment(api, hospital):
    expected = hospital.rows(
        "select treatment_type, sum(cost_amount), round(avg(cost_amount), 2)"
        " from marts.fct_treatments group by 1"
    )
    found = asked(api, "treatment_costs")
    assert {
        (it["treatment_type"], it["total_cost_amount"], it["average_cost_amount"])
        for it in found
    } == set(expected)


def test_payment_mix(api, hospital):
    expected = hospital.rows(
        "select payment_method, count(*), sum(billed_amount) from marts.fct_bills"
        " group by 1"
    )
    found = asked(api, "payment_mix")
    assert {
        (it["payment_method"], it["bills"], it["billed_amount"]) for it in found
    } == set(expected)
    assert abs(sum(it["bills_pct"] for it in found) - 100) < Decimal("0.05")


@pytest.mark.parametrize(
    ("first", "last"), [("2026-02-10", "2026-02-12"), ("2026-01-30", "2026-02-02")]
)
def test_days_within_a_month_are_those_days(api, hospital, first, last):
    """Nothing rounds them to their months."""
    days = {"date_from": first, "date_to": last}
    bills = hospital.rows(
        "select payment_method, count(*), sum(billed_amount) from marts.fct_bills"
        f" where billed_on between '{first}' and '{last}' group by 1"
    )
    treatments = hospital.rows(
        "select treatment_type, count(*), sum(cost_amount) from marts.fct_treatments"
        f" where treated_on between '{first}' and '{last}' group by 1"
    )
    assert bills
    assert treatments
    assert {
        (it["payment_method"], it["bills"], it["billed_amount"])
        for it in asked(api, "payment_mix", **days)
    } == set(bills)
    assert {
        (it["treatment_type"], it["treatments"], it["total_cost_amount"])
        for it in asked(api, "treatment_costs", **days)
    } == set(treatments)


def test_gender_distribution(api, hospital):
    expected = hospital.rows("select sex, count(*) from marts.dim_patient group by 1")
    found = asked(api, "gender_distribution")
    assert {(it["sex"], it["patients"]) for it in found} == set(expected)


def test_patient_flow_and_occupied_beds(api, hospital):
    admissions, census = one(
        hospital,
        "select count(*) filter (where admitted_on between '2026-01-05' and"
        " '2026-02-01'), count(*) filter (where admitted_on <= '2026-02-01'"
        " and (discharged_on > '2026-02-01' or is_open))"
        " from marts.fct_admissions where is_measurable or is_open",
    )
    found = asked(api, "patient_flow", date_from="2026-01-05", date_to="2026-02-01")
    assert (found["admissions"], found["occupied_beds"]) == (admissions, census)


def test_average_length_of_stay(api, hospital):
    nights, discharges = one(
        hospital,
        "select sum(bed_days), sum(discharges) from marts.length_of_stay_monthly",
    )
    found = asked(api, "length_of_stay")
    assert found["average_length_of_stay_nights"] == round(
        Decimal(nights) / discharges, 2
    )


def test_department_load(api, hospital):
    expected = hospital.rows(
        "select department_key, sum(admissions), sum(census_midnight)"
        " from marts.patient_flow_daily group by 1"
    )
    found = asked(api, "department_load")
    assert set(expected) <= {
        (it["department_key"], it["admissions"], it["bed_days"]) for it in found
    }


def test_patients_without_a_department_stay_with_their_branch(hospital):
    """Written in a transaction that is taken back: the hospital has none of them."""
    with open_warehouse(hospital.settings).connect() as owner:
        owner.autocommit = False
        for mart in ("patient_flow_daily", "appointment_activity_daily"):
            for branch in ("North", "South"):
                owner.execute(
                    f"update marts.{mart} set branch_key = %(branch)s,"
                    " branch_name = %(branch)s, department_key = null,"
                    " department_name = null where ctid = (select ctid"
                    f" from marts.{mart} where department_key is not null limit 1)",
                    {"branch": branch},
                )
        found = ask(owner, "kpi_department_load", Slice().parameters(None))
        owner.rollback()
    assert {
        (it["branch_key"], it["branch_name"])
        for it in found
        if it["department_key"] is None
    } >= {("North", "North"), ("South", "South")}


def test_all_questions_in_one_call_agree_with_each_alone(api):
    together = json.loads(api.get(API).text)["answer"]
    assert together.keys() == QUESTIONS.keys()
    for question, answer in together.items():
        assert answer == json.loads(api.get(f"{API}/{question}").text)["answer"]


def test_an_unknown_part_is_refused(api):
    answer = api.get(f"{API}/appointments", params={"branch": "x"})
    assert answer.status_code == 422
    assert "branch" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("department_key", "x"),
        ("date_from", "2026-01-05"),
        ("date_to", "2026-02-20"),
    ],
)
def test_a_question_is_never_answered_past_a_part_that_it_does_not_take(
    api, parameter, value
):
    """Who asks of a department must not be given the whole hospital."""
    alone = api.get(f"{API}/gender_distribution", params={parameter: value})
    assert alone.status_code == 422
    assert alone.json()["errors"][0]["parameter"] == parameter
    together = api.get(API, params={parameter: value}).json()
    assert together["left_out"] == ["gender_distribution"]
    assert together["answer"].keys() == QUESTIONS.keys() - {"gender_distribution"}


def test_no_question_is_left_out_without_need(api):
    for part in ({}, {"branch_key": "x", "source_system": "x"}):
        together = api.get(API, params=part).json()
        assert together["left_out"] == []
        assert together["answer"].keys() == QUESTIONS.keys()


@pytest.mark.parametrize("path", [API, f"{API}/appointments"])
@pytest.mark.parametrize(
    ("parameter", "value"),
    [("branch_key", "x"), ("department_key", "x"), ("date_from", "2026-02-01")],
)
def test_a_part_is_named_only_once(api, path, parameter, value):
    """Of two branches the last alone would be counted."""
    answer = api.get(path, params={parameter: [value, value]})
    assert answer.status_code == 422
    assert answer.json()["errors"] == [
        {"parameter": parameter, "reason": "It may be given only once."}
    ]
