"""What is said of alerts: one text for people, the same as JSON for programs.

Pure functions. Sentences hold no patient's value; no URL or password is known here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import uuid4

from orchestration.alerts.conditions import Alert, Kind
from orchestration.bookkeeping import Publication

RUNBOOK = "docs/operations.md"
_TITLES = {
    Kind.REFRESH_FAILED: "refresh failed",
    Kind.GATE_FAILED: "gate failed",
    Kind.EXTRACT_LATE: "extract late",
    Kind.WARNING: "warning",
}


@dataclass(frozen=True)
class Message:
    """What one channel sends at once."""

    message_id: str
    """The same when the same alerts are told again, so that a receiver can tell."""
    subject: str
    text: str
    payload: dict[str, Any]


def section(kind: str) -> str:
    """The anchor of a kind's section in the runbook."""
    return _TITLES[Kind(kind)].replace(" ", "-")


def message(
    alerts: Sequence[Alert], *, label: str, published: Publication | None
) -> Message:
    """One message for several alerts.

    Args:
        alerts: to tell; at least one.
        label: the hospital's or the host's name.
        published: what is published now; None: nothing was, or nobody can tell.
    """
    ids = "-".join(str(it.alert_id) for it in alerts)
    return Message(
        message_id=sha256(f"{label}/{ids}".encode()).hexdigest()[:32],
        subject=f"[Wardline {label}] {_subject(alerts)}",
        text="\n\n".join([_published(published), *(_paragraph(it) for it in alerts)]),
        payload={
            "label": label,
            "published": published
            and {
                "publication_id": published.publication_id,
                "as_of": f"{published.as_of:%Y-%m-%dT%H:%M:%S}",
                "published_at": published.published_at.isoformat(timespec="seconds"),
            },
            "alerts": [_payload(it) for it in alerts],
        },
    )


def trial_message(label: str) -> Message:
    """A message that only shows that a channel works."""
    text = (
        f"This is a test of the alerts of Wardline, {label}. Nothing has happened, and "
        "there is nothing to do."
    )
    return Message(
        message_id=uuid4().hex,  # each test is another message
        subject=f"[Wardline {label}] test",
        text=text,
        payload={"label": label, "published": None, "alerts": [], "test": text},
    )


def _subject(alerts: Sequence[Alert]) -> str:
    raised = [it for it in alerts if it.resolves is None]
    told = {_TITLES[Kind(it.kind)]: None for it in raised or alerts}
    subject = ", ".join(told) if raised else f"resolved: {', '.join(told)}"
    return subject if len(alerts) == 1 else f"{subject} ({len(alerts)} alerts)"


def _published(published: Publication | None) -> str:
    if published is None:
        return "What is published could not be asked, or nothing is."
    return (
        f"Published now: no. {published.publication_id}, data as of "
        f"{published.as_of:%Y-%m-%d %H:%M}, since "
        f"{published.published_at:%Y-%m-%d %H:%M %Z}."
    )


def _paragraph(alert: Alert) -> str:
    title = _TITLES[Kind(alert.kind)].upper()
    if alert.resolves is not None:
        return (
            f"RESOLVED: {title}, {alert.subject}\n{alert.sentence}\n"
            f"From {alert.since:%Y-%m-%d %H:%M %Z} to "
            f"{alert.raised_at:%Y-%m-%d %H:%M %Z}."
        )
    return (
        f"{title}, {alert.subject}\n{alert.sentence}\n"
        f"Since: {alert.since:%Y-%m-%d %H:%M %Z}\n"
        f"Look:  {alert.look}\n"
        f"To do: {RUNBOOK}#{section(alert.kind)}"
    )


def _payload(alert: Alert) -> dict[str, Any]:
    return {
        "id": alert.alert_id,
        "event": "raised" if alert.resolves is None else "resolved",
        "resolves": alert.resolves,
        "kind": alert.kind,
        "subject": alert.subject,
        "sentence": alert.sentence,
        "since": alert.since.isoformat(timespec="seconds"),
        "raised_at": alert.raised_at.isoformat(timespec="seconds"),
        "look": alert.look,
        "runbook": f"{RUNBOOK}#{section(alert.kind)}",
    }
