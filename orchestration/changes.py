"""What changed in the models since the last publication, and until when that is known.

Belongs here: what happens to the tables of changes.sql, and what a model means. How a
model is built from its parents' changes stands in dbt_project/macros/incremental.
"""

import json
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

from psycopg import Connection, sql

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
        connection.execute(
            "insert into changes._taken select batch_id from ops.batches"
            " where status = 'accepted' and batch_id not in"
            " (select batch_id from changes._published) on conflict do nothing"
        )


def finish(connection: Connection[Any]) -> None:
    """Note that the build that was begun went through all models to its end."""
    connection.execute("insert into changes._whole_builds select now()")


def settle(connection: Connection[Any]) -> None:
    """Let go of all changes, which a publication has just taken up.

    Belongs into its transaction: a night that is not published keeps its changes, and
    so does one that has built some of the models only.
    """
    whole = connection.execute("select from changes._whole_builds").fetchall()
    if not whole:
        return
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


def known(connection: Connection[Any]) -> set[str]:
    """The models of which every change since the last publication is in their table."""
    rows = connection.execute("select model from changes._kept").fetchall()
    return {model for (model,) in rows}


def forget(connection: Connection[Any]) -> None:
    """Have the next night build everything anew: nothing is known of what changed."""
    connection.execute("delete from changes._kept; delete from changes._built")


def meanings(manifest: Mapping[str, Any], **settings: str) -> dict[str, str]:
    """A hash for each model of all that its rows depend on beside its parents' rows.

    That is its own text and contract, the macros it uses, what is said of its parents'
    columns (the extract contracts among them), and `settings`: whatever else has a say.
    """
    macros = manifest["macros"]
    said = {
        name: [node.get("columns"), node.get("meta"), node.get("source_meta")]
        for name, node in (manifest["nodes"] | manifest["sources"]).items()
    }
    found = {}
    for name, node in manifest["nodes"].items():
        if node["resource_type"] == "model":
            parts = [
                node["raw_code"],
                said[name],
                [said[parent] for parent in sorted(node["depends_on"]["nodes"])],
                [macros[it]["macro_sql"] for it in _used(node, macros)],
                settings,
            ]
            text = json.dumps(parts, sort_keys=True, default=str)
            found[node["name"]] = sha256(text.encode()).hexdigest()
    return found


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
