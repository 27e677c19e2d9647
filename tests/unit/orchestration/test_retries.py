"""When a refresh that broke is tried again, and when not."""

from datetime import UTC, datetime, timedelta

import pytest

from orchestration.retries import PAUSES, Attempt, due_again

BROKE = datetime(2026, 3, 10, 2, 5, tzinfo=UTC)


def attempts(*faults: bool) -> list[Attempt]:
    """Attempts, the newest first; the newest ended when it BROKE."""
    return [
        Attempt(f"run {place}", BROKE - timedelta(days=place), is_fault)
        for place, is_fault in enumerate(faults)
    ]


def test_nothing_is_due_before_the_first_refresh_or_after_a_good_one():
    assert due_again([], BROKE) is None
    assert due_again(attempts(False, True, True), BROKE + timedelta(days=1)) is None


@pytest.mark.parametrize("failed", range(1, len(PAUSES) + 1))
def test_each_fault_in_a_row_makes_the_pause_longer(failed):
    made = attempts(*[True] * failed, False)
    pause = PAUSES[failed - 1]
    assert due_again(made, BROKE + pause - timedelta(seconds=1)) is None
    assert due_again(made, BROKE + pause) == made[0]


def test_it_is_not_tried_for_ever():
    made = attempts(*[True] * (len(PAUSES) + 1))
    assert due_again(made, BROKE + timedelta(days=9)) is None
