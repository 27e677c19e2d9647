"""A batch against what was accepted before it, decided without a database."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from expectations import ExtractFacts, Thresholds
from expectations.checks import Check
from expectations.extract_history import history_checks

FACTS = ExtractFacts(
    source_system="his",
    table="beds",
    landing_schema="landing",
    landing_table="his__beds",
    key=("bed_id",),
    required_columns=("bed_id",),
    rows_landed=950,
    rows_malformed=0,
)


def checks(**changes: object) -> dict[str, Check]:
    return {it.name: it for it in history_checks(replace(FACTS, **changes))}


def floor(**changes: object) -> int:
    return checks(**changes)["rows_not_collapsed"].arguments["min_value"]


def test_the_first_batch_has_nothing_to_be_measured_by() -> None:
    assert checks() == {}
    assert checks(history=(0,)) == {}


def test_a_snapshot_keeps_80_percent_of_the_last_batch() -> None:
    assert floor(history=(1000,)) == 800
    assert floor(history=(6,)) == 5  # 4.8 of them


def test_rows_that_vanish_a_few_every_night_are_measured_by_the_most_of_the_weeks() -> (
    None
):
    assert floor(history=(900, 950, 1000, 990)) == 800
    sentence = checks(history=(900, 1000))["rows_not_collapsed"].otherwise
    assert "the largest batch of the last weeks had 1,000" in sentence


def test_more_than_one_percent_less_than_last_night_is_a_warning() -> None:
    check = checks(history=(1000,))["rows_not_shrunk"]
    assert (check.severity, check.arguments["min_value"]) == ("warning", 990)
    assert "50 less than the last accepted batch" in check.otherwise


def test_a_table_without_key_has_no_rows_to_show() -> None:
    assert checks(history=(9,), key=())["rows_not_collapsed"].rows_sql is None


def test_a_delta_is_measured_by_what_is_usual_once_something_is() -> None:
    assert checks(mode="delta", history=(100,) * 4) == {}
    usual = checks(mode="delta", history=(90, 100, 110, 100, 5000))["rows_as_usual"]
    assert usual.severity == "warning"
    assert usual.arguments == {"min_value": 20, "max_value": 300}
    assert checks(mode="delta", history=(3,) * 5) == {}


def test_the_hospital_s_own_threshold_wins_over_the_contract_s() -> None:
    contract = {"min_rows_pct_of_last": 90.0}
    own = Thresholds({"min_rows_pct_of_last": 50}, {"his.beds": {}})
    assert floor(history=(1000,), contract=contract) == 900
    assert floor(history=(1000,), contract=contract, thresholds=own) == 900
    own = Thresholds(own={"his.beds": {"min_rows_pct_of_last": 20}})
    assert floor(history=(1000,), contract=contract, thresholds=own) == 200


@pytest.mark.parametrize(
    ("accepted", "active", "days"),
    [
        (datetime(2026, 2, 28), None, 3652),
        (None, date(2026, 2, 27), 3653),
        (datetime(2026, 2, 28), date(2036, 2, 20), 8),
        (datetime(2040, 1, 1), None, 0),
    ],
)
def test_a_moment_is_measured_from_the_latest_that_anything_is_known_of(
    accepted: datetime | None, active: date | None, days: int
) -> None:
    check = checks(
        as_of=datetime(2036, 2, 28, 23, 59, 59),
        accepted_until=accepted,
        active_until=active,
    )["moment_not_ahead"]
    assert check.severity == "critical"
    assert check.arguments == {"observed": days, "at_most": 14}


def test_nothing_is_known_from_before_the_first_night_without_dates() -> None:
    assert checks(as_of=datetime(2036, 2, 28)) == {}


@pytest.mark.parametrize(
    ("came_on", "days"), [(date(2036, 2, 27), 1), (date(2036, 2, 28), 0)]
)
def test_a_day_is_not_exported_before_it_begins(came_on: date, days: int) -> None:
    check = checks(as_of=datetime(2036, 2, 28, 23, 59, 59), came_on=came_on)[
        "moment_not_in_future"
    ]
    assert check.severity == "critical"
    assert check.arguments == {"observed": days, "at_most": 0}
