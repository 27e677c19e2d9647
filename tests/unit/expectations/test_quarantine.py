"""The mart gate on what the marts are made from: set aside, and unaccounted for."""

from dataclasses import replace

from expectations import Accounted, MartFacts, Thresholds, Verdict, run_suites
from expectations.mart_gate import mart_suites


def judge(url: str, facts: MartFacts, **accounts: Accounted) -> dict[str, Verdict]:
    accounts = {name.replace("__", "."): it for name, it in accounts.items()}
    suites = [
        one
        for one in mart_suites(replace(facts, accounts=accounts))
        if one[1] == "quarantined_rows"
    ]
    return {it.expectation: it for it in run_suites(url, suites)}


def test_more_than_one_row_of_a_table_in_a_hundred_is_a_warning(
    url: str, facts: MartFacts
) -> None:
    found = judge(
        url,
        facts,
        ward__beds=Accounted(200, 197, 3),
        ward__stays=Accounted(200, 199, 1),
        ward__wards=Accounted(5, 5, 0),
    )
    verdict = found.pop("quarantined_few_ward.beds")
    assert (verdict.severity, verdict.success, verdict.observed) == (
        "warning", False, 1.5,
    )  # fmt: skip
    assert verdict.sentence == (
        "ward.beds: 3 of 200 rows (1.5 %) in quarantine and missing from the marts; "
        "1 % pass unremarked. To see them: wardline quarantine --source ward "
        "--table beds"
    )
    assert [name for name, it in found.items() if not it.success] == []


def test_a_quarter_of_a_table_in_quarantine_is_held_back_unless_it_is_tiny(
    url: str, facts: MartFacts
) -> None:
    found = judge(
        url,
        facts,
        ward__beds=Accounted(100, 74, 26),
        ward__wards=Accounted(3, 1, 2),
    )
    assert [name for name, it in found.items() if it.stops] == [
        "quarantined_bearable_ward.beds"
    ]


def test_the_limits_of_one_table_can_be_its_own(url: str, facts: MartFacts) -> None:
    own = {
        "ward.beds": {"max_quarantined_pct": 40, "max_quarantined_pct_to_publish": 40}
    }
    found = judge(
        url,
        replace(facts, thresholds=Thresholds(own=own)),
        ward__beds=Accounted(100, 70, 30),
    )
    assert [name for name, it in found.items() if not it.success] == []


def test_a_row_that_is_nowhere_or_twice_is_held_back(
    url: str, facts: MartFacts
) -> None:
    found = judge(
        url,
        facts,
        ward__beds=Accounted(100, 99, 0),
        ward__stays=Accounted(100, 100, 1),
        clinic__bills=Accounted(100, 99, 1),
    )
    verdict = found["rows_accounted_for_ward"]
    assert (verdict.stops, verdict.observed) == (True, 2)
    assert "rows of ward.beds, ward.stays" in verdict.sentence
    assert found["rows_accounted_for_clinic"].success
