"""What is told, how often, and what happens where telling fails."""

import json
import shlex
import subprocess
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from pydantic import SecretStr

from expectations import Verdict
from orchestration import dbt
from orchestration.alerts import book, outbox
from orchestration.bookkeeping import record_verdicts
from orchestration.locks import refresh_lock
from orchestration.runs import last_events, record_end, record_start
from orchestration.settings import Settings
from tests.unit.alerts.conftest import Desk

WHO = "root, command line"
FAILED = ("raised", "refresh_failed", "refresh")
RECOVERED = ("resolved", "refresh_failed", "refresh")


def ended(desk: Desk, outcome: str, *sentences: str) -> None:
    with desk.connect() as connection:
        record_end(connection, "a-run", outcome, WHO, sentences)


def judged(desk: Desk, run_id: str, success: bool, severity: str) -> None:
    verdict = Verdict(
        "extract", "his.wards", "keys_unique", severity, success, 9, "9 keys."
    )
    with desk.connect() as connection:
        record_verdicts(connection, run_id, [verdict])


def published(desk: Desk, *, is_complete: bool = True) -> None:
    with desk.connect() as connection:
        connection.execute(
            "insert into ops.publications"
            " (as_of, rows_changed, gate_warnings, is_complete, run_id)"
            " values ('2026-03-30 23:59:59', 0, 0, %s, 'a-run')",
            [is_complete],
        )
    ended(desk, "published")


def test_a_failure_is_told_once_over_each_channel_and_once_more_when_it_is_over(desk):
    ended(desk, "failed", "The disk is full.")
    for _ in range(3):
        outbox.tell(desk.settings)
    assert desk.told() == [FAILED]
    published(desk)
    for _ in range(3):
        outbox.tell(desk.settings)
    assert desk.told() == [FAILED, RECOVERED]
    first, last = desk.inbox.mails
    assert first["Subject"] == "[Wardline St. Elsewhere] refresh failed"
    assert last["Subject"] == "[Wardline St. Elsewhere] resolved: refresh failed"
    assert "The refresh failed. The disk is full." in first.get_content()
    assert "What is published could not be asked, or nothing is." in first.get_content()
    assert "docs/operations.md#refresh-failed" in first.get_content()
    assert "Published now: no. 1, data as of 2026-03-30 23:59" in last.get_content()


def test_the_same_cause_is_told_once_though_its_numbers_differ(desk):
    ended(desk, "failed", "Process 4711 was lost after 12 s.")
    outbox.tell(desk.settings)
    ended(desk, "failed", "Process 815 was lost after 40 s.")
    outbox.tell(desk.settings)
    assert desk.told() == [FAILED]


def test_another_cause_is_told_and_nothing_is_over_before_a_publication(desk):
    ended(desk, "failed", "The disk is full.")
    outbox.tell(desk.settings)
    ended(desk, "failed", "The server is away.")
    outbox.tell(desk.settings)
    assert desk.told() == [FAILED, FAILED]
    published(desk)
    outbox.tell(desk.settings)
    assert desk.told() == [FAILED, FAILED, RECOVERED, RECOVERED]
    assert len(desk.inbox.mails) == 3


def test_a_run_that_a_person_made_in_part_settles_nothing(desk):
    ended(desk, "failed", "The disk is full.")
    ended(desk, "ended")
    outbox.tell(desk.settings)
    assert desk.told() == [FAILED]


def test_a_gate_is_told_by_its_sentence_until_all_is_published(desk):
    judged(desk, "1", success=False, severity="critical")
    ended(desk, "held_back")
    outbox.tell(desk.settings)
    published(desk, is_complete=False)
    outbox.tell(desk.settings)
    assert desk.told() == [("raised", "gate_failed", "his.wards")]
    assert desk.posts.payloads[0]["alerts"][0]["sentence"] == "9 keys."
    published(desk)
    outbox.tell(desk.settings)
    assert desk.told()[1:] == [("resolved", "gate_failed", "his.wards")]


def test_what_a_gate_finds_counts_when_its_run_ends(desk):
    """Told half-way, a good night would stand beside how the poisoned one ended."""
    judged(desk, "poisoned", success=False, severity="critical")
    ended(desk, "held_back")
    outbox.tell(desk.settings)
    raised = [("raised", "gate_failed", "his.wards")]
    with refresh_lock(desk.warehouse), desk.connect() as connection:
        record_start(connection, "good", WHO)
        connection.commit()
        judged(desk, "good", success=True, severity="critical")
        outbox.tell(desk.settings)
        assert desk.told() == raised
        record_end(connection, "good", "held_back", WHO, ["A total left its band."])
    outbox.tell(desk.settings)
    assert set(desk.told()[1:]) == {
        ("raised", "gate_failed", "publication"),
        ("resolved", "gate_failed", "his.wards"),
    }


