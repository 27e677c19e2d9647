"""The plain facts that the mart gate is built from. No checks, no queries in here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from expectations.thresholds import Thresholds


@dataclass(frozen=True)
class Mart:
    """One mart of the candidate: its name, its grain and its columns.

    `has_patient_data` is False only where a mart says so: rows that tell of no patient.
    """

    name: str
    grain: tuple[str, ...]
    columns: tuple[str, ...] = ()
    has_patient_data: bool = True


@dataclass(frozen=True)
class Accounted:
    """What became of one source table's current rows, in keys and rows."""

    raw_keys: int
    staged_rows: int
    quarantined_rows: int

    @property
    def missing(self) -> int:
        """Rows that are neither staged nor in quarantine; negative: too many are."""
        return self.raw_keys - self.staged_rows - self.quarantined_rows


@dataclass(frozen=True)
class ChangedRows:
    """A table with all that changed in a mart, by columns of its grain, never null."""

    table: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class MartFacts:
    """What is known of the candidate before it is asked anything.

    `as_of` gives, per source system, the moment its extracts speak for; days, nights
    and months are published up to and including its day. `published_rows` gives the
    rows of each fact as last published, and `published_columns` the columns of each
    mart, without those never published. `accounts` gives what became of the current
    rows of each source table, by `system.table`. `staged_bills` gives, per source
    system that has bills, the staging relation that holds them. `changed_rows` gives,
    for marts of which it is known, where all rows are that a publication would put in
    place or take away.
    """

    marts: tuple[Mart, ...]
    as_of: Mapping[str, datetime]
    published_rows: Mapping[str, int] = field(default_factory=dict)
    published_columns: Mapping[str, frozenset[str]] = field(default_factory=dict)
    accounts: Mapping[str, Accounted] = field(default_factory=dict)
    staged_bills: Mapping[str, str] = field(default_factory=dict)
    changed_rows: Mapping[str, ChangedRows] = field(default_factory=dict)
    schema: str = "candidate"
    published_schema: str = "marts"
    quarantine: str = "quarantine.quarantined_rows"
    thresholds: Thresholds = field(default_factory=Thresholds)
