"""A row of a snapshot whose record cannot be read is not taken for a deleted one."""

from datetime import timedelta

import pytest

from orchestration.extracts.batches import append, reject
from orchestration.extracts.kept import kept_batch
from tests.unit.extracts.conftest import DAY_1, Clinic

DAY_2, DAY_3 = (DAY_1 + timedelta(days=n) for n in (1, 2))
HEADER = "visit_id,ward,note\n"
NIGHT_1 = HEADER + "E1,W1,a\nE2,W2,b\nE3,W3,c\n"
# E2 has a quote too many, E3 is gone.
NIGHT_2 = HEADER + 'E1,W1,a\nE2,W2,5" pipe\n'


def buried(clinic: Clinic) -> list[str]:
    return [
        visit
        for (visit,) in clinic.rows(
            "select visit_id from raw_clinic.visits where _is_deleted order by 1"
        )
    ]


def test_it_stays_as_it_was_and_what_no_record_tells_of_is_gone(clinic: Clinic) -> None:
    clinic.load(NIGHT_1)
    result = clinic.load(NIGHT_2, DAY_2)
    assert (result.rows_unchanged, result.rows_malformed, result.rows_deleted) == (
        1, 1, 1,
    )  # fmt: skip
    assert clinic.current() == [("E1", "W1", "a"), ("E2", "W2", "b")]


@pytest.mark.parametrize(
    "record",
    [
        'E2,"W2,lost',
        "E2,W2,b,too,many",
        'x"y, E2 ,W2',
        'W2,"E2"b,c',
        "E2,W\0,b",
        "E2,W2," + "x" * 1_100_000,
    ],
)
def test_its_key_is_found_wherever_it_stands_in_the_record(
    clinic: Clinic, record: str
) -> None:
    clinic.load(NIGHT_1)
    result = clinic.load(HEADER + f"E1,W1,a\n{record}\nE3,W3,c\n", DAY_2)
    assert (result.rows_malformed, result.rows_deleted) == (1, 0)
    assert len(clinic.current()) == 3


def test_a_part_of_a_field_is_no_key(clinic: Clinic) -> None:
    clinic.load(HEADER + "1,W1,a\n2,W2,b\n12,W3,c\n")
    clinic.load(HEADER + "12,W3\n", DAY_2)
    assert buried(clinic) == ["1", "2"]


def test_of_a_key_of_several_columns_one_record_has_all(clinic: Clinic) -> None:
    wide = clinic.by(key=("visit_id", "ward"))
    wide.load(HEADER + "E1,W1,a\nE1,W2,b\nE2,W1,c\nE2,W2,d\n")
    wide.load(HEADER + "E1,W2\nE2,W1\n", DAY_2)
    assert wide.rows(
        "select visit_id, ward from raw_clinic.visits where _is_deleted order by 1"
    ) == [("E1", "W1"), ("E2", "W2")]


def test_the_next_snapshot_says_what_became_of_it(clinic: Clinic) -> None:
    clinic.load(NIGHT_1)
    clinic.load(HEADER + "E1\nE2\nE3\n", DAY_2)
    assert buried(clinic) == []
    result = clinic.load(HEADER + "E1,W9,a\nE2,W2,b\n", DAY_3)
    assert (result.rows_appended, result.rows_unchanged, result.rows_deleted) == (
        1, 1, 1,
    )  # fmt: skip
    assert buried(clinic) == ["E3"]


def test_a_corrected_file_of_the_same_night_does_too(clinic: Clinic) -> None:
    clinic.load(NIGHT_1)
    clinic.load(NIGHT_2, DAY_2)
    clinic.load(HEADER + "E1,W1,a\n", DAY_2)
    assert clinic.current() == [("E1", "W1", "a")]


def test_a_deleted_row_does_not_come_back_by_a_record_that_names_it(
    clinic: Clinic,
) -> None:
    clinic.load(NIGHT_1)
    clinic.load(HEADER + "E1,W1,a\n", DAY_2)
    clinic.load(NIGHT_2, DAY_3)
    assert clinic.current() == [("E1", "W1", "a")]


def test_it_is_held_too_when_a_steward_accepts_the_batch(clinic: Clinic) -> None:
    clinic.load(NIGHT_1)
    batch = reject(
        clinic.connection, clinic.contract, "No.", "run", DAY_2, clinic.land(NIGHT_2)
    )
    clinic.land(HEADER)  # of another night, without a record set aside
    landed = kept_batch(clinic.connection, clinic.contract, batch.batch_id)
    assert landed is not None
    append(clinic.connection, clinic.contract, landed, DAY_2, "run")
    assert clinic.current() == [("E1", "W1", "a"), ("E2", "W2", "b")]


def test_without_a_key_nobody_can_tell_whose_record_it_is(clinic: Clinic) -> None:
    keyless = clinic.by(key=())
    keyless.load(NIGHT_1)
    assert keyless.load(NIGHT_2, DAY_2).rows_deleted == 2