def test_what_a_complete_publication_settled_stays_settled(desk):
    """A steward accepts the batch, so nothing judges it again; then a run fails."""
    judged(desk, "1", success=False, severity="critical")
    ended(desk, "held_back")
    outbox.tell(desk.settings)
    published(desk)
    ended(desk, "failed", "The drop folder is away.")
    outbox.tell(desk.settings)
    assert desk.told() == [
        ("raised", "gate_failed", "his.wards"),
        FAILED,
        ("resolved", "gate_failed", "his.wards"),
    ]


def test_a_part_that_a_person_started_settles_no_gate(desk):
    judged(desk, "1", success=False, severity="critical")
    ended(desk, "held_back")
    judged(desk, "a part", success=True, severity="critical")
    with desk.connect() as connection:
        record_end(connection, "a part", "ended", WHO)
    outbox.tell(desk.settings)
    assert desk.told() == [("raised", "gate_failed", "his.wards")]


def test_a_warning_holds_until_its_table_is_judged_again(desk):
    judged(desk, "1", success=False, severity="warning")
    published(desk)
    outbox.tell(desk.settings)
    published(desk)  # with nothing new to judge
    outbox.tell(desk.settings)
    assert desk.told() == [("raised", "warning", "his.wards")]
    judged(desk, "2", success=True, severity="warning")
    outbox.tell(desk.settings)
    assert desk.told()[1:] == [("resolved", "warning", "his.wards")]


def received(
    desk: Desk, as_of: datetime, status: str = "accepted", at: datetime | None = None
) -> None:
    with desk.warehouse.connect() as connection:
        connection.execute(
            "insert into ops.batches"
            " (source_system, table_name, as_of, status, run_id, received_at)"
            " values ('his', 'wards', %s, %s, '', coalesce(%s, now()))",
            [as_of, status, at],
        )


def test_a_late_extract_is_told_by_its_deadline_until_one_comes(desk):
    now = datetime.now()
    received(desk, now - timedelta(hours=31))  # his: 30 hours
    outbox.tell(desk.settings)
    assert desk.told() == [("raised", "extract_late", "his")]
    received(desk, now - timedelta(hours=2), "rejected")  # a gate's business
    outbox.tell(desk.settings)
    assert desk.told()[1:] == [("resolved", "extract_late", "his")]


@pytest.mark.parametrize("status", ["rejected", "accepted"])
def test_a_day_to_come_does_not_stand_for_the_extract_that_is_late(desk, status):
    """Not for years, if a folder had a wrong year; dbt judges as the alert does."""
    now = datetime.now()
    received(desk, now - timedelta(hours=31))
    received(desk, now + timedelta(days=3653), status)
    assert freshness_of_wards(desk) == "error"
    outbox.tell(desk.settings)
    assert desk.told() == [("raised", "extract_late", "his")]
    look = shlex.split(desk.posts.payloads[0]["alerts"][0]["look"])[-1]
    with desk.connect() as connection:
        [(_, last)] = connection.execute(look.encode()).fetchall()
    assert last < now
    received(desk, now - timedelta(hours=2))
    assert freshness_of_wards(desk) == "pass"
    outbox.tell(desk.settings)
    assert desk.told()[1:] == [("resolved", "extract_late", "his")]


def test_what_was_rejected_for_its_date_is_no_extract_once_the_date_has_come(desk):
    now = datetime.now()
    received(desk, now - timedelta(hours=40))
    received(desk, now - timedelta(hours=2), "rejected", now - timedelta(days=10))
    outbox.tell(desk.settings)
    assert desk.told() == [("raised", "extract_late", "his")]


def freshness_of_wards(desk: Desk) -> str:
    """What `dbt source freshness` says of the table."""
    subprocess.run(
        [dbt.EXECUTABLE, "--quiet", "source", "freshness", "-s", "source:his.wards",
         "--project-dir", str(desk.settings.dbt_project)],
        env=dbt.environment(desk.settings),
        capture_output=True,
        check=False,
    )  # fmt: skip
    found = dbt.target_path(desk.settings) / "sources.json"
    [result] = json.loads(found.read_bytes())["results"]
    found.unlink()
    return result["status"]


def test_a_run_that_was_killed_is_told_once_nobody_holds_the_lock(desk):
    with refresh_lock(desk.warehouse):
        with desk.connect() as connection:
            record_start(connection, "a-run", WHO)
        outbox.tell(desk.settings)
        assert desk.told() == []
    outbox.tell(desk.settings)
    assert desk.told() == [FAILED]
    assert "its process was killed" in desk.inbox.mails[0].get_content()


