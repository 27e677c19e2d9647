"""Until when a record set aside is shown as one that needs something."""

from datetime import timedelta

import pytest

from orchestration.errors import UsageError
from orchestration.extracts.batches import reject
from orchestration.quarantine import faults_query, settle
from orchestration.warehouse import Role, Warehouse
from tests.unit.extracts.conftest import DAY_1, Clinic

DAY_2 = DAY_1 + timedelta(days=1)
HEADER = "visit_id,ward,note\n"
BROKEN = HEADER + "E16,W1,a\nE17,W1\n"


def standing(warehouse: Warehouse) -> int:
    """How many records `wardline quarantine` shows of the clinic."""
    with warehouse.connect(Role.TRANSFORMER) as connection:
        asked = faults_query(
            connection, source="clinic", table=None, batch=None, limit=9
        )
    return asked.count if asked else 0


def test_a_delta_s_stands_until_somebody_says_what_became_of_it(
    clinic: Clinic, warehouse: Warehouse
) -> None:
    delta = clinic.by(mode="delta")
    monday = delta.load(BROKEN)
    tuesday = delta.load(HEADER + "E17,W1,b\nE18\n", DAY_2)
    assert standing(warehouse) == 2
    settled = settle(
        clinic.connection, monday.batch_id, reason="It came on Tuesday.", by="Ada"
    )
    assert settled.rows_malformed == 1
    assert standing(warehouse) == 1
    assert clinic.rows(
        "select decided_by, reason, subject from ops.decisions"
        " where action = 'settle_records'"
    ) == [
        ("Ada", "It came on Tuesday.",
         f"records set aside of batch {monday.batch_id} of clinic.visits"),
    ]  # fmt: skip
    settle(clinic.connection, tuesday.batch_id, reason="Typed by hand.", by="Ada")
    assert standing(warehouse) == 0
    with pytest.raises(UsageError, match="settled by Ada before: Typed by hand"):
        settle(clinic.connection, tuesday.batch_id, reason="Again.", by="Ada")
    assert clinic.rows("select count(*) from quarantine.malformed_rows") == [(2,)]


def test_a_snapshot_s_stands_until_the_next_snapshot(
    clinic: Clinic, warehouse: Warehouse
) -> None:
    clinic.load(BROKEN)
    assert standing(warehouse) == 1
    clinic.load(HEADER + "E16,W1,a\n", DAY_2)
    assert standing(warehouse) == 0


@pytest.mark.parametrize(
    ("what", "complaint"),
    [
        ("nothing", "There is no batch"),
        ("rejected", "decides on all of it"),
        ("sound", "has no record set aside"),
    ],
)
def test_what_cannot_be_settled_is_a_sentence(
    clinic: Clinic, what: str, complaint: str
) -> None:
    number = 4711
    if what == "rejected":
        landed = clinic.land(BROKEN)
        number = reject(
            clinic.connection, clinic.contract, "No.", "run", DAY_1, landed
        ).batch_id
    if what == "sound":
        number = clinic.load(HEADER + "E16,W1,a\n").batch_id
    with pytest.raises(UsageError, match=complaint):
        settle(clinic.connection, number, reason="x", by="Ada")
