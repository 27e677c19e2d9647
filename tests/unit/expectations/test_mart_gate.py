"""The mart gate on a hospital counted by hand: sound, then poisoned in one place."""

from dataclasses import replace
from datetime import datetime

import psycopg
import pytest

from expectations import ChangedRows, Mart, MartFacts, Verdict, mart_suites, run_suites
from expectations.mart_gate import mart_checks


def judge(url: str, facts: MartFacts, subject: str | None = None) -> list[Verdict]:
    suites = [one for one in mart_suites(facts) if subject in (None, one[2].subject)]
    return run_suites(url, suites)


def the_failure(verdicts: list[Verdict], expectation: str) -> Verdict:
    failed = {
        verdict.expectation: verdict for verdict in verdicts if not verdict.success
    }
    assert expectation in failed, f"holds; what failed is {sorted(failed)}"
    return failed[expectation]


def test_everything_holds_on_a_sound_candidate(url: str, facts: MartFacts) -> None:
    verdicts = judge(url, facts)
    assert [verdict for verdict in verdicts if not verdict.success] == []
    assert {verdict.gate for verdict in verdicts} == {"mart"}
    assert {verdict.subject for verdict in verdicts} == {
        *(mart.name for mart in facts.marts),
        "quarantined_rows",
    }


def test_every_mart_has_its_grain_checked(url: str, facts: MartFacts) -> None:
    checked = [v.subject for v in judge(url, facts) if v.expectation == "grain_unique"]
    assert sorted(checked) == sorted(mart.name for mart in facts.marts)


POISONS = [
    # a second row of one grain, also where a part of the grain is null
    ("insert into candidate.bed_occupancy_daily select * from "
     "candidate.bed_occupancy_daily where date_day = '2025-01-01'",
     "bed_occupancy_daily", "grain_unique", 1),
    ("update candidate.outcomes_monthly set mortality_pct = 100.5",
     "outcomes_monthly", "measures_in_range", 1),
    ("update candidate.bed_occupancy_daily set occupancy_pct = -1",
     "bed_occupancy_daily", "measures_in_range", 4),
    ("update candidate.fct_admissions set length_of_stay_nights = -1 "
     "where admission_key = 'a3'",
     "fct_admissions", "measures_in_range", 1),
    ("update candidate.bed_occupancy_daily set occupied_beds_midnight = 3 "
     "where date_day = '2025-01-02'",
     "bed_occupancy_daily", "bed_days_match_stays", 1),
    ("delete from candidate.fct_admissions where admission_key = 'a2'",
     "patient_flow_daily", "census_matches_stays", 1),
    ("update candidate.patient_flow_daily set admissions = 2 "
     "where date_day = '2025-01-02'",
     "patient_flow_daily", "flow_balances", 1),
    ("update candidate.patient_flow_daily set discharges = 1 "
     "where date_day = '2025-01-03'",
     "patient_flow_daily", "discharges_match_admissions", 1),
    ("update candidate.length_of_stay_monthly set discharges = 3",
     "length_of_stay_monthly", "discharges_match_admissions", 1),
    ("update candidate.outcomes_monthly set discharges = 1",
     "outcomes_monthly", "discharges_match_admissions", 1),
    ("update candidate.fct_appointments set appointment_status = 'Done' "
     "where appointment_key in ('p1', 'p2')",
     "fct_appointments", "statuses_known", 2),
    ("update candidate.appointment_activity_daily set booked = 5",
     "appointment_activity_daily", "booked_is_sum_of_statuses", 1),
    ("delete from candidate.fct_appointments where appointment_key = 'p1'",
     "appointment_activity_daily", "booked_matches_appointments", 1),
    ("update candidate.fct_bills set billed_amount = billed_amount + 0.01 "
     "where bill_key = 'b1'",
     "fct_bills", "bills_reconcile_to_source", 1),
    ("delete from staging.stg_clinic__bills where bill_id = 'b1'",
     "fct_bills", "bills_reconcile_to_source", 1),
    ("update candidate.billing_monthly set failed_amount = 1",
     "billing_monthly", "billing_matches_bills", 1),
]  # fmt: skip


@pytest.mark.parametrize(
    ("poison", "subject", "expectation", "observed"),
    POISONS,
    ids=[f"{subject}: {expectation}" for _, subject, expectation, _ in POISONS],
)
def test_a_poisoned_mart_is_held_back(
    url: str,
    facts: MartFacts,
    candidate: psycopg.Connection,
    poison: str,
    subject: str,
    expectation: str,
    observed: int,
) -> None:
    candidate.execute(poison)
    verdict = the_failure(judge(url, facts, subject), expectation)
    assert verdict.stops
    assert verdict.observed == observed
    said, command = verdict.sentence.split(" To see them: ")
    assert said.endswith(f": {observed}.")
    assert "quarantine.failing_keys" in command
    assert candidate.execute(verdict.rows_sql or "").rowcount == observed


def test_a_flagged_stay_may_be_impossible_and_counts_nowhere(
    url: str, facts: MartFacts, candidate: psycopg.Connection
) -> None:
    candidate.execute(
        "insert into candidate.fct_admissions values ('ward', 'a4', "
        "'2025-01-04 10:00', '2025-01-02 10:00', '2025-01-04', '2025-01-02', -2, true)"
    )
    failed = [v.expectation for v in judge(url, facts) if v.stops]
    assert failed == []


