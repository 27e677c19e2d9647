"""Rates are pooled: sums first, then one division."""

from decimal import Decimal

from serving.dashboard.pooled import last, ratio, total

ROWS = [
    {"occupied": 9, "available": 10},
    {"occupied": 1, "available": 10},
    {"occupied": None, "available": None},
    {"occupied": 60, "available": 60},
]


def test_a_rate_is_not_the_average_of_rates():
    assert ratio("occupied", "available", factor=100)(ROWS) == Decimal(70) / 80 * 100


def test_several_columns_may_make_the_denominator():
    rows = [{"no_show": 1, "completed": 3}, {"no_show": 1, "completed": 5}]
    assert ratio("no_show", "completed", "no_show")(rows) == Decimal("0.2")


def test_nothing_to_divide_by_is_no_rate():
    assert ratio("occupied", "available")([{"occupied": 3, "available": 0}]) is None
    assert ratio("occupied", "available")([]) is None


def test_an_unknown_numerator_is_no_rate_and_not_zero():
    assert ratio("occupied", "available")([{"occupied": None, "available": 4}]) is None


def test_a_sum_leaves_out_what_is_not_known():
    assert total("occupied")(ROWS) == 70
    assert total("occupied")([ROWS[2]]) is None


def test_a_stock_is_that_of_the_last_day():
    assert last("occupied")(ROWS) == 60
    assert last("occupied")([]) is None
