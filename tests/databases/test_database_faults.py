"""What becomes of a night whose database is down, slow, changed or closed to us."""

import os
import signal
import time
from dataclasses import replace
from datetime import date
from threading import Thread

import pytest

from orchestration import steward
from orchestration.extracts.database.faults import SourceFaultError
from orchestration.extracts.database.landing import land_table
from orchestration.extracts.database.snapshot import snapshot_of
from tests.databases.nightly import VISITS, Nightly, told
from tests.mariadb import READER, READERS_PASSWORD, needs_mariadb

pytestmark = needs_mariadb
SECRETS = (READERS_PASSWORD, "PLANTED")


def both(clinic: Nightly):
    outcomes = clinic.night(date(2026, 3, 31))
    return outcomes["visits"], outcomes["wards"]


def change(clinic: Nightly, mariadb, *statements: str) -> None:
    mariadb.run(*statements, database=clinic.source.url.database)


CHANGES = {
    "a lost table": (
        "drop table {table}",
        "expected a table or view of this name, found none",
    ),
    "another type": (
        "alter table {table} modify seen_at int",
        "expected timestamp in seen_at, found int. If the source changed the type",
    ),
    "a lost column": ("alter table {table} drop column ward", "with ward; found"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_changed_table_is_refused_and_the_others_go_on(clinic, mariadb, what):
    statement, sentence = CHANGES[what]
    change(clinic, mariadb, "delete from visits", statement.format(table="visits"))
    visits, wards = both(clinic)
    assert visits.is_rejected
    assert sentence in told(visits)
    assert told(visits).startswith(f"{clinic.source.address}/visits: ")
    assert [it.expectation for it in visits.verdicts] == ["extract_readable"]
    assert (wards.is_rejected, wards.total("rows_appended")) == (False, 2)
    assert clinic.rows("select to_regclass('raw_clinic.visits') is null") == [(True,)]


def test_a_table_that_may_not_be_read_is_refused(clinic, mariadb):
    database = clinic.source.url.database
    mariadb.run(
        f"create user looker@'%' identified by '{READERS_PASSWORD}'",
        f"grant select on {database}.wards to looker@'%'",
    )
    closed = replace(clinic.source, url=clinic.source.url.set(username="looker"))
    visits, wards = both(clinic.by(source=closed))
    assert "the database's user may not read it; grant select" in told(visits)
    assert not wards.is_rejected
    mariadb.run("drop user looker@'%'")


def test_a_wrong_password_is_refused_once_and_is_not_tried_again(clinic):
    wrong = replace(clinic.source, url=clinic.source.url.set(password="PLANTED-wrong"))
    for outcome in both(clinic.by(source=wrong)):
        assert told(outcome).startswith(
            f"{clinic.source.address}: the database refused the login"
        )
        assert [it.expectation for it in outcome.verdicts] == ["extract_readable"]
        assert not any(secret in told(outcome) for secret in SECRETS)


def test_a_database_that_is_not_there_is_refused(clinic):
    gone = replace(clinic.source, url=clinic.source.url.set(database="clinic_gone"))
    visits, _ = both(clinic.by(source=gone))
    # MariaDB does not tell a user without rights which databases there are.
    assert "refused the login" in told(visits) or "no such database" in told(visits)


def test_a_server_that_is_down_is_asked_again_then_refused_and_read_next_night(
    clinic, mariadb
):
    mariadb.halt()
    try:
        start = time.monotonic()
        visits, wards = both(clinic)
        assert time.monotonic() - start > 3  # it was given time to come back
    finally:
        mariadb.start()
    for outcome in (visits, wards):
        assert told(outcome).startswith(
            f"{clinic.source.address}: expected a database that answers"
        )
        [verdict] = outcome.verdicts
        assert verdict.expectation == "source_reachable"
        [batch] = outcome.batches
        assert (batch.status, batch.as_of, batch.rows_received) == ("rejected", None, 0)
    visits, wards = both(clinic)
    assert [visits.is_rejected, wards.is_rejected] == [False, False]
    assert clinic.current() == [("1", "A"), ("2", "B")]


def test_a_night_that_was_known_is_known_again_after_the_server_was_down(
    clinic, mariadb
):
    both(clinic)
    mariadb.halt()
    try:
        both(clinic)
    finally:
        mariadb.start()
    visits, _ = both(clinic)
    # Recorded once more, since the refused batch would wait for it otherwise.
    assert visits.batches[0].status == "accepted"
    assert visits.total("rows_unchanged") == 2
    assert both(clinic)[0].batches[0].status == "known"


def test_a_server_that_comes_back_in_time_is_read(clinic, mariadb):
    mariadb.halt()
    back = Thread(target=lambda: (time.sleep(1), mariadb.start()))
    back.start()
    visits, _ = both(clinic)
    back.join()
    assert not visits.is_rejected


def test_a_table_that_takes_too_long_is_given_up_and_the_others_go_on(clinic):
    slow = replace(VISITS, query="select v.*, sleep(3) as nap from visits v")
    source = replace(clinic.source, timeout_seconds=1)
    visits, wards = both(
        clinic.by(source=source, contracts=[slow, clinic.contracts[1]])
    )
    assert "not read to its end within 1 seconds" in told(visits)
    assert not wards.is_rejected


def test_a_server_that_says_nothing_is_given_up(clinic, mariadb):
    source = replace(clinic.source, timeout_seconds=1)
    with snapshot_of(source) as snapshot, clinic.warehouse.connect() as connection:
        os.kill(mariadb.pid, signal.SIGSTOP)
        try:
            with pytest.raises(SourceFaultError, match="within 1 seconds"):
                land_table(connection, VISITS, snapshot, "the table")
        finally:
            os.kill(mariadb.pid, signal.SIGCONT)


def fill(clinic, mariadb) -> None:
    change(
        clinic,
        mariadb,
        "insert into visits select seq, 'PLANTED', '2026-03-31' from seq_10_to_400000",
    )


def test_a_connection_lost_in_mid_read_leaves_nothing_half_loaded(clinic, mariadb):
    both(clinic)
    before = clinic.current()
    fill(clinic, mariadb)

    def cut() -> None:
        while True:
            found = mariadb.run(
                "select id from information_schema.processlist where user ="
                f" '{READER}' and info like 'select visit_id%'"
            )
            if found:
                mariadb.run(f"kill {found[0][0]}")
                return

    cutting = Thread(target=cut)
    cutting.start()
    visits, wards = both(clinic)
    cutting.join()
    assert "the connection was lost while it was read" in told(visits)
    # It came after; another session would have seen another moment.
    assert "the connection was lost" in told(wards)
    assert {it.expectation for it in visits.verdicts} == {"source_reachable"}
    assert "PLANTED" not in told(visits)
    assert clinic.current() == before
    assert clinic.rows("select count(*) from landing.clinic__visits") == [(2,)]
    visits, wards = both(clinic)
    assert not visits.is_rejected
    assert visits.total("rows_received") == 399_991 + 2


def test_values_that_do_not_cast_are_foretold_where_a_type_became_text(clinic, mariadb):
    change(clinic, mariadb, "alter table visits modify seen_at varchar(30)")
    visits, _ = both(clinic)
    assert not visits.is_rejected
    [warning] = [it for it in visits.verdicts if it.expectation == "column_types"]
    assert warning.severity == "warning"
    assert warning.sentence == (
        f"{clinic.source.address}/visits: expected timestamp in seen_at, found text; "
        "values that cannot be read as one go to quarantine."
    )


def test_a_batch_that_the_gate_rejects_is_kept_and_settled_as_those_of_files(
    clinic, mariadb
):
    change(
        clinic,
        mariadb,
        "alter table visits drop primary key",
        "insert into visits values (2, 'C', '2026-03-31 09:30:00')",
    )
    visits, _ = both(clinic)
    assert "more than once" in told(visits)
    [batch] = visits.batches
    again, _ = both(clinic)
    assert (again.is_rejected, again.batches) == (True, [])
    with clinic.warehouse.connect() as owner:
        steward.reject(owner, batch.batch_id, reason="sent twice", by="tester")
    settled, _ = both(clinic)
    assert (settled.is_rejected, settled.batches) == (False, [])


def test_a_driver_that_is_not_installed_is_said(clinic):
    oracle = replace(
        clinic.source,
        url=clinic.source.url.set(drivername="oracle+oracledb"),
    )
    visits, _ = both(clinic.by(source=oracle))
    assert "install wardline[mysql], wardline[sqlserver] or wardline[oracle]" in told(
        visits
    )
