"""The plain facts that the mart gate is built from. No checks, no queries in here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Mart:
    """One mart of the candidate: its name, its grain and its columns."""

    name: str
    grain: tuple[str, ...]
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class MartFacts:
    """What is known of the candidate before it is asked anything.

    `as_of` gives, per source system, the moment its extracts speak for; days, nights
    and months are published up to and including its day. `published_rows` gives the
    rows of each mart as last published, without those never published. `quarantined`
    gives, per source system, (rows in quarantine, current rows in raw). `staged_bills`
    gives, per source system that has bills, the staging relation that holds them.
    """

    marts: tuple[Mart, ...]
    as_of: Mapping[str, datetime]
    published_rows: Mapping[str, int] = field(default_factory=dict)
    quarantined: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    staged_bills: Mapping[str, str] = field(default_factory=dict)
    schema: str = "candidate"
    quarantine: str = "quarantine.quarantined_rows"
