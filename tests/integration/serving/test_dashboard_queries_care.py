"""Appointments, doctors, money, patients: each figure counted again from the marts."""

from decimal import Decimal
from statistics import median

import pytest

from serving.dashboard.panels import WITHHELD
from tests.integration.serving.shown import (
    VIEWS,
    Shown,
    begin,
    by,
    column,
    pct,
    rounded,
    total,
)

CANCELLED = {"cancelled", "cancelled_by_patient", "cancelled_by_hospital"}
AMOUNTS = ("billed_amount", "collected_amount", "outstanding_amount", "failed_amount")


@pytest.fixture(params=VIEWS)
def view(request) -> str:
    return request.param


def appointments(shown: Shown, view: str):
    known = max(row["date_day"] for row in shown.mart("appointment_activity_daily"))
    return [
        row
        for row in shown.kept("fct_appointments", "scheduled_on", "/appointments", view)
        if row["scheduled_on"] <= known
    ]


def count(rows, *statuses):
    return sum(row["appointment_status"] in statuses for row in rows)


@pytest.mark.parametrize("grain", ["day", "week", "month"])
def test_appointments_over_time_are_the_appointments_themselves(shown, view, grain):
    search = f"{view or '?'}&by={grain}"
    panel = shown.panel("/appointments", "over-time", search)
    parts = by(
        appointments(shown, search), lambda row: begin(row["scheduled_on"], grain)
    )
    assert column(panel, "period_start", "booked") == {
        start: len(rows) for start, rows in parts.items()
    }
    for status in ("completed", "no_show", "scheduled"):
        assert column(panel, "period_start", status) == {
            start: count(rows, status) for start, rows in parts.items()
        }
        assert column(panel, "period_start", f"{status}_pct") == {
            start: pct(count(rows, status), len(rows)) for start, rows in parts.items()
        }
    assert column(panel, "period_start", "cancelled") == {
        start: count(rows, *CANCELLED) for start, rows in parts.items()
    }


def test_the_busiest_branch_comes_first(shown: Shown, view: str):
    panel = shown.panel("/appointments", "branches", view)
    branches = by(appointments(shown, view), "branch_name")
    assert column(panel, "branch_name", "booked") == {
        it: len(rows) for it, rows in branches.items()
    }
    booked = [row["booked"] for row in panel.rows]
    assert booked == sorted(booked, reverse=True)


def lead_time(row) -> str:
    days = row["lead_time_days"]
    if days is None:
        return "not known"
    for last, words in (
        (0, "0"),
        (7, "1-7"),
        (14, "8-14"),
        (30, "15-30"),
        (60, "31-60"),
    ):
        if days <= last:
            return words
    return "over 60"


@pytest.mark.parametrize(
    ("key", "name", "group"),
    [
        ("weekday", "weekday_name", lambda row: f"{row['scheduled_on']:%a}"),
        ("hour", "hour_name", lambda row: str(row["scheduled_at"].hour)),
        ("lead-time", "lead_time_name", lead_time),
    ],
)
def test_no_show_rates_with_both_denominators(shown, view, key, name, group):
    panel = shown.panel("/appointments", key, view)
    groups = by(appointments(shown, view), group)
    attended = column(panel, name, "no_show_rate_attended_basis_pct")
    booked = column(panel, name, "no_show_rate_booked_basis_pct")
    assert attended == {
        it: pct(count(rows, "no_show"), count(rows, "completed", "no_show"))
        for it, rows in groups.items()
    }
    assert booked == {
        it: pct(count(rows, "no_show"), len(rows)) for it, rows in groups.items()
    }


@pytest.mark.parametrize(
    ("basis", "words"),
    [("attended", "completed and no-show"), ("booked", "all booked")],
)
def test_the_denominator_that_is_chosen_is_drawn_and_named(shown, basis, words):
    panel = shown.panel("/appointments", "weekday", f"?basis={basis}")
    assert panel.title.endswith(f"% of {words}")
    assert panel.figure is not None
    assert panel.figure["data"][0]["y"] == [
        float(row[f"no_show_rate_{basis}_basis_pct"]) for row in panel.rows
    ]


def test_the_load_of_each_doctor(shown: Shown, view: str):
    loads = by(
        shown.kept("doctor_load_daily", "date_day", "/doctors", view), "doctor_key"
    )
    seen = shown.view("/doctors", view)
    nights = {
        row["date_day"]
        for row in shown.mart("hospital_overview_daily")
        if seen.date_from <= row["date_day"] <= seen.date_to
    }
    spread = shown.panel("/doctors", "spread", view)
    assert column(spread, "doctor_key", "appointments") == {
        it: total(rows, "appointments") for it, rows in loads.items()
    }
    caseload = {
        it: rounded(Decimal(total(rows, "midnight_caseload")) / len(nights), 2)
        for it, rows in loads.items()
    }
    panel = shown.panel("/doctors", "caseload", view)
    assert column(panel, "doctor_key", "average_midnight_caseload") == {
        it: value for it, value in caseload.items() if value
    }
    panel = shown.panel("/doctors", "utilisation", view)
    assert column(panel, "doctor_key", "utilisation_pct") == {
        it: pct(total(rows, "worked_hours"), total(rows, "rostered_hours"))
        for it, rows in loads.items()
        if total(rows, "rostered_hours")
    }


