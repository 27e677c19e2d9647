"""The merge of one mart: what differs is written, and what it replaced is kept.

Belongs here: the statement and the history it writes. What is merged, and in which
transaction, is publication.py's and rollback.py's; a mart's columns are growth.py's.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

from psycopg import Connection, sql

CANDIDATE, PUBLISHED, HISTORY = "candidate", "marts", "history"


@dataclass(frozen=True)
class Merge:
    """What publishing changed in one mart, in rows."""

    mart: str
    updated: int
    inserted: int
    deleted: int
    rows: int

    @property
    def changed(self) -> int:
        """Rows written or removed."""
        return self.updated + self.inserted + self.deleted


@dataclass(frozen=True)
class Shape:
    """A mart's columns, those that name a row, and of these those never null."""

    columns: Sequence[str]
    grain: Sequence[str]
    required: Sequence[str] = ()


# One join finds what differs; only that is written. A vanished row has no candidate.
# What was there goes to the history: of an inserted row its key alone.
_MERGE = """
with difference as materialized (
    select published.ctid as published_ctid, {old_values}, candidate.*
    from {published_rows} as published
    full join (select true as is_candidate, * from {candidate_rows}) as candidate
        on {same_key}
    where ({published_row}) is distinct from ({candidate_row})
        or published.ctid is null
        or candidate.is_candidate is null
),

deleted as (
    delete from {published} as published using difference
    where published.ctid = difference.published_ctid
        and difference.is_candidate is null
    returning 1
),

updated as (
    update {published} as published set {assignments} from difference
    where published.ctid = difference.published_ctid and difference.is_candidate
    returning 1
),

inserted as (
    insert into {published} ({columns})
    select {columns} from difference where published_ctid is null
    returning 1
),

kept as (
    insert into {history} (_publication_id, _change, {columns})
    select
        {publication_id},
        case
            when published_ctid is null then 'inserted'
            when is_candidate is null then 'deleted'
            else 'updated'
        end,
        {replaced}
    from difference where {is_kept}
)

select
    (select count(*) from updated),
    (select count(*) from inserted),
    (select count(*) from deleted),
    (select count(*) from {candidate})
"""

# Rows of a table whose key stands among those that changed.
_CHANGED = """(
    select {place}{rows}.* from {table} as {rows}
    where exists (select from {changed} as changed where {same_key})
)"""

# The rows of a mart as they were after an earlier publication: those that no later one
# touched, and of each other one what the first later publication replaced.
_PAST = """(
    with later as materialized (
        select * from {history} where _publication_id > {publication_id}
    ),

    replaced as materialized (
        select distinct on ({key}) * from later
        where _change <> 'created' order by {key}, _publication_id
    )

    select {columns} from {published} as published
    where not exists (select from replaced as candidate where {same_key})
        and not exists (select from later where _change = 'created')
    union all
    select {columns} from replaced where _change <> 'inserted'
)"""


def merge(
    connection: Connection[Any],
    mart: str,
    rows: sql.Composable,
    shape: Shape,
    *,
    publication_id: int,
    has_history: bool = True,
    changed: sql.Composable | None = None,
) -> Merge:
    """Make a published mart hold exactly the given rows; equal ones stay untouched.

    Args:
        connection: of the transformer, in the transaction of the publication.
        mart: its name.
        rows: what it is to hold, as SQL that can stand after `from`.
        shape: of both sides; its columns are compared and written.
        publication_id: the publication that does it.
        has_history: False to keep nothing of what is replaced.
        changed: a table of all rows that the mart lost or gained since it was published
            last, if they are known: no other rows are then read.
    """
    columns, grain = shape.columns, shape.grain
    published = sql.Identifier(PUBLISHED, mart)
    old = {name: f"_old_{number}" for number, name in enumerate(columns)}
    replaced = [
        sql.SQL("coalesce({}, {})" if name in grain else "{}").format(
            *map(sql.Identifier, (old[name], name) if name in grain else (old[name],))
        )
        for name in columns
    ]
    found = connection.execute(
        sql.SQL(_MERGE).format(
            candidate=rows,
            candidate_rows=_changed_rows("candidate", rows, changed, shape),
            published=published,
            published_rows=_changed_rows("published", published, changed, shape),
            history=sql.Identifier(HISTORY, mart),
            old_values=sql.SQL(", ").join(
                sql.SQL("published.{} as {}").format(*map(sql.Identifier, pair))
                for pair in old.items()
            ),
            columns=listed("{c}", columns),
            assignments=listed("{c} = difference.{c}", columns),
            published_row=listed("published.{c}", columns),
            candidate_row=listed("candidate.{c}", columns),
            same_key=_same_key("published", "candidate", shape),
            publication_id=sql.Literal(publication_id),
            replaced=sql.SQL(", ").join(replaced),
            is_kept=sql.Literal(has_history),
        )
    ).fetchone()
    return Merge(mart, *(found or ()))


def past(mart: str, shape: Shape, *, publication_id: int) -> sql.Composed:
    """The rows that a mart held after a publication, as SQL to stand after `from`.

    A mart that was first published later held none. A column that was added later was
    null in all rows.
    """
    return sql.SQL(_PAST).format(
        history=sql.Identifier(HISTORY, mart),
        published=sql.Identifier(PUBLISHED, mart),
        publication_id=sql.Literal(publication_id),
        key=listed("{c}", shape.grain),
        columns=listed("{c}", shape.columns),
        same_key=_same_key("published", "candidate", shape),
    )


def listed(
    pattern: LiteralString, names: Iterable[str], separator: LiteralString = ", "
) -> sql.Composed:
    """Names filled into a pattern, one after the other: `a, b` for `{c}`."""
    return sql.SQL(separator).join(
        sql.SQL(pattern).format(c=sql.Identifier(name)) for name in names
    )


def _changed_rows(
    name: LiteralString,
    table: sql.Composable,
    changed: sql.Composable | None,
    shape: Shape,
) -> sql.Composable:
    """The rows of one side of a merge: all, or those that changed."""
    if changed is None:
        return table
    return sql.SQL(_CHANGED).format(
        place=sql.SQL("published.ctid, " if name == "published" else ""),
        rows=sql.Identifier(name),
        table=table,
        changed=changed,
        same_key=_same_key(name, "changed", shape),
    )


def _same_key(one: LiteralString, other: LiteralString, shape: Shape) -> sql.Composed:
    # A grain's column may be null (a ward that nobody recorded). Equality of texts can
    # be hashed, `is not distinct from` cannot.
    sides = {"one": sql.Identifier(one), "other": sql.Identifier(other)}
    return sql.SQL(" and ").join(
        sql.SQL(
            "{one}.{c} = {other}.{c}"
            if name in shape.required
            else "coalesce({one}.{c}::text, '') = coalesce({other}.{c}::text, '')"
        ).format(c=sql.Identifier(name), **sides)
        for name in shape.grain
    )
