"""The figures for Prometheus do not depend on where the server stands."""

import time
from datetime import UTC, datetime

import pytest

from serving.api.metrics import Metrics
from serving.database import Publication

AS_OF = datetime(2026, 2, 28, 23, 55)


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata", "America/New_York"])
def test_as_of_is_taken_as_utc_wherever_the_server_is(monkeypatch, zone):
    published = Publication(1, datetime(2026, 3, 1, 2, tzinfo=UTC), AS_OF, 0, 0, True)
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        lines = Metrics().text(published, is_up=True).decode().splitlines()
    finally:
        monkeypatch.undo()
        time.tzset()
    figures = dict(it.rsplit(" ", 1) for it in lines if not it.startswith("#"))
    assert float(figures["wardline_as_of_timestamp_seconds"]) == (
        AS_OF.replace(tzinfo=UTC).timestamp()
    )
