"""Publishing: the candidate marts are merged into the published ones, all at once.

The transaction and what is recorded in it. Whether it may happen is the gates'; how a
mart is merged is merging.py's; putting an earlier publication back is rollback.py's.
"""

from collections.abc import Callable, Collection, Sequence
from typing import Any

from psycopg import Connection, sql

from expectations import Mart
from orchestration import changes
from orchestration.decisions import record_decision
from orchestration.growth import columns_of, grow, make
from orchestration.merging import CANDIDATE, HISTORY, PUBLISHED, Merge, Shape, merge
from orchestration.progress import say
from orchestration.pseudonyms import has_new_pseudonyms
from orchestration.row_security import unsecured
from orchestration.runs import who_started

__all__ = ["CANDIDATE", "PUBLICATION", "PUBLISHED", "Merge", "publish"]

# Shows ops.publications, this one included, so it is merged last of all. It has no
# history: it is history.
PUBLICATION = "publication"


def publish(
    connection: Connection[Any],
    marts: Sequence[Mart],
    *,
    run_id: str,
    gate_warnings: int,
    is_complete: bool,
    keep: int,
    confirm: Callable[[], None],
) -> list[Merge]:
    """Merge every candidate mart into its published table, in one transaction.

    Rows that are equal are not touched. A reader sees either the publication before
    or this one. The tables stay the same tables, so views that users built survive.

    Args:
        connection: as wardline_transformer, with no transaction open.
        marts: what to publish, `publication` among them.
        run_id: the run that publishes.
        gate_warnings: how many warnings the gates gave.
        is_complete: False if a rejected batch is missing from it.
        keep: how many publications a rollback can go back.
        confirm: raises if this run may no longer publish.

    Returns:
        One merge for each mart.

    Raises:
        WardlineError: a candidate does not fit what is published; see growth.grow.
        GateFailedError: the candidate is not from a whole build.
    """
    ordered = sorted(marts, key=lambda mart: (mart.name == PUBLICATION, mart.name))
    grow(connection, ordered)
    merges: list[Merge] = []
    with connection.transaction():
        # From here on nobody can put another table in a candidate's place.
        connection.execute(
            sql.SQL("lock table {} in access share mode").format(
                sql.SQL(", ").join(
                    sql.Identifier(CANDIDATE, mart.name) for mart in ordered
                )
            )
        )
        confirm()
        changes.require_whole_build(connection)
        publication_id = next_publication(connection)
        known = changes.known(connection)
        for mart in ordered:
            say(f"Publishing {mart.name}")
            if mart.name == PUBLICATION:
                connection.execute(
                    "insert into ops.publications (publication_id, as_of,"
                    " rows_changed, gate_warnings, is_complete, run_id)"
                    " overriding system value"
                    " select %s, max(as_of), %s, %s, %s, %s"
                    " from intermediate.source_systems",
                    [
                        publication_id,
                        sum(one.changed for one in merges),
                        gate_warnings,
                        is_complete,
                        run_id,
                    ],
                )
                _record(connection, publication_id, run_id, gate_warnings, is_complete)
            merges.append(_merge(connection, mart, publication_id, known))
        for statement in unsecured(connection, marts).values():
            connection.execute(statement)
        changes.settle(connection)
        forget(connection, 0 if has_new_pseudonyms(connection) else keep)
    return merges


def _record(
    connection: Connection[Any],
    number: int,
    run_id: str,
    gate_warnings: int,
    is_complete: bool,
) -> None:
    record_decision(
        connection,
        action="publish",
        subject=f"publication {number}",
        reason=f"Both gates passed, with {gate_warnings} warnings."
        + ("" if is_complete else " Published without the rejected batches."),
        details={"run_id": run_id, "started_by": who_started(connection, run_id)},
    )


def next_publication(connection: Connection[Any]) -> int:
    """Draw the number of a publication, and note that what it replaces is kept."""
    found = connection.execute(
        "insert into history._publications"
        " select nextval(pg_get_serial_sequence('ops.publications', 'publication_id'))"
        " returning publication_id"
    ).fetchone()
    assert found is not None  # noqa: S101 (a sequence always has a next value)
    return int(found[0])


def histories(connection: Connection[Any]) -> list[str]:
    """The marts of which replaced rows are kept."""
    found = connection.execute(
        "select history.tablename from pg_tables as history"
        " join pg_tables as published using (tablename)"
        " where history.schemaname = %s and published.schemaname = %s order by 1",
        [HISTORY, PUBLISHED],
    )
    return [name for (name,) in found]


def forget(connection: Connection[Any], keep: int) -> None:
    """Let go of what all but the last publications replaced; `keep` is how many."""
    gone = connection.execute(
        "delete from history._publications where publication_id not in (select"
        " publication_id from history._publications order by 1 desc limit %s)"
        " returning publication_id",
        [keep],
    ).fetchall()
    if not gone:
        return
    for mart in histories(connection):
        connection.execute(
            sql.SQL("delete from {} where _publication_id <= {}").format(
                sql.Identifier(HISTORY, mart), sql.Literal(max(gone)[0])
            )
        )


def _merge(
    connection: Connection[Any],
    mart: Mart,
    publication_id: int,
    known: Collection[str],
) -> Merge:
    is_new = make(connection, mart)
    columns = columns_of(connection, CANDIDATE, mart.name)
    is_log = mart.name == PUBLICATION
    if is_new and not is_log:
        # Instead of the key of every row: before this, there was none.
        connection.execute(
            sql.SQL(
                "insert into {} (_publication_id, _change) values (%s, 'created')"
            ).format(sql.Identifier(HISTORY, mart.name)),
            [publication_id],
        )
    return merge(
        connection,
        mart.name,
        sql.Identifier(CANDIDATE, mart.name),
        Shape(
            columns=list(columns),
            grain=mart.grain,
            required=[name for name, it in columns.items() if it.is_required],
        ),
        publication_id=publication_id,
        has_history=not is_new and not is_log,
        changed=None
        if is_new or is_log or mart.name not in known
        else sql.Identifier(changes.SCHEMA, mart.name),
    )
