"""What a Prometheus server may ask of this process.

Counters of requests, and what is published; no names and no values of patients.
"""

from collections.abc import Mapping
from datetime import UTC
from typing import Any

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)

from serving.api.run_metrics import RunMetrics
from serving.database import Publication


class Metrics:
    """The counters of one server."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "wardline_requests_total",
            "Requests answered.",
            ["method", "route", "status"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "wardline_request_seconds",
            "Time until the answer was sent.",
            ["route"],
            registry=self._registry,
        )
        self._publication = Gauge(
            "wardline_publication_id", "The publication.", registry=self._registry
        )
        self._published_at = Gauge(
            "wardline_published_timestamp_seconds",
            "When the marts were published.",
            registry=self._registry,
        )
        self._as_of = Gauge(
            "wardline_as_of_timestamp_seconds",
            "The moment that the published data speak for, taken as UTC.",
            registry=self._registry,
        )
        self._complete = Gauge(
            "wardline_publication_complete",
            "1 if every batch was accepted.",
            registry=self._registry,
        )
        self._up = Gauge(
            "wardline_warehouse_up",
            "1 if the warehouse answers.",
            registry=self._registry,
        )

        self._runs = RunMetrics(self._registry)

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answered request."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def text(
        self,
        publication: Publication | None,
        *,
        is_up: bool,
        last_run: Mapping[str, Any] | None = None,
        open_alerts: Mapping[str, int] | None = None,
    ) -> bytes:
        """All of it in Prometheus' text format.

        Args:
            publication: what is published; None: nothing, or it cannot be asked.
            is_up: whether the warehouse answers.
            last_run: as the query `last_run` tells of it.
            open_alerts: their number by kind.
        """
        self._up.set(is_up)
        self._runs.set(last_run or {}, open_alerts or {})
        if publication is not None:
            self._publication.set(publication.publication_id)
            self._published_at.set(publication.published_at.timestamp())
            self._complete.set(publication.is_complete)
            if publication.as_of is not None:
                as_of = publication.as_of.replace(tzinfo=UTC)
                self._as_of.set(as_of.timestamp())
        return generate_latest(self._registry)
