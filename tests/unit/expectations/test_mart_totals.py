"""The candidate against the last publication, month by month and share by share."""

from dataclasses import replace
from datetime import datetime

import psycopg
import pytest

from expectations import Mart, MartFacts, Thresholds, Verdict, mart_suites, run_suites

COLUMNS = (
    "source_system", "month_start", "payment_method", "bills", "billed_amount"
)  # fmt: skip
FACTS = MartFacts(
    marts=(
        Mart(
            "billing_monthly",
            ("source_system", "month_start", "payment_method"),
            COLUMNS,
        ),
    ),
    as_of={"clinic": datetime(2025, 3, 10, 23, 59, 59)},
    published_columns={"billing_monthly": frozenset(COLUMNS)},
)


@pytest.fixture
def months(database: psycopg.Connection) -> psycopg.Connection:
    """Three months as published, and the same as candidate."""
    for schema in ("marts", "candidate"):
        database.execute(
            f"""
            create table {schema}.billing_monthly (
                source_system text, month_start date, payment_method text,
                bills bigint, billed_amount numeric
            );
            insert into {schema}.billing_monthly values
            ('clinic', '2025-01-01', 'Cash', 100, 1000.00),
            ('clinic', '2025-01-01', 'Card', 400, 4000.00),
            ('clinic', '2025-02-01', 'Cash', 100, 1000.00),
            ('clinic', '2025-02-01', 'Card', 400, 4000.00),
            ('clinic', '2025-03-01', 'Card', 200, 2000.00)
            """
        )
    return database


def failures(url: str, facts: MartFacts = FACTS) -> dict[str, Verdict]:
    suites = [one for one in mart_suites(facts) if one[1] == "billing_monthly"]
    failed = {it.expectation: it for it in run_suites(url, suites) if not it.success}
    del failed["billing_matches_bills"]  # it needs a mart that is not here
    return failed


def change(months: psycopg.Connection, assignment: str, where: str) -> None:
    months.execute(f"update candidate.billing_monthly set {assignment} where {where}")


@pytest.mark.usefixtures("months")
def test_what_was_published_passes_again(url: str) -> None:
    assert failures(url) == {}


def test_a_month_that_lost_days_is_held_back(
    url: str, months: psycopg.Connection
) -> None:
    change(months, "bills = 360", "payment_method = 'Card' and bills = 400")
    verdict = failures(url)["months_not_shrunk"]
    assert (verdict.stops, verdict.observed) == (True, 2)
    assert verdict.sentence.startswith(
        "billing_monthly: months that would lose more than 2 % of what was published "
        "as their bills: 2."
    )
    assert verdict.rows_sql
    rows = months.execute(verdict.rows_sql).fetchall()
    assert {row[2:] for row in rows} == {("bills", 500, 460)}


def test_a_month_that_is_gone_is_held_back(
    url: str, months: psycopg.Connection
) -> None:
    months.execute(
        "delete from candidate.billing_monthly where month_start = '2025-03-01'"
    )
    assert failures(url)["months_not_shrunk"].observed == 1


@pytest.mark.parametrize("kept", [391, 390])
def test_a_few_voided_records_are_no_loss(
    url: str, months: psycopg.Connection, kept: int
) -> None:
    change(months, f"bills = {kept}", "payment_method = 'Card' and bills = 400")
    assert failures(url) == {}


def test_what_is_dated_after_the_candidates_moment_is_not_missed(
    url: str, months: psycopg.Connection
) -> None:
    months.execute("insert into marts.billing_monthly values "
                   "('clinic', '2036-01-01', 'Card', 90, 9)")  # fmt: skip
    assert failures(url) == {}


def test_a_finished_month_that_grew_is_a_warning_and_the_present_one_may(
    url: str, months: psycopg.Connection
) -> None:
    change(months, "bills = 600", "month_start = '2025-03-01'")
    assert "months_not_changed" not in failures(url)
    change(months, "bills = 600", "month_start = '2025-02-01'")
    verdict = failures(url)["months_not_changed"]
    assert (verdict.severity, verdict.observed) == ("warning", 1)


def test_an_amount_that_fell_is_a_warning(url: str, months: psycopg.Connection) -> None:
    change(months, "billed_amount = 40", "billed_amount = 4000")
    verdict = failures(url)["months_not_changed"]
    assert (verdict.severity, verdict.observed) == ("warning", 2)


def test_the_limits_of_one_mart_can_be_its_own(
    url: str, months: psycopg.Connection
) -> None:
    change(months, "bills = 300", "payment_method = 'Card' and bills = 400")
    own = Thresholds(own={"billing_monthly": {"max_month_loss_pct": 30}})
    assert "months_not_shrunk" not in failures(url, replace(FACTS, thresholds=own))


@pytest.mark.parametrize(
    ("renamed", "moved"),
    [("Credit card", 2), (None, 2)],
    ids=["another name", "no name"],
)
def test_a_category_that_is_new_or_gone_is_a_warning_without_its_name(
    url: str, months: psycopg.Connection, renamed: str | None, moved: int
) -> None:
    months.execute(
        "update candidate.billing_monthly set payment_method = %s"
        " where payment_method = 'Cash'",
        [renamed],
    )
    verdict = failures(url)["payment_method_steady"]
    assert (verdict.severity, verdict.observed) == ("warning", moved)
    assert "Cash" not in verdict.sentence


def test_a_share_that_moved_by_more_than_five_points_is_a_warning(
    url: str, months: psycopg.Connection
) -> None:
    change(months, "bills = bills + 30", "payment_method = 'Cash'")
    assert "payment_method_steady" not in failures(url)
    change(months, "bills = bills + 60", "payment_method = 'Cash'")
    assert failures(url)["payment_method_steady"].observed == 2


def test_a_system_that_was_never_published_has_no_shares_to_keep(
    url: str, months: psycopg.Connection
) -> None:
    months.execute("insert into candidate.billing_monthly values "
                   "('new', '2025-01-01', 'Barter', 900, 9)")  # fmt: skip
    assert failures(url) == {}
