"""Publishing: the candidate marts are merged into the published ones, all at once.

The merge's SQL and the transaction around it. Whether it may happen is the gates'.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

from psycopg import Connection, sql

from expectations import Mart
from orchestration.errors import WardlineError
from orchestration.progress import say

CANDIDATE, PUBLISHED = "candidate", "marts"
# Shows ops.publications, this one included, so it is merged last of all.
PUBLICATION = "publication"


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
class _Column:
    data_type: str
    is_required: bool


def publish(
    connection: Connection[Any],
    marts: Sequence[Mart],
    *,
    run_id: str,
    gate_warnings: int,
    is_complete: bool,
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

    Returns:
        One merge for each mart.

    Raises:
        WardlineError: a candidate lacks a published column or changed its type.
    """
    ordered = sorted(marts, key=lambda mart: (mart.name == PUBLICATION, mart.name))
    merges: list[Merge] = []
    with connection.transaction():
        for mart in ordered:
            say(f"Publishing {mart.name}")
            if mart.name == PUBLICATION:
                connection.execute(
                    "insert into ops.publications"
                    " (as_of, rows_changed, gate_warnings, is_complete, run_id)"
                    " select max(as_of), %s, %s, %s, %s"
                    " from intermediate.source_systems",
                    [
                        sum(m.changed for m in merges),
                        gate_warnings,
                        is_complete,
                        run_id,
                    ],
                )
            merges.append(_merge(connection, mart))
    return merges


# One join finds what differs; only that is written. A vanished row has no candidate.
_MERGE = """
with difference as materialized (
    select published.ctid as published_ctid, candidate.*
    from {published} as published
    full join (select true as is_candidate, * from {candidate}) as candidate
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
)

select
    (select count(*) from updated),
    (select count(*) from inserted),
    (select count(*) from deleted),
    (select count(*) from {candidate})
"""


def _merge(connection: Connection[Any], mart: Mart) -> Merge:
    columns = _agree_columns(connection, mart)
    found = connection.execute(_statement(_MERGE, mart, columns)).fetchone()
    return Merge(mart.name, *(found or ()))


def _statement(
    template: LiteralString, mart: Mart, columns: dict[str, _Column]
) -> sql.Composed:
    """Fill in the parts of a statement that depend on the mart."""

    def listed(
        pattern: LiteralString, names: Iterable[str], separator: str = ", "
    ) -> sql.Composed:
        return sql.SQL(separator).join(
            sql.SQL(pattern).format(c=sql.Identifier(name)) for name in names
        )

    # A grain's column may be null (a ward that nobody recorded). Equality of texts can
    # be hashed, `is not distinct from` cannot.
    keys = [
        listed(
            "published.{c} = candidate.{c}"
            if columns[name].is_required
            else "coalesce(published.{c}::text, '')"
            " = coalesce(candidate.{c}::text, '')",
            [name],
        )
        for name in mart.grain
    ]
    return sql.SQL(template).format(
        candidate=sql.Identifier(CANDIDATE, mart.name),
        published=sql.Identifier(PUBLISHED, mart.name),
        columns=listed("{c}", columns),
        assignments=listed("{c} = difference.{c}", columns),
        published_row=listed("published.{c}", columns),
        candidate_row=listed("candidate.{c}", columns),
        same_key=sql.SQL(" and ").join(keys),
    )


def _agree_columns(connection: Connection[Any], mart: Mart) -> dict[str, _Column]:
    """Make the published table, or let it grow by the candidate's new columns.

    Names and types of published columns are a promise to BI: they are never changed.
    """
    candidate, published = (
        _columns_of(connection, schema, mart.name) for schema in (CANDIDATE, PUBLISHED)
    )
    if not candidate:
        raise WardlineError(
            f"There is no candidate.{mart.name} to publish; run the models first."
        )
    table = sql.Identifier(PUBLISHED, mart.name)
    if not published:
        connection.execute(
            sql.SQL("create table {} as table {} with no data").format(
                table, sql.Identifier(CANDIDATE, mart.name)
            )
        )
        connection.execute(
            sql.SQL("create unique index on {} ({}) nulls not distinct").format(
                table, sql.SQL(", ").join(map(sql.Identifier, mart.grain))
            )
        )
        return candidate
    for name, column in published.items():
        found = candidate[name].data_type if name in candidate else "no such column"
        if found != column.data_type:
            raise WardlineError(
                f"marts.{mart.name}.{name} is published as {column.data_type}, but the "
                f"candidate has {found}; published columns only grow in number. Give "
                "the changed column a new name."
            )
    for name in candidate.keys() - published.keys():
        connection.execute(
            sql.SQL("alter table {} add column {} {}").format(
                table, sql.Identifier(name), sql.SQL(candidate[name].data_type)
            )
        )
    return candidate


def _columns_of(
    connection: Connection[Any], schema: str, table: str
) -> dict[str, _Column]:
    found = connection.execute(
        "select attname, format_type(atttypid, atttypmod), attnotnull from pg_attribute"
        " where attrelid = to_regclass(format('%%I.%%I', %s::text, %s::text))"
        " and attnum > 0 and not attisdropped order by attnum",
        [schema, table],
    )
    return {name: _Column(data_type, required) for name, data_type, required in found}
