"""What a message says, and that each kind of alert has its section in the runbook."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from orchestration.alerts.conditions import Alert, Kind
from orchestration.alerts.deadlines import Deadline, deadlines
from orchestration.alerts.due import PAUSES, Delivery, next_attempt
from orchestration.alerts.message import message, section
from orchestration.bookkeeping import Publication
from orchestration.settings import REPOSITORY

RUNBOOK = (REPOSITORY / "docs" / "operations.md").read_text()
NIGHT = datetime(2026, 4, 1, 2, 1, 40, tzinfo=UTC)
RAISED = Alert(
    alert_id=17,
    raised_at=NIGHT + timedelta(minutes=1),
    kind="gate_failed",
    subject="his.admissions",
    cause="keys_unique",
    since=NIGHT,
    sentence="his.admissions: keys occur more than once: 34.",
    look="wardline status",
)
PUBLISHED = Publication(
    41,
    NIGHT - timedelta(days=1),
    datetime(2026, 3, 30, 23, 59, 59),
    5,
    0,
    True,
    "",
    None,
)


def sections() -> dict[str, str]:
    """The runbook's sections by anchor."""
    parts = re.split(r"^#{2,3} (.*)\n", RUNBOOK, flags=re.MULTILINE)[1:]
    return {
        title.lower().replace(" ", "-"): body
        for title, body in zip(parts[::2], parts[1::2], strict=True)
    }


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_of_alert_has_its_section_with_steps_and_whom_to_call(kind):
    steps = sections()[section(kind)]
    assert re.search(r"^1\. ", steps, re.MULTILINE)
    assert re.search(r"\bcall", steps, re.IGNORECASE)
    assert f"| `{kind}` |" in RUNBOOK


def test_the_runbook_lists_no_other_kind():
    listed = re.findall(r"^\| `([a-z_]+)` \|.*\]\(#[\w-]+\) \|$", RUNBOOK, re.MULTILINE)
    assert listed == list(Kind)


def test_a_message_says_what_is_wrong_since_when_and_what_to_do():
    said = message([RAISED], label="St. Elsewhere", published=PUBLISHED)
    assert said.subject == "[Wardline St. Elsewhere] gate failed"
    assert said.text == (
        "Published now: no. 41, data as of 2026-03-30 23:59, "
        "since 2026-03-31 02:01 UTC.\n\n"
        "GATE FAILED, his.admissions\n"
        "his.admissions: keys occur more than once: 34.\n"
        "Since: 2026-04-01 02:01 UTC\n"
        "Look:  wardline status\n"
        "To do: docs/operations.md#gate-failed"
    )


def test_the_payload_says_the_same_in_the_form_that_the_runbook_shows():
    said = message([RAISED], label="St. Elsewhere", published=PUBLISHED)
    shown = json.loads(re.findall(r"```json\n(.*?)```", RUNBOOK, re.DOTALL)[0])
    payload = said.payload | {"subject": said.subject}
    assert payload.keys() == shown.keys()
    assert payload["published"].keys() == shown["published"].keys()
    (alert,) = payload["alerts"]
    assert alert.keys() == shown["alerts"][0].keys()
    assert (alert["event"], alert["kind"]) == ("raised", "gate_failed")
    assert alert["since"] == "2026-04-01T02:01:40+00:00"


def test_the_end_of_an_alert_says_from_when_to_when():
    over = replace(RAISED, alert_id=18, resolves=17)
    said = message([over], label="St. Elsewhere", published=None)
    assert said.subject == "[Wardline St. Elsewhere] resolved: gate failed"
    assert "From 2026-04-01 02:01 UTC to 2026-04-01 02:02 UTC." in said.text
    assert said.payload["alerts"][0]["resolves"] == 17


def test_several_alerts_go_out_as_one_message():
    other = replace(RAISED, alert_id=18, kind="extract_late", subject="his")
    said = message([RAISED, other], label="x", published=None)
    assert said.subject == "[Wardline x] gate failed, extract late (2 alerts)"


def test_each_failure_makes_the_next_attempt_wait_longer_up_to_an_hour():
    failed: list[Delivery] = []
    waits = []
    for _ in range(len(PAUSES) + 2):
        failed.append(Delivery(17, "email", NIGHT, is_delivered=False))
        waits.append(next_attempt(RAISED, failed, "email") - NIGHT)
    assert waits == sorted(waits)
    assert waits[0] < waits[1] < waits[2]
    assert waits[-1] == waits[-2] == timedelta(hours=1)
    assert next_attempt(RAISED, failed, "webhook") == RAISED.raised_at


def test_a_deadline_is_the_stricter_of_dbts_two():
    def after(hours: int | None) -> dict[str, object]:
        return {"count": hours, "period": hours and "hour"}

    manifest = {
        "sources": {
            name: {"source_name": "his", "name": name, "freshness": freshness}
            for name, freshness in {
                "both": {"warn_after": after(30), "error_after": after(54)},
                "one": {"warn_after": after(None), "error_after": after(30)},
                "none": {"warn_after": after(None), "error_after": after(None)},
                "freed": None,
            }.items()
        }
    }
    thirty = timedelta(hours=30)
    assert deadlines(manifest) == [
        Deadline("his", "both", thirty),
        Deadline("his", "one", thirty),
    ]
