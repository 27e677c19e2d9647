"""Sending what is due over each channel, and again after a failure.

What is due stands in due.py, how a channel sends in mail.py and webhook.py.
"""

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from psycopg import Connection

from orchestration.alerts import book
from orchestration.alerts.channels import Channel, channels, send_in_time
from orchestration.alerts.conditions import Alert
from orchestration.alerts.due import Delivery, next_attempt, untold
from orchestration.alerts.message import message
from orchestration.bookkeeping import Publication, last_publications
from orchestration.settings import Settings


def send(
    connection: Connection[Any], settings: Settings, patience: timedelta
) -> list[Delivery]:
    """Send what is due, and record each attempt.

    Args:
        connection: of the transformer, each statement a transaction of its own.
        settings: with the channels.
        patience: how long to wait for the next attempt where one has failed.

    Returns:
        The attempts that were made.

    Raises:
        UsageError: a channel's settings are wrong.
    """
    made: list[Delivery] = []
    until = datetime.now(UTC) + patience
    while True:
        alerts, deliveries = book.to_tell(connection)
        published = next(iter(last_publications(connection, limit=1)), None)
        later: list[datetime] = []
        for channel in channels(settings):
            ready, waiting = split(alerts, deliveries, channel.name)
            attempts = attempt(channel, settings, ready, published) if ready else []
            book.record_deliveries(connection, attempts)
            made += attempts
            failed = [it for it in attempts if not it.is_delivered]
            later += waiting + [
                next_attempt(alert, deliveries + failed, channel.name)
                for alert in (ready if failed else ())
            ]
        if not later or min(later) > until:
            return made
        time.sleep(max(0.0, (min(later) - datetime.now(UTC)).total_seconds()))


def split(
    alerts: Sequence[Alert], deliveries: Sequence[Delivery], channel: str
) -> tuple[list[Alert], list[datetime]]:
    """What a channel may try to tell now, and when it may try to tell the rest."""
    now = datetime.now(UTC)
    due = {
        alert: next_attempt(alert, deliveries, channel)
        for alert in untold(alerts, deliveries, channel)
    }
    return (
        [alert for alert, at in due.items() if at <= now],
        [at for at in due.values() if at > now],
    )


def attempt(
    channel: Channel,
    settings: Settings,
    alerts: Sequence[Alert],
    published: Publication | None,
) -> list[Delivery]:
    """Make one attempt to tell some alerts, in one message."""
    zone = ZoneInfo(settings.time_zone)
    local = [
        replace(
            it,
            since=it.since.astimezone(zone),
            raised_at=it.raised_at.astimezone(zone),
        )
        for it in alerts
    ]
    said = message(local, label=settings.alert_label, published=published)
    is_delivered, remark = send_in_time(channel, said)
    now = datetime.now(UTC)
    return [
        Delivery(it.alert_id, channel.name, now, is_delivered, remark) for it in alerts
    ]
