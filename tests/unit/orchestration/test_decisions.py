"""The record of decisions: complete, and nobody's to change."""

import psutil
import psycopg
import pytest

from orchestration.decisions import last_decisions, record_decision
from orchestration.errors import UsageError
from orchestration.warehouse import Role

WRITERS = [None, Role.LOADER, Role.TRANSFORMER]


@pytest.mark.parametrize("role", WRITERS)
def test_a_decision_says_who_did_what_to_what_and_why(warehouse, role):
    with warehouse.connect(role) as connection:
        number = record_decision(
            connection,
            action="accept_batch",
            subject="batch 17",
            reason="archived by the HIS",
            details={"rows": 12},
        )
        (latest,) = last_decisions(connection, limit=1)
    assert latest.decision_id == number
    assert latest.decided_by == psutil.Process().username()
    assert latest.database_login == "postgres"
    assert (latest.action, latest.subject) == ("accept_batch", "batch 17")
    assert latest.reason == "archived by the HIS"
    assert latest.details == {"rows": 12}


def test_a_decision_falls_with_the_transaction_of_what_was_decided(warehouse):
    with warehouse.connect(Role.LOADER) as connection:
        before = last_decisions(connection, limit=1)
        record_decision(connection, action="publish", subject="x", reason="undone")
        connection.rollback()
        assert last_decisions(connection, limit=1) == before


def test_a_decision_needs_a_reason(warehouse):
    with (
        warehouse.connect(Role.LOADER) as connection,
        pytest.raises(UsageError, match="needs a reason"),
    ):
        record_decision(connection, action="roll_back", subject="x", reason="  ")


@pytest.mark.parametrize("role", [*WRITERS, Role.READER])
@pytest.mark.parametrize(
    "statement",
    [
        "update ops.decisions set reason = 'another'",
        "delete from ops.decisions",
        "truncate ops.decisions",
    ],
)
def test_nobody_changes_what_was_recorded(warehouse, role, statement):
    with warehouse.connect(role) as connection:
        connection.read_only = False
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement)


@pytest.mark.parametrize("role", [Role.LOADER, Role.TRANSFORMER])
@pytest.mark.parametrize("column", ["decided_at", "database_login"])
def test_nobody_dates_a_decision_back_or_signs_for_another(warehouse, role, column):
    with (
        warehouse.connect(role) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(f"insert into ops.decisions ({column}) values (null)")


def test_readers_see_no_decision(warehouse):
    with (
        warehouse.connect(Role.READER) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        last_decisions(connection, limit=1)
