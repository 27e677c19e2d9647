"""The accounting identities: where every row is that was ever received.

Belongs here: putting them on record, and reading them for people. Rows received are
counted where batches are loaded, current rows where the models are built.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row

from expectations.words import counted
from orchestration.bookkeeping import Batch


@dataclass(frozen=True)
class Account:
    """What became of one source table's current rows, in one run."""

    source_system: str
    table_name: str
    raw_keys: int
    staged_rows: int
    quarantined_rows: int

    @property
    def holds(self) -> bool:
        """Whether current raw keys = staged + quarantined rows."""
        return self.raw_keys == self.staged_rows + self.quarantined_rows


def record(connection: Connection[Any], run_id: str) -> None:
    """Keep the counts of this run's build, which made the tables of quarantine."""
    if not _is_counted(connection):
        return  # the gate alone, before anything was built
    connection.execute(
        "insert into ops.accounting (run_id, source_system, table_name, raw_keys,"
        " staged_rows, quarantined_rows) select %s, source_system, table_name,"
        " raw_keys, staged_rows, quarantined_rows from quarantine.accounting"
        " on conflict do nothing",
        [run_id],
    )
    connection.execute(
        "insert into ops.quarantine_counts (run_id, source_system, table_name,"
        " column_name, reason, faults) select %s, source_system, table_name,"
        " column_name, reason, count(*) from quarantine.quarantined_rows"
        " group by 2, 3, 4, 5 on conflict do nothing",
        [run_id],
    )


def settle(connection: Connection[Any]) -> None:
    """Keep what raw held for a publication: the next night counts on from there."""
    if _is_counted(connection):
        connection.execute(
            "delete from changes._accounts;"
            " insert into changes._accounts"
            " select source_system, table_name, raw_keys from quarantine.accounting"
        )


def of_run(connection: Connection[Any], run_id: str) -> list[Account]:
    """The accounts that a run put on record; none if it did not build the models."""
    with connection.cursor(row_factory=class_row(Account)) as cursor:
        return cursor.execute(
            "select source_system, table_name, raw_keys, staged_rows, quarantined_rows"
            " from ops.accounting where run_id = %s order by 1, 2",
            [run_id],
        ).fetchall()


def received_sentence(batches: Sequence[Batch]) -> str | None:
    """What became of the rows that a run received; None if it received none."""
    accepted = [it for it in batches if it.status == "accepted"]
    rejected = [it for it in batches if it.status != "accepted"]
    if not batches:
        return None
    received, appended, unchanged, malformed = (
        sum(getattr(it, f"rows_{count}") for it in accepted)
        for count in ("received", "appended", "unchanged", "malformed")
    )
    is_balanced = received == appended + unchanged + malformed
    sentence = (
        f"{counted(received, 'row')} received {_sign(is_balanced)} {appended:,} "
        f"appended + {unchanged:,} unchanged + {malformed:,} malformed"
    )
    if rejected:
        held = sum(it.rows_received for it in rejected)
        sentence += f"; {counted(held, 'row')} in rejected batches"
    return sentence


def current_sentence(accounts: Sequence[Account]) -> str | None:
    """Where the current rows of raw are; None if a run did not count them."""
    if not accounts:
        return None
    keys, staged, quarantined = (
        sum(getattr(it, count) for it in accounts)
        for count in ("raw_keys", "staged_rows", "quarantined_rows")
    )
    is_balanced = all(it.holds for it in accounts)
    return (
        f"{counted(keys, 'current row')} in raw {_sign(is_balanced)} {staged:,} staged "
        f"+ {quarantined:,} in quarantine"
    )


def _sign(is_balanced: bool) -> str:
    return "=" if is_balanced else "IS NOT"


def _is_counted(connection: Connection[Any]) -> bool:
    found = connection.execute("select to_regclass('quarantine.accounting')").fetchone()
    return found is not None and found[0] is not None
