"""Publishing: the candidate marts are merged into the published ones, all at once.

The merge's SQL and the transaction around it. Whether it may happen is the gates'.
"""

from collections.abc import Sequence
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


_DELETE = (
    "delete from {published} as published where not exists ("
    " select 1 from {candidate} as candidate where {same_key})"
)
_UPDATE = (
    "update {published} as published set {assignments}"
    " from {candidate} as candidate"
    " where {same_key} and ({published_row}) is distinct from ({candidate_row})"
)
_INSERT = (
    "insert into {published} ({columns}) select {columns}"
    " from {candidate} as candidate where not exists ("
    " select 1 from {published} as published where {same_key})"
)


def _merge(connection: Connection[Any], mart: Mart) -> Merge:
    names = _Names(mart, _agree_columns(connection, mart))
    deleted, updated, inserted = (
        connection.execute(names.fill(statement)).rowcount
        for statement in (_DELETE, _UPDATE, _INSERT)
    )
    found = connection.execute(
        names.fill("select count(*) from {published}")
    ).fetchone()
    return Merge(mart.name, updated, inserted, deleted, rows=found[0] if found else 0)


class _Names:
    """The parts of the merge's statements that depend on the mart."""

    def __init__(self, mart: Mart, columns: dict[str, str]) -> None:
        quoted = {name: sql.Identifier(name) for name in columns}

        def listed(
            pattern: str, of: Sequence[str], separator: str = ", "
        ) -> sql.Composed:
            return sql.SQL(separator).join(
                sql.SQL(pattern).format(c=quoted[name]) for name in of
            )

        self._parts: dict[str, sql.Composable] = {
            "candidate": sql.Identifier(CANDIDATE, mart.name),
            "published": sql.Identifier(PUBLISHED, mart.name),
            "columns": listed("{c}", list(columns)),
            "assignments": listed("{c} = candidate.{c}", list(columns)),
            "published_row": listed("published.{c}", list(columns)),
            "candidate_row": listed("candidate.{c}", list(columns)),
            # A grain's column may be null (a ward that nobody recorded). Equality of
            # texts can be hashed, `is not distinct from` cannot.
            "same_key": listed(
                "coalesce(published.{c}::text, '') = coalesce(candidate.{c}::text, '')",
                mart.grain,
                " and ",
            ),
        }

    def fill(self, statement: LiteralString) -> sql.Composed:
        return sql.SQL(statement).format(**self._parts)


def _agree_columns(connection: Connection[Any], mart: Mart) -> dict[str, str]:
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
    for name, data_type in published.items():
        if candidate.get(name) != data_type:
            raise WardlineError(
                f"marts.{mart.name}.{name} is published as {data_type}, but the "
                f"candidate has {candidate.get(name, 'no such column')}; published "
                "columns only grow in number. Give the changed column a new name."
            )
    for name in candidate.keys() - published.keys():
        connection.execute(
            sql.SQL("alter table {} add column {} {}").format(
                table, sql.Identifier(name), sql.SQL(candidate[name])
            )
        )
    return candidate


def _columns_of(connection: Connection[Any], schema: str, table: str) -> dict[str, str]:
    return dict(
        connection.execute(
            "select attname, format_type(atttypid, atttypmod) from pg_attribute"
            " where attrelid = to_regclass(format('%%I.%%I', %s::text, %s::text))"
            " and attnum > 0 and not attisdropped order by attnum",
            [schema, table],
        ).fetchall()
    )
