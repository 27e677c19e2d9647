"""The first questions take what their queries use, and count nothing after as_of."""

import re
from datetime import date, datetime

import pytest

from orchestration.settings import REPOSITORY
from serving.api.kpis import QUESTIONS, Slice, taking

AS_OF = datetime(2026, 2, 28, 23, 55)


@pytest.mark.parametrize("question", QUESTIONS)
def test_no_parameter_is_taken_and_then_passed_over(question):
    query = (REPOSITORY / f"serving/queries/kpi_{question}.sql").read_text()
    used = set(re.findall(r"%\((\w+)\)s", query))
    assert QUESTIONS[question].takes.model_fields.keys() == used


def test_a_question_takes_all_that_is_given_or_is_left_out():
    assert taking(set()) == taking({"branch_key", "source_system"}) == [*QUESTIONS]
    for parameter in ("date_from", "date_to", "department_key"):
        assert {*QUESTIONS} - {*taking({"branch_key", parameter})} == {
            "gender_distribution"
        }


@pytest.mark.parametrize(
    ("date_to", "last"),
    [
        (None, date(2026, 2, 28)),
        (date(2026, 2, 10), date(2026, 2, 10)),
        (date(2026, 3, 1), date(2026, 2, 28)),
    ],
)
def test_what_bears_a_day_after_as_of_is_not_counted(date_to, last):
    assert Slice(date_to=date_to).parameters(AS_OF)["date_to"] == last


def test_without_an_as_of_every_day_counts():
    days = Slice().parameters(None)
    assert (days["date_from"], days["date_to"]) == (
        date(1900, 1, 1),
        date(9999, 12, 31),
    )