def test_many_flagged_stays_are_a_warning(
    url: str, facts: MartFacts, candidate: psycopg.Connection
) -> None:
    candidate.execute(
        "update candidate.fct_admissions set has_quality_issue = true "
        "where admission_key = 'a1'"
    )
    verdict = the_failure(judge(url, facts, "fct_admissions"), "quality_issues_few")
    assert (verdict.severity, verdict.observed, verdict.stops) == ("warning", 1, False)


def test_a_stay_of_a_mistyped_century_is_counted_as_far_as_the_calendar_goes(
    url: str, facts: MartFacts, candidate: psycopg.Connection
) -> None:
    candidate.execute(
        "insert into candidate.fct_admissions values ('ward', 'a4', "
        "'0202-01-01', '0202-01-03', '0202-01-01', '0202-01-03', 2, false)"
    )
    for subject in ("bed_occupancy_daily", "patient_flow_daily"):
        failed = {v.expectation for v in judge(url, facts, subject) if not v.success}
        assert not failed & {"bed_days_match_stays", "census_matches_stays"}


def test_recorded_amounts_below_zero_are_a_warning(
    url: str, facts: MartFacts, candidate: psycopg.Connection
) -> None:
    candidate.execute("update candidate.fct_bills set failed_amount = -5")
    verdicts = judge(url, facts, "fct_bills")
    verdict = the_failure(verdicts, "recorded_values_not_negative")
    assert (verdict.severity, verdict.observed) == ("warning", 2)


def test_a_fact_that_lost_a_fifth_of_its_published_rows_is_held_back(
    url: str, facts: MartFacts
) -> None:
    verdicts = judge(url, replace(facts, published_rows={"fct_bills": 3}), "fct_bills")
    verdict = the_failure(verdicts, "rows_not_collapsed")
    assert verdict.stops
    assert verdict.sentence == (
        "fct_bills would have 2 rows; the last publication had 3, and at least 80 % of "
        'them (3) are expected. To see them: wardline query --internal "select as_of, '
        "key_values from quarantine.failing_keys where subject = 'fct_bills' and "
        "expectation = 'rows_not_collapsed'\""
    )


def test_a_fact_that_more_than_doubled_is_a_warning(url: str, facts: MartFacts) -> None:
    doubled = replace(facts, published_rows={"fct_bills": 0, "fct_appointments": 1})
    verdict = the_failure(judge(url, doubled, "fct_appointments"), "rows_not_doubled")
    assert (verdict.severity, verdict.observed) == ("warning", 5)


def test_fewer_quality_issues_than_last_time_hold_nothing_back(
    facts: MartFacts,
) -> None:
    issues = Mart("fct_quality_issues", ("record_key", "issue"))
    facts = replace(facts, marts=(issues,), published_rows={issues.name: 900})
    assert [c.name for c in mart_checks(facts)[issues.name]] == ["grain_unique"]


def test_the_first_publication_has_no_last_one_to_match(
    url: str, facts: MartFacts
) -> None:
    verdicts = judge(url, replace(facts, published_rows={}))
    assert not {v.expectation for v in verdicts} & {
        "rows_not_collapsed",
        "rows_not_doubled",
    }


def test_a_source_system_without_as_of_does_not_pass_silently(
    url: str, facts: MartFacts
) -> None:
    for as_of in ({}, {"clinic": datetime(2025, 1, 4)}):
        verdicts = judge(url, replace(facts, as_of=as_of), "bed_occupancy_daily")
        assert the_failure(verdicts, "bed_days_match_stays").stops


def test_only_what_is_known_to_have_changed_can_repeat_a_grain(
    url: str, facts: MartFacts, candidate: psycopg.Connection
) -> None:
    for key in ("b1", "b2"):
        candidate.execute(
            "insert into candidate.fct_bills select * from candidate.fct_bills"
            " where bill_key = %s",
            [key],
        )
    candidate.execute(
        "create table candidate.changed as select * from candidate.fct_bills"
        " where bill_key = 'b1'"
    )
    known = replace(
        facts,
        changed_rows={"fct_bills": ChangedRows("candidate.changed", ("bill_key",))},
    )
    verdict = the_failure(judge(url, known, "fct_bills"), "grain_unique")
    assert (verdict.stops, verdict.observed) == (True, 1)
    assert "candidate.changed" not in verdict.sentence


def test_a_mart_that_is_not_there_is_held_back(
    url: str, facts: MartFacts, candidate: psycopg.Connection
) -> None:
    candidate.execute("drop table candidate.billing_monthly")
    verdict = the_failure(judge(url, facts, "billing_monthly"), "table_exists")
    assert verdict.stops
    assert "candidate.billing_monthly does not exist" in verdict.sentence


def test_a_check_that_cannot_be_made_fails_and_says_why(
    url: str, facts: MartFacts, candidate: psycopg.Connection
) -> None:
    candidate.execute("alter table candidate.billing_monthly drop column failed_amount")
    verdicts = judge(url, facts, "billing_monthly")
    verdict = the_failure(verdicts, "billing_matches_bills")
    assert verdict.stops
    assert verdict.observed is None
    assert 'column "failed_amount" does not exist' in verdict.sentence
    assert next(v for v in verdicts if v.expectation == "grain_unique").success
