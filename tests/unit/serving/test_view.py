"""A view in the URL: read, written, and sent to a colleague."""

from datetime import date

import pytest

from serving.dashboard.choosing import chosen_view, settled
from serving.dashboard.panels import Choice
from serving.dashboard.view import View, read_view

LAST = date(2026, 3, 31)
SEARCH = "?from=2026-01-05&to=2026-02-01&branch=his%3ABR1&department=his%3AD%262&by=day"


def view(search: str = "", path: str = "/beds") -> View:
    return read_view(path, search, LAST)


def test_a_url_without_filters_is_the_last_ninety_days_of_everything():
    assert view() == View("/beds", date(2026, 1, 1), LAST)
    assert view().days == 90


def test_a_url_says_period_places_and_choices():
    read = view(SEARCH)
    assert (read.date_from, read.date_to) == (date(2026, 1, 5), date(2026, 2, 1))
    assert (read.branch_key, read.department_key) == ("his:BR1", "his:D&2")
    assert read.choices == {"by": "day"}


@pytest.mark.parametrize(
    "search",
    ["?from=0001-01-01", "?to=9999-12-31", "?from=0001-01-01&to=9999-12-31", "?to=x"],
)
def test_a_day_out_of_reach_is_none(search):
    """From there no period could be counted back or on."""
    assert view(search) == view()


@pytest.mark.parametrize("search", ["", SEARCH, "?to=2026-02-01&by=week&as=share"])
def test_a_view_written_as_a_url_is_read_back_the_same(search):
    assert view(view(search).search) == view(search)


@pytest.mark.parametrize("path", ["/beds", "/beds/"])
def test_a_slash_at_the_end_is_the_same_page(path):
    assert view(path=path).path == "/beds"


def test_days_in_the_wrong_order_are_put_right():
    read = view("?from=2026-03-09&to=2026-03-01")
    assert (read.date_from, read.date_to) == (date(2026, 3, 1), date(2026, 3, 9))


@pytest.mark.parametrize("nonsense", ["2026-13-01", "yesterday", "", "%00", "9" * 9000])
def test_what_a_url_says_wrongly_is_as_if_it_said_nothing(nonsense):
    assert view(f"?from={nonsense}&to={nonsense}") == view()


def test_a_null_byte_never_reaches_the_database():
    assert view("?branch=his%00BR1").branch_key is None


def test_the_period_before_is_as_long_and_ends_where_this_one_begins():
    before = view("?from=2026-03-01&to=2026-03-10").before()
    assert (before.date_from, before.date_to) == (date(2026, 2, 19), date(2026, 2, 28))


def test_a_branch_is_chosen_and_left():
    chosen = chosen_view(view(), "branch", "his:BR1", LAST)
    assert chosen.branch_key == "his:BR1"
    assert chosen_view(chosen, "branch", "", LAST) == view()


def test_a_first_day_after_the_last_moves_the_last():
    chosen = chosen_view(view("?to=2026-02-01"), "from", "2026-03-05", LAST)
    assert (chosen.date_from, chosen.date_to) == (date(2026, 3, 5), date(2026, 3, 5))


def test_a_last_day_before_the_first_moves_the_first():
    chosen = chosen_view(view("?from=2026-03-01"), "to", "2026-02-01", LAST)
    assert (chosen.date_from, chosen.date_to) == (date(2026, 2, 1), date(2026, 2, 1))


def test_a_cleared_last_day_is_the_day_that_the_data_speak_for():
    assert chosen_view(view("?to=2026-02-01"), "to", "", LAST).date_to == LAST


@pytest.mark.parametrize("nonsense", ["", "soon", "2026-02-30"])
def test_a_cleared_or_broken_first_day_is_ninety_days_back(nonsense):
    assert chosen_view(view(SEARCH), "from", nonsense, LAST).days == 90


def test_a_choice_is_made_and_its_default_leaves_the_url():
    chosen = chosen_view(view(), "by", "month", LAST)
    assert "by=month" in chosen.search
    assert "by=" not in chosen_view(chosen, "by", "", LAST).search


def test_choices_leave_filters_alone():
    assert chosen_view(view(SEARCH), "by", "day", LAST) == view(SEARCH)


def test_a_department_of_another_branch_is_let_go():
    departments = [
        {"key": "A", "branch_key": "1"},
        {"key": "B", "branch_key": "2"},
        {"key": "W", "branch_key": None},
    ]
    of_another = view("?branch=1&department=B")
    assert settled(of_another, departments).department_key is None
    for kept in ("?branch=1&department=A", "?department=B", "?branch=1&department=W"):
        assert settled(view(kept), departments) == view(kept)


def test_a_choice_that_a_page_does_not_know_is_the_default():
    by = Choice("by", "By", {"day": "day", "week": "week"}, "week")
    assert by.of(view()) == "week"
    assert by.of(view("?by=day")) == "day"
    assert by.of(view("?by=century")) == "week"
    assert Choice("as", "As", {"n": "number", "s": "share"}).of(view()) == "n"