def test_a_run_that_was_killed_after_it_published_is_none_that_died(desk):
    with desk.connect() as connection:
        record_start(connection, "a-run", WHO)
        connection.execute(
            "insert into ops.publications"
            " (as_of, rows_changed, gate_warnings, is_complete, run_id)"
            " values ('2026-03-30 23:59:59', 0, 0, true, 'a-run')"
        )
    outbox.tell(desk.settings)
    assert desk.told() == []
    with desk.connect() as connection:
        assert last_events(connection, ["a-run"])["a-run"][0] == "published"


# --- where telling fails -------------------------------------------------------------


def attempts(desk: Desk) -> list[tuple[str, bool, str | None]]:
    with desk.connect() as connection:
        return connection.execute(
            "select channel, is_delivered, fault from ops.alert_deliveries"
            " order by 1, 2"
        ).fetchall()


def test_a_channel_that_fails_is_tried_again_and_keeps_the_other_from_nothing(desk):
    ended(desk, "failed", "The disk is full.")
    desk.answers += [500]
    outbox.tell(desk.settings)
    refused = ("webhook", False, "127.0.0.1 answered with status 500.")
    assert attempts(desk) == [("email", True, None), refused]
    outbox.tell(desk.settings)  # at once again: it is not time yet
    assert len(desk.posts.bodies) == 1
    outbox.tell(desk.settings, timedelta(seconds=5))
    assert attempts(desk) == [("email", True, None), refused, ("webhook", True, None)]
    first, again = desk.posts.headers
    assert first["webhook-id"] == again["webhook-id"]
    assert len(desk.inbox.mails) == 1


def test_what_was_over_before_a_channel_could_tell_it_is_not_told_there(desk):
    ended(desk, "failed", "The disk is full.")
    desk.answers += [500]
    outbox.tell(desk.settings)
    published(desk)
    outbox.tell(desk.settings, timedelta(seconds=5))
    assert len(desk.inbox.mails) == 2
    assert len(desk.posts.bodies) == 1


def test_telling_fails_no_run_whatever_is_wrong(desk, caplog):
    ended(desk, "failed", "The disk is full.")
    wrong = desk.settings.model_copy(update={"alert_email_to": None})
    outbox.tell_quietly(wrong)
    assert "WARDLINE_ALERT_EMAIL_TO" in caplog.text
    outbox.tell(desk.settings)
    assert desk.told() == [FAILED]


def test_without_a_channel_it_is_on_record(desk):
    ended(desk, "failed", "The disk is full.")
    silent = desk.settings.model_copy(
        update={"alert_email_to": None, "alert_smtp_url": None}
        | {"alert_webhook_url": None}
    )
    outbox.tell(silent)
    with desk.connect() as connection:
        (opened,) = book.open_alerts(connection)
    assert opened.sentence == "The refresh failed. The disk is full."


def test_several_tellers_at_once_tell_once(desk):
    ended(desk, "failed", "The disk is full.")
    with ThreadPoolExecutor(4) as tellers:
        list(tellers.map(outbox.tell, [desk.settings] * 4))
    assert desk.told() == [FAILED]


def unreachable(desk: Desk) -> Settings:
    """The settings, with the warehouse where nothing is."""
    nowhere = SecretStr("postgresql://127.0.0.1:1/nothing")
    return desk.settings.model_copy(update={"database_url": nowhere})


def test_a_failure_without_the_warehouse_is_told_once_and_on_record_when_it_is_back(
    desk,
):
    away = unreachable(desk)
    for _ in range(2):
        outbox.tell_failure(away, "a-run", WHO, ["The warehouse cannot be reached."])
    assert desk.told() == [FAILED]
    outbox.tell(desk.settings)
    assert desk.told() == [FAILED]
    with desk.connect() as connection:
        (opened,) = book.open_alerts(connection)
    assert "cannot be reached" in opened.sentence
    published(desk)
    outbox.tell(desk.settings)
    assert desk.told() == [FAILED, RECOVERED]


def test_a_failure_without_the_warehouse_is_tried_again(desk, monkeypatch):
    monkeypatch.setattr("orchestration.alerts.due.PAUSES", (timedelta(),))
    away = unreachable(desk)
    desk.answers += [503]
    outbox.tell_failure(away, "a-run", WHO, ["The warehouse cannot be reached."])
    outbox.tell_from_file(away)
    assert len(desk.posts.bodies) == 2
    assert len(desk.inbox.mails) == 1
    outbox.tell_from_file(away)
    assert len(desk.posts.bodies) == 2


@pytest.mark.parametrize("table", ["alerts", "alert_deliveries", "run_events"])
def test_what_was_told_is_nobodys_to_change(desk, table):
    for statement in (f"delete from ops.{table}", f"truncate ops.{table} cascade"):
        with (
            desk.warehouse.connect() as owner,
            pytest.raises(Exception, match="append only"),
        ):
            owner.execute(statement)