def test_a_doctors_appointments_split_into_what_became_of_them(shown, view):
    for row in shown.panel("/doctors", "appointments", view).rows:
        parts = ("completed_appointments", "no_shows", "other_appointments")
        assert sum(row[it] for it in parts) == row["appointments"] > 0


@pytest.mark.parametrize(
    "figure", ["appointments", "average_midnight_caseload", "utilisation_pct"]
)
def test_the_median_over_doctors_is_marked(shown: Shown, figure: str):
    panel = shown.panel("/doctors", "spread", f"?spread={figure}")
    assert panel.figure is not None
    (line,) = panel.figure["layout"]["shapes"]
    values = [row[figure] for row in panel.rows if row[figure] is not None]
    assert line["x0"] == line["x1"] == float(median(values))


@pytest.mark.parametrize("grain", ["day", "week", "month"])
def test_money_over_time(shown: Shown, view: str, grain: str):
    search = f"{view or '?'}&by={grain}"
    panel = shown.panel("/money", "over-time", search)
    parts = by(
        shown.kept("fct_bills", "billed_on", "/money", search),
        lambda row: begin(row["billed_on"], grain),
    )
    for amount in AMOUNTS:
        assert column(panel, "period_start", amount) == {
            start: total(rows, amount) for start, rows in parts.items()
        }


@pytest.mark.parametrize(
    ("key", "name"), [("methods", "payment_method"), ("payers", "payer")]
)
def test_payment_methods_and_payers(shown: Shown, view: str, key: str, name: str):
    panel = shown.panel("/money", key, view)
    kept = shown.kept("fct_bills", "billed_on", "/money", view)
    groups = by(kept, name)
    assert column(panel, name, "bills") == {
        it: len(rows) for it, rows in groups.items()
    }
    assert column(panel, name, "bills_pct") == {
        it: pct(len(rows), len(kept)) for it, rows in groups.items()
    }
    assert column(panel, name, "billed_amount") == {
        it: total(rows, "billed_amount") for it, rows in groups.items()
    }
    assert column(panel, name, "collection_rate_pct") == {
        it: pct(total(rows, "collected_amount"), total(rows, "billed_amount"))
        for it, rows in groups.items()
    }


def test_what_became_of_the_bills_adds_up_to_what_was_billed(shown, view):
    for row in shown.panel("/money", "over-time", view).rows:
        parts = (*AMOUNTS[1:], "untraced_amount")
        assert sum(row[it] or 0 for it in parts) == row["billed_amount"]


def test_cost_by_treatment_type(shown: Shown, view: str):
    kept = shown.kept("fct_treatments", "treated_on", "/money", view)
    costed = by(
        [row for row in kept if row["cost_amount"] is not None], "treatment_type"
    )
    totals = shown.panel("/money", "total-cost", view)
    averages = shown.panel("/money", "average-cost", view)
    assert column(totals, "treatment_type", "total_cost_amount") == {
        it: total(rows, "cost_amount") for it, rows in costed.items()
    }
    assert column(averages, "treatment_type", "average_cost_amount") == {
        it: rounded(total(rows, "cost_amount") / len(rows), 2)
        for it, rows in costed.items()
    }


def test_receivables_by_age_are_the_bills_outstanding_at_as_of(shown: Shown):
    panel = shown.panel("/money", "ageing")
    (as_of,) = {row["as_of"].date() for row in panel.rows}

    def bucket(row) -> str:
        age = (as_of - row["billed_on"]).days
        for last, words in ((30, "0-30"), (60, "31-60"), (90, "61-90")):
            if age <= last:
                return words
        return "over 90"

    none = dict.fromkeys(("0-30", "31-60", "61-90", "over 90"), ())
    owed = none | by(
        [row for row in shown.mart("fct_bills") if row["outstanding_amount"]], bucket
    )
    assert column(panel, "ageing_bucket", "outstanding_amount") == {
        it: total(rows, "outstanding_amount") or 0 for it, rows in owed.items()
    }
    assert column(panel, "ageing_bucket", "bills") == {
        it: len(rows) for it, rows in owed.items()
    }


def test_the_period_does_not_change_what_is_owed(shown: Shown):
    later = shown.panel("/money", "ageing", "?from=2031-01-01&to=2031-01-05")
    assert later.rows == shown.panel("/money", "ageing").rows


