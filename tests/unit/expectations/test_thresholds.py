"""The gates' thresholds: shipped with reasons, and changed without touching code."""

import pytest

from expectations import ThresholdError, Thresholds, read_thresholds
from expectations.thresholds import shipped_thresholds

TABLES = ["his.admissions", "his.bills", "lab.results"]
MARTS = ["fct_bills", "billing_monthly"]


def read(text: str) -> Thresholds:
    return read_thresholds(text, "gates.yml", TABLES, MARTS)


def test_every_threshold_has_a_value_a_unit_and_a_reason() -> None:
    for threshold in shipped_thresholds().values():
        assert threshold.value >= 0
        assert threshold.unit
        assert threshold.reason.endswith(".")


def test_without_a_file_of_its_own_a_hospital_has_the_shipped_values() -> None:
    for nothing in ("", "# nothing yet"):
        assert read(nothing).of("his.bills", "max_malformed_pct") == 1


def test_the_more_particular_word_wins() -> None:
    own = read(
        """
        max_malformed_pct: 2
        lab: {max_malformed_pct: 3}
        his.bills: {max_malformed_pct: 4}
        """
    )
    assert own.of("his.admissions", "max_malformed_pct") == 2
    assert own.of("his.admissions", "max_malformed_pct", contract=9) == 9
    assert own.of("lab.results", "max_malformed_pct", contract=9) == 3
    assert own.of("his.bills", "max_malformed_pct") == 4


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("max_malformed_pc: 2", "no threshold 'max_malformed_pc'; there are .* meant?"),
        ("his.bill: {max_malformed_pct: 2}", "mart 'his.bill'. Is 'his.bills' meant?"),
        ("fct_bills: {max_malformed_pct: 2}", "fct_bills: .* of a source table"),
        ("his: {max_flagged_pct: 2}", "his: max_flagged_pct is a threshold of a mart"),
        ("max_malformed_pct: many", "must be a number, zero or more .* not 'many'"),
        ("max_malformed_pct: -1", "not -1"),
        ("max_malformed_pct: .inf", "not inf"),
        ("max_malformed_pct: true", "not True"),
        ("max_malformed_pct:", "not None"),
        ("- max_malformed_pct", "must hold"),
        ("his.bills: {", "is not YAML"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(text: str, complaint: str) -> None:
    with pytest.raises(ThresholdError, match=complaint) as raised:
        read(text)
    assert str(raised.value).startswith("gates.yml")
