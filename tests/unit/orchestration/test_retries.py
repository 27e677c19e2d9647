"""When a refresh that broke is tried again, and when not."""

from datetime import UTC, datetime, timedelta

import pytest

from orchestration.retries import PAUSES, Attempt, due_again

BROKE = datetime(2026, 3, 10, 2, 5, tzinfo=UTC)


def attempts(*faults: bool) -> list[Attempt]:
    """A night's attempts, the newest first; the newest ended when it BROKE."""
    return [
        Attempt(
            f"run {place}",
            BROKE - timedelta(hours=place),
            is_fault,
            is_retry=place < len(faults) - 1,
        )
        for place, is_fault in enumerate(faults)
    ]


def test_nothing_is_due_before_the_first_refresh_or_after_a_good_one():
    assert due_again([], BROKE) is None
    assert due_again(attempts(False, True, True), BROKE + timedelta(days=1)) is None


@pytest.mark.parametrize("failed", range(1, len(PAUSES) + 1))
def test_each_fault_in_a_row_makes_the_pause_longer(failed):
    made = attempts(*[True] * failed)
    pause = PAUSES[failed - 1]
    assert due_again(made, BROKE + pause - timedelta(seconds=1)) is None
    assert due_again(made, BROKE + pause) == made[0]


def test_a_night_is_not_tried_for_ever():
    made = attempts(*[True] * (len(PAUSES) + 1))
    assert due_again(made, BROKE + timedelta(days=9)) is None


def test_a_night_that_was_given_up_leaves_the_next_all_of_its_attempts():
    given_up = attempts(*[True] * (len(PAUSES) + 1))
    for failed in range(1, len(PAUSES) + 1):
        made = (attempts(*[True] * failed) + given_up)[: len(PAUSES) + 1]
        pause = PAUSES[failed - 1]
        assert due_again(made, BROKE + pause - timedelta(seconds=1)) is None
        assert due_again(made, BROKE + pause) == made[0]
