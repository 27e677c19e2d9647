"""Extracts that have arrived: complete in the drop folder, and not taken in yet.

Only looking, as a refresh would look before it reads; nothing is read or judged here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from psycopg import Connection

from orchestration.extracts.arrivals import Received
from orchestration.extracts.contract import ExtractContract
from orchestration.extracts.files import ExtractSet
from orchestration.extracts.kept import rejected_before
from orchestration.extracts.ledger import known_batches
from orchestration.origins import sets_of


@dataclass(frozen=True)
class Arrival:
    """An extract set that a refresh would take in."""

    source_system: str
    night: date | None
    """The day it speaks for; None for flat extracts, which tell when they are read."""
    fingerprint: str
    """Differs as soon as any of its files is another one, or grows."""


def arrivals(
    connection: Connection[Any],
    contracts: Mapping[str, Sequence[ExtractContract]],
    received: Mapping[str, Received],
    *,
    complete: bool = True,
) -> list[Arrival]:
    """The extract sets with a file that no refresh has looked at.

    Args:
        connection: of the loader; it only reads.
        contracts: by source system.
        received: where the extracts of each system lie.
        complete: False: those too that lack a file, or whose files cannot be told.
    """
    return [
        Arrival(
            system,
            extracts.as_of.date() if extracts.as_of else None,
            _fingerprint(extracts.files.values()),
        )
        for system, tables in contracts.items()
        for extracts in sets_of(received[system], tables)
        if (is_complete(extracts) or not complete)
        and _has_news(connection, tables, extracts)
    ]


def is_complete(extracts: ExtractSet) -> bool:
    """Whether every table has its one file, but for those that may be absent."""
    return bool(extracts.files) and not extracts.refused


def _has_news(
    connection: Connection[Any],
    contracts: Sequence[ExtractContract],
    extracts: ExtractSet,
) -> bool:
    rejected = rejected_before(connection, contracts, extracts)
    moments = {table: it.as_of for table, it in rejected.items()}
    looked_at = rejected | known_batches(connection, contracts, extracts, moments)
    return not extracts.files.keys() <= looked_at.keys()


def _fingerprint(files: Iterable[Path]) -> str:
    facts = [
        (str(it), it.stat().st_size, it.stat().st_mtime_ns) for it in sorted(files)
    ]
    return sha256(repr(facts).encode()).hexdigest()[:16]
