"""What changed in the models since the last publication, and until when that is known.

Belongs here: what happens to the tables of changes.sql, and what a model means. How a
model is built from its parents' changes stands in dbt_project/macros/incremental.
"""

import json
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

from psycopg import Connection, sql

from expectations import ChangedRows, Mart
from orchestration import accounting
from orchestration.errors import GateFailedError

SCHEMA = "changes"


def begin(connection: Connection[Any], meanings: Mapping[str, str]) -> None:
    """Note what the models mean now, and which batches they are about to take up.

    Args:
        connection: as wardline_transformer.
        meanings: of every model, by its name.
    """
    with connection.transaction():
        connection.execute(
            "delete from changes._meant; delete from changes._whole_builds"
        )
        with connection.cursor().copy("copy changes._meant from stdin") as rows:
            for row in meanings.items():
                rows.write_row(row)
        # A model that is away for some nights does not hear of what they change.
        for table in ("_built", "_kept"):
            connection.execute(
                sql.SQL(
                    "delete from {} where model not in"
                    " (select model from changes._meant)"
                ).format(sql.Identifier(SCHEMA, table))
            )
        take_up(connection)


def take_up(connection: Connection[Any]) -> None:
    """Note that what is about to be built has all batches accepted by now."""
    connection.execute(
        "insert into changes._taken select batch_id from ops.batches"
        " where status = 'accepted' and batch_id not in"
        " (select batch_id from changes._published) on conflict do nothing"
    )


def finish(connection: Connection[Any]) -> None:
    """Note that the build that was begun went through all models to its end."""
    connection.execute("insert into changes._whole_builds select now()")


def require_whole_build(
    connection: Connection[Any], meanings: Mapping[str, str] | None = None
) -> None:
    """Let nothing be published but what a refresh built and tested to its end.

    Args:
        connection: as wardline_transformer.
        meanings: of every model as of now, if it is long since they were built.

    Raises:
        GateFailedError: the last build broke off, or was of some models only or by
            hand; a batch was accepted since, or the models mean something else.
    """
    found = connection.execute(
        "select coalesce((select jsonb_object_agg(model, meaning) from changes._meant),"
        " '{}') from changes._whole_builds where not exists (select from ops.batches b"
        " where status = 'accepted'"
        " and not exists (select from changes._taken t where t.batch_id = b.batch_id)"
        " and not exists"
        " (select from changes._published p where p.batch_id = b.batch_id))"
    ).fetchone()
    if found is None or (meanings is not None and found[0] != meanings):
        raise GateFailedError(
            "The candidate marts are not from a build of all that is accepted, which "
            "went through all models and their tests, so they are not published; start "
            "nightly_refresh, whole, or `wardline refresh`."
        )


def settle(connection: Connection[Any]) -> None:
    """Let go of all changes, which a publication of a whole build has just taken up.

    Belongs into its transaction: a night that is not published keeps its changes.
    """
    changed = connection.execute(
        "delete from changes._changed returning model"
    ).fetchall()
    for (model,) in changed:
        connection.execute(sql.SQL("truncate {}").format(sql.Identifier(SCHEMA, model)))
    connection.execute(
        "insert into changes._kept select model from changes._built"
        " on conflict do nothing"
    )
    connection.execute(
        "with taken as (delete from changes._taken returning batch_id)"
        " insert into changes._published select batch_id from taken"
    )
    accounting.settle(connection)


def known(connection: Connection[Any]) -> set[str]:
    """The models of which every change since the last publication is in their table."""
    rows = connection.execute("select model from changes._kept").fetchall()
    return {model for (model,) in rows}


def by_grain(
    connection: Connection[Any], marts: Iterable[Mart]
) -> dict[str, ChangedRows]:
    """How what changed in a mart is found in it, by those of its grain that have to be.

    Of marts of which all changes are known, and that have such a column.
    """
    required = connection.execute(
        "select relname, array_agg(attname::text) from pg_attribute"
        " join pg_class on pg_class.oid = attrelid"
        " where relnamespace = 'candidate'::regnamespace and attnotnull group by 1"
    )
    never_null = dict(required.fetchall())
    found = {
        it.name: tuple(c for c in it.grain if c in never_null.get(it.name, []))
        for it in marts
    }
    return {
        mart: ChangedRows(f'{SCHEMA}."{mart}"', found[mart])
        for mart in known(connection)
        if found.get(mart)
    }


def forget(connection: Connection[Any]) -> None:
    """Have the next night build everything anew: nothing is known of what changed."""
    connection.execute("delete from changes._kept; delete from changes._built")


def meanings(manifest: Mapping[str, Any], **settings: str) -> dict[str, str]:
    """A hash for each model of all that its rows depend on beside its parents' rows.

    That is its own text and contract, the macros it uses, the same of parents that are
    no table but a query in it, what is said of its parents' columns (the extract
    contracts among them), and `settings`: whatever else has a say.
    """
    said = {
        name: [node.get("columns"), node.get("meta"), node.get("source_meta")]
        for name, node in (manifest["nodes"] | manifest["sources"]).items()
    }
    found = {}
    for name, node in manifest["nodes"].items():
        if node["resource_type"] == "model":
            parts = [said[name], _texts(node, manifest, said), settings]
            text = json.dumps(parts, sort_keys=True, default=str)
            found[node["name"]] = sha256(text.encode()).hexdigest()
    return found


def _texts(
    node: Mapping[str, Any], manifest: Mapping[str, Any], said: Mapping[str, Any]
) -> list[Any]:
    """What a model is made by, and its parents that no table keeps apart from it."""
    parents = sorted(node["depends_on"]["nodes"])
    queries = [
        parent
        for parent in (manifest["nodes"].get(name, {}) for name in parents)
        if parent.get("config", {}).get("materialized") in ("ephemeral", "view")
    ]
    macros = manifest["macros"]
    return [
        node["raw_code"],
        [said[name] for name in parents],
        [macros[it]["macro_sql"] for it in _used(node, macros)],
        [_texts(query, manifest, said) for query in queries],
    ]


def _used(node: Mapping[str, Any], macros: Mapping[str, Any]) -> list[str]:
    """All macros that a model uses, through others too, in order of their names."""
    used: set[str] = set()
    waiting: Iterable[str] = node["depends_on"]["macros"]
    while waiting:
        used |= set(waiting)
        waiting = {
            below
            for name in waiting
            for below in macros[name]["depends_on"]["macros"]
            if below not in used
        }
    return sorted(used)
