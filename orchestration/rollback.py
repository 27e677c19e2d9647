"""Rollback: an earlier publication is put back, as a publication of its own.

Which one, and the transaction. The rows of the past come from the history that each
merge writes; they are merged as a candidate is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import Any
from uuid import uuid4

from psycopg import Connection, sql
from psycopg.rows import class_row

from orchestration import changes
from orchestration.decisions import record_decision
from orchestration.errors import UsageError
from orchestration.growth import columns_of, grain_of
from orchestration.merging import CANDIDATE, PUBLISHED, Merge, Shape, merge, past
from orchestration.progress import say
from orchestration.publication import (
    PUBLICATION,
    forget,
    histories,
    next_publication,
)


@dataclass(frozen=True)
class Published:
    """A publication, as far as choosing one to put back needs it."""

    publication_id: int
    rows_changed: int
    restored_publication_id: int | None = None

    @property
    def shown(self) -> int:
        """The publication whose rows it shows: its own, or the one it put back."""
        return self.restored_publication_id or self.publication_id


@dataclass(frozen=True)
class Rollback:
    """What a rollback did."""

    publication_id: int
    restored_publication_id: int
    merges: list[Merge]

    @property
    def rows_changed(self) -> int:
        """Rows inserted, updated or deleted over all marts."""
        return sum(one.changed for one in self.merges)


def roll_back(
    connection: Connection[Any],
    *,
    to: int | None,
    reason: str,
    keep: int,
    by: str | None = None,
) -> Rollback:
    """Put an earlier publication's rows back into the marts, in one transaction.

    As in publishing, only rows that differ are written, and what they replace is kept,
    so a rollback can be rolled back.

    Args:
        connection: as wardline_transformer, with no transaction open, under the
            refresh lock.
        to: the publication to put back; None: the one before what is shown.
        reason: why, in the words of whoever decided.
        keep: how many publications a rollback can go back.
        by: who decided; None: the user of this process.

    Raises:
        UsageError: there is no such publication, its rows are not kept any more, or no
            reason is given.
    """
    with connection.transaction():
        publications, kept = _publications(connection), _kept(connection)
        chosen = choose(publications, to)
        _require_history(publications, kept, chosen)
        # From here on, what is written is a new publication.
        publication_id = next_publication(connection)
        decision_id = record_decision(
            connection,
            action="roll_back",
            subject=f"publication {publications[-1].publication_id}",
            reason=reason,
            details={"restored_publication_id": chosen},
            by=by,
        )
        merges = []
        for mart in histories(connection):
            if mart == PUBLICATION:
                continue
            say(f"Putting {mart} back")
            shape = _shape(connection, mart)
            merges.append(
                merge(
                    connection,
                    mart,
                    past(mart, shape, publication_id=chosen),
                    shape,
                    publication_id=publication_id,
                )
            )
        done = Rollback(publication_id, chosen, merges)
        _record(connection, done, decision_id)
        forget(connection, keep)
        changes.forget(connection)
    return done


def choose(publications: Sequence[Published], to: int | None) -> int:
    """The publication to put back: the one named, or the one before what is shown.

    Publications that changed no row are passed over, since nobody could tell them from
    the one before. A rollback stands for the publication it put back.

    Args:
        publications: all there are, the oldest first.
        to: the number of one of them, or None.

    Raises:
        UsageError: there is none to put back.
    """
    by_id = {it.publication_id: index for index, it in enumerate(publications)}
    if not publications:
        raise UsageError("Nothing has been published yet; there is no way back.")
    if to is not None:
        if to not in by_id:
            raise UsageError(
                f"There is no publication {to}; `wardline status` lists the last ones."
            )
        return publications[by_id[to]].shown
    index = by_id[publications[-1].shown]
    while index and not publications[index].rows_changed:
        index = by_id[publications[index - 1].shown]
    if not index:
        raise UsageError(
            f"Publication {publications[0].publication_id} is the first; there is none "
            "before it to put back."
        )
    return publications[index - 1].shown


def _shape(connection: Connection[Any], mart: str) -> Shape:
    """Of a mart as it is published."""
    columns = columns_of(connection, PUBLISHED, mart)
    return Shape(list(columns), grain_of(connection, mart))


def _publications(connection: Connection[Any]) -> list[Published]:
    with connection.cursor(row_factory=class_row(Published)) as cursor:
        return cursor.execute(
            "select publication_id, rows_changed, restored_publication_id"
            " from ops.publications order by publication_id"
        ).fetchall()


def _kept(connection: Connection[Any]) -> set[int]:
    found = connection.execute("select publication_id from history._publications")
    return {publication_id for (publication_id,) in found}


def _require_history(
    publications: Sequence[Published], kept: set[int], chosen: int
) -> None:
    """Refuse where what a later publication replaced is not kept any more."""
    later = {it.publication_id for it in publications if it.publication_id > chosen}
    if not later <= kept:
        oldest = max(
            it.publication_id
            for it in publications
            if it.publication_id < min(kept, default=inf)
        )
        raise UsageError(
            f"Publication {chosen} cannot be put back any more: what later ones "
            f"replaced is kept back to publication {oldest} only, see "
            "WARDLINE_KEEP_PUBLICATIONS. A refresh makes the marts anew from raw."
        )


def _record(connection: Connection[Any], done: Rollback, decision_id: int) -> None:
    """Write the publication, and show it where BI looks for the data's stamp."""
    connection.execute(
        "insert into ops.publications (publication_id, as_of, rows_changed,"
        " gate_warnings, is_complete, run_id, restored_publication_id, decision_id)"
        " overriding system value"
        " select %s, as_of, %s, gate_warnings, is_complete, %s, publication_id, %s"
        " from ops.publications where publication_id = %s",
        [
            done.publication_id,
            done.rows_changed,
            str(uuid4()),
            decision_id,
            done.restored_publication_id,
        ],
    )
    merge(
        connection,
        PUBLICATION,
        sql.Identifier(CANDIDATE, PUBLICATION),
        _shape(connection, PUBLICATION),
        publication_id=done.publication_id,
        has_history=False,
    )
