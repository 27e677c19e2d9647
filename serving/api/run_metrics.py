"""What a Prometheus server may ask of the last refresh: how it ended, and its counts.

Gauges alone; they are set anew by each question.
"""

from collections.abc import Mapping
from typing import Any

from prometheus_client import CollectorRegistry, Gauge

OUTCOMES = ("published", "held_back", "failed", "interrupted", "died")
_FIGURES = {
    "ended_at_seconds": ("timestamp_seconds", "When the last refresh ended."),
    "duration_seconds": ("duration_seconds", "How long it took."),
    "gate_failures": ("gate_failures", "Critical expectations that did not hold."),
    "gate_warnings": ("gate_warnings", "Warnings of its gates."),
}
_ACCOUNTS = (
    "received", "appended", "unchanged", "malformed", "rejected", "current",
    "quarantined",
)  # fmt: skip


class RunMetrics:
    """The gauges of the last refresh."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._figures = {
            column: Gauge(f"wardline_last_run_{name}", words, registry=registry)
            for column, (name, words) in _FIGURES.items()
        }
        self._outcome = Gauge(
            "wardline_last_run_outcome",
            "1 for the way in which the last refresh ended.",
            ["outcome"],
            registry=registry,
        )
        self._rows = Gauge(
            "wardline_last_run_rows",
            "Its rows: received = appended + unchanged + malformed; those of rejected"
            " batches; the current ones and those in quarantine, if it counted them.",
            ["account"],
            registry=registry,
        )
        self._alerts = Gauge(
            "wardline_open_alerts", "Alerts that are open.", ["kind"], registry=registry
        )

    def set(self, run: Mapping[str, Any], alerts: Mapping[str, int]) -> None:
        """Tell of a run and of the alerts that are open now.

        Args:
            run: a row of the query `last_run`; empty if there was none.
            alerts: their number by kind.
        """
        for labelled in (self._outcome, self._rows, self._alerts):
            labelled.clear()
        for column, gauge in self._figures.items():
            gauge.set(run.get(column) or 0)
        if run:
            for outcome in OUTCOMES:
                self._outcome.labels(outcome).set(run["outcome"] == outcome)
            for account in _ACCOUNTS:
                if (rows := run[f"rows_{account}"]) is not None:
                    self._rows.labels(account).set(rows)
        for kind, count in alerts.items():
            self._alerts.labels(kind).set(count)
