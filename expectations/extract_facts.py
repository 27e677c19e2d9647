"""The plain facts that the extract gate is built from. No checks or queries in here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from expectations.thresholds import Thresholds


@dataclass(frozen=True)
class ExtractFacts:
    """What the loader knows of a batch when it lies in its landing table.

    `key` is empty for a table without key. `null_markers` are the source's texts for
    "no value", besides the empty one. `is_ended` is false if the file's last line has
    no line end. `history` has the rows of the batches accepted
    for the weeks before this one's moment, the youngest first; nothing is measured
    against what is older than the last batch that a steward accepted by hand.
    `present_sql` selects the keys that are there before the batch, `held_sql` those of
    them that only a record set aside tells of; None where there are none.
    `came_on` is the day it came, by the hospital's clock.
    `accepted_until` and `active_until` are the latest moment before `as_of` that an
    accepted batch of the system speaks for, and the latest day that the data name.
    `malformed_shown_by` is the command that shows the records set aside. `keeps_rows`
    says that the rows that fail will be kept. `contract` has the thresholds that the
    extract contract gives.
    """

    source_system: str
    table: str
    landing_schema: str
    landing_table: str
    key: tuple[str, ...]
    required_columns: tuple[str, ...]
    rows_landed: int
    rows_malformed: int
    mode: Literal["snapshot", "delta"] = "snapshot"
    history: tuple[int, ...] = ()
    present_sql: str | None = None
    held_sql: str | None = None
    as_of: datetime | None = None
    came_on: date | None = None
    accepted_until: datetime | None = None
    active_until: date | None = None
    extra_columns: tuple[str, ...] = ()
    null_markers: tuple[str, ...] = ()
    is_ended: bool = True
    malformed_shown_by: str | None = None
    keeps_rows: bool = True
    contract: Mapping[str, float] = field(default_factory=dict)
    thresholds: Thresholds = field(default_factory=Thresholds)

    @property
    def subject(self) -> str:
        """What a verdict calls this batch: `source_system.table`."""
        return f"{self.source_system}.{self.table}"

    @property
    def malformed_pct(self) -> float:
        """Malformed records in percent of all records of the file."""
        received = self.rows_landed + self.rows_malformed
        return 100 * self.rows_malformed / received if received else 0.0

    def limit(self, name: str) -> float:
        """The threshold that holds for this table."""
        return self.thresholds.of(self.subject, name, self.contract.get(name))