@pytest.mark.parametrize("branch", ["", "?branch={branch}"])
@pytest.mark.parametrize(
    ("key", "name"),
    [("age", "age_band"), ("sex", "sex"), ("insurance", "insurance_type")],
)
def test_demographics_hold_no_withheld_cell_in_any_number(shown, branch, key, name):
    chosen = shown.view("/patients", branch).branch_key
    cells = [
        row
        for row in shown.mart("patient_demographics")
        if chosen in (None, row["branch_key"])
    ]
    limits = {
        place: released_above(rows) for place, rows in by(cells, "branch_key").items()
    }
    panel = shown.panel("/patients", key, branch)
    for group, rows in by(cells, name).items():
        seen = [
            row["patients"]
            for row in rows
            if row["patients"] > limits[row["branch_key"]]
        ]
        (found,) = (row for row in panel.rows if row[name] == group)
        assert found["patients"] == (sum(seen) if seen else WITHHELD)
        assert found["withheld_cells"] == len(rows) - len(seen)


def released_above(cells) -> int:
    """A branch releases what is larger: beside small cells not its smallest other."""
    counts = [row["patients"] for row in cells]
    large = [it for it in counts if it > 10]
    return min(large) if len(large) < len(counts) else 10


RATES = (
    ("deaths", "discharges", "mortality_pct"),
    ("readmissions_30d", "index_discharges", "readmission_30d_pct"),
    (
        *("emergency_readmissions_nhs", "index_discharges"),
        "emergency_readmission_nhs_pct",
    ),
)


def outcomes(shown: Shown, view: str):
    seen = shown.view("/patients", view)
    return [
        shown.named(row, seen)
        for row in shown.mart("outcomes_monthly")
        if begin(seen.date_from, "month") <= row["month_start"] <= seen.date_to
        and seen.branch_key in (None, row["branch_key"])
        and seen.department_key in (None, row["department_key"])
    ]


def month_and_department(row):
    return row["month_start"], row["department_name"]


@pytest.mark.parametrize(
    ("level", "name"),
    [("month", lambda row: row["month_start"]), ("department", month_and_department)],
)
def test_outcomes_before_any_is_withheld(shown: Shown, view: str, level: str, name):
    groups = by(outcomes(shown, view), name)
    asked = [
        row
        for row in shown.asked("patients_outcomes", "/patients", view)
        if row["level"] == level
    ]
    assert len(asked) == len(groups)
    for row in asked:
        for part, whole, rate in RATES:
            above, below = (total(groups[name(row)], it) for it in (part, whole))
            assert (row[part], row[whole]) == (above, below)
            assert row[rate] == pct(above, below, 2)


def test_what_is_withheld_is_judged_over_all_months(shown: Shown):
    cells = shown.asked("outcomes_cells", "/patients", "?from=2026-02-01")
    assert {row["period"] for row in cells} == {
        row["month_start"] for row in shown.mart("outcomes_monthly")
    }


def test_outcomes_by_month(shown: Shown, view: str):
    groups = by(outcomes(shown, view), "month_start")
    for key in ("mortality-month", "readmissions-month"):
        panel = shown.panel("/patients", key, view)
        assert {row["month_start"] for row in panel.rows} == groups.keys()
        for row in panel.rows:
            is_as_counted(row, groups[row["month_start"]])


def test_outcomes_of_a_department_are_those_of_its_months_that_are_shown(shown, view):
    groups = by(outcomes(shown, view), "department_key")
    for key, counts in (
        ("mortality-department", RATES[0][:2]),
        ("readmissions-department", {it for rate in RATES[1:] for it in rate[:2]}),
    ):
        panel = shown.panel("/patients", key, view)
        assert {row["department_key"] for row in panel.rows} == groups.keys()
        for row in panel.rows:
            place = row["department_key"]
            months = shown.panel("/patients", "mortality-month", f"?department={place}")
            known = {
                it["month_start"]
                for it in months.rows
                if WITHHELD not in [it[count] for count in counts]
            }
            counted = [it for it in groups[place] if it["month_start"] in known]
            is_as_counted(row, counted, counts)


def is_as_counted(row, counted, counts=None) -> None:
    """A row's numbers and rates are withheld or those of the published rows."""
    for part, whole, rate in RATES:
        if counts is not None and part not in counts:
            continue
        above, below = (total(counted, it) for it in (part, whole))
        if WITHHELD in (row[part], row[whole]):
            assert row[rate] == WITHHELD
        else:
            assert (row[part], row[whole]) == (above, below)
            assert row[rate] == pct(above, below, 2)
            assert not 1 <= above <= 10
            assert not 1 <= below <= 10


@pytest.mark.parametrize("path", ["/patients", "/departments"])
def test_a_filter_shows_no_outcome_that_is_withheld_beside_others(shown: Shown, path):
    """Alone a department of many deaths tells how few its small neighbour has."""
    key = "mortality-department" if path == "/patients" else "mortality"
    counts = [it for it, _, _ in RATES if path == "/patients" or it == "deaths"]
    whole = {
        row["department_key"]: row
        for row in shown.panel(path, key).rows
        if row["department_key"]
    }
    withheld = 0
    for department, beside in whole.items():
        panel = shown.panel(path, key, f"?department={department}")
        for row in panel.rows:
            if row["department_key"] != department:
                continue
            for count in counts:
                assert row[count] == beside[count]
                withheld += beside[count] == WITHHELD
    assert withheld
