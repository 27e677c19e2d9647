"""Which alerts a channel has to tell now, from what it was told before.

Pure functions. An alert is told once over each channel, and its end only where
it was told itself.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from orchestration.alerts.conditions import Alert

# Before the next attempt, by how many have failed. The first two are worth waiting for.
PAUSES = tuple(timedelta(seconds=it) for it in (2, 10, 60, 300, 900, 3600))


@dataclass(frozen=True)
class Delivery:
    """One attempt to tell an alert over one channel."""

    alert_id: int
    channel: str
    attempted_at: datetime
    is_delivered: bool
    fault: str | None = None


def untold(
    alerts: Iterable[Alert], deliveries: Iterable[Delivery], channel: str
) -> list[Alert]:
    """The alerts that a channel has still to tell, whether or not it is time yet."""
    told = {
        it.alert_id for it in deliveries if it.is_delivered and it.channel == channel
    }
    return [
        alert
        for alert in alerts
        if alert.alert_id not in told
        and (alert.resolves is None or alert.resolves in told)
    ]


def next_attempt(
    alert: Alert, deliveries: Sequence[Delivery], channel: str
) -> datetime:
    """When a channel may try to tell an alert; after each failure it waits longer."""
    failed = [
        it.attempted_at
        for it in deliveries
        if it.alert_id == alert.alert_id and it.channel == channel
    ]
    if not failed:
        return alert.raised_at
    return max(failed) + PAUSES[min(len(failed), len(PAUSES)) - 1]
