"""What the extract gate measures a batch by: the batches accepted before its day."""

from datetime import datetime, timedelta

import pytest

from orchestration.decisions import record_decision
from orchestration.extracts.history import accepted_until, history

DAY = datetime(2024, 3, 1, 23, 59, 59)
HEADER = "visit_id,ward,note\n"


def night(clinic, day: int, rows: int, malformed: int = 0):
    body = "".join(f"{n},W1,{day}\n" for n in range(rows)) + "x\n" * malformed
    return clinic.load(HEADER + body, DAY + timedelta(days=day))


def past(clinic, day: int, weeks: float = 4) -> tuple[int, ...]:
    moment = DAY + timedelta(days=day)
    return history(clinic.connection, clinic.contract, moment, weeks)


def test_the_sound_rows_of_the_batches_before_the_newest_first(clinic):
    assert past(clinic, 9) == ()
    night(clinic, 0, 3)
    night(clinic, 1, 5, malformed=1)
    assert past(clinic, 2) == (5, 3)


def test_a_corrected_file_of_the_same_day_is_not_measured_by_the_one_it_replaces(
    clinic,
):
    night(clinic, 0, 3)
    night(clinic, 1, 9)
    assert past(clinic, 1) == (3,)


def test_a_late_extract_is_measured_against_its_own_time(clinic):
    night(clinic, 0, 3)
    night(clinic, 5, 9)
    assert past(clinic, 2) == (3,)


def test_of_several_batches_of_one_moment_the_last_counts(clinic):
    night(clinic, 0, 3)
    night(clinic, 0, 4)
    assert past(clinic, 1) == (4,)


def test_what_is_older_than_the_weeks_counts_only_if_nothing_came_since(clinic):
    night(clinic, 0, 3)
    assert past(clinic, 90) == (3,)
    night(clinic, 60, 5)
    assert past(clinic, 80) == (5,)
    assert past(clinic, 80, weeks=20) == (5, 3)


def test_what_a_steward_accepted_is_the_measure_from_then_on(clinic):
    night(clinic, 0, 30)
    accepted = night(clinic, 1, 3)
    night(clinic, 2, 4)
    assert past(clinic, 3) == (4, 3, 30)
    record_decision(
        clinic.connection,
        action="accept_batch",
        subject=f"batch {accepted.batch_id}",
        reason="Archived.",
        details={"batch_id": accepted.batch_id, "loaded_as": accepted.batch_id},
    )
    assert past(clinic, 3) == (4, 3)


@pytest.mark.parametrize(("day", "expected"), [(0, None), (1, 0), (3, 2)])
def test_the_moment_known_before_a_day_is_any_table_s(clinic, day, expected):
    night(clinic, 0, 1)
    clinic.by(table="beds", file="beds.csv").load(HEADER, DAY + timedelta(days=2))
    moment = DAY + timedelta(days=day)
    known = accepted_until(clinic.connection, "clinic", moment)
    assert known == (None if expected is None else DAY + timedelta(days=expected))
