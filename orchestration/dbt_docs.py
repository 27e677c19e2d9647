"""dbt's own pages: every model with its lineage, columns and SQL, as one static file.

Put together from what a refresh leaves behind: `dbt docs generate` would parse and
compile the whole project once more. They tell of no patient.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from psycopg import Connection

from orchestration import dbt
from orchestration.settings import Settings

PLACE = "models"
"""Their folder, beside those of the gates' pages."""


def keep_current(settings: Settings, connection: Connection[Any]) -> Path:
    """Write dbt's pages anew, unless they are those of the project as it stands.

    Args:
        settings: of the home whose models have just been built.
        connection: of a role that sees all layers.

    Returns:
        The page, a file without anything beside it.

    Raises:
        WardlineError: dbt cannot parse the project.
        OSError: the page cannot be written.
    """
    parsed = dbt.manifest_path(settings).stat().st_mtime_ns
    page = settings.data_docs / PLACE / "index.html"
    if page.exists() and page.stat().st_mtime_ns == parsed:
        return page
    page.parent.mkdir(parents=True, exist_ok=True)
    unfinished = page.with_suffix(f".{os.getpid()}")
    unfinished.write_text(_html(settings, connection, parsed), encoding="utf-8")
    os.utime(unfinished, ns=(parsed, parsed))
    return unfinished.replace(page)


def _html(settings: Settings, connection: Connection[Any], parsed: int) -> str:
    """dbt's page as `dbt docs generate --static` fills it."""
    from dbt.task.docs import DOCS_INDEX_FILE_PATH

    manifest = dbt.manifest(settings)
    compiled = dbt.target_path(settings, settings.engine) / "compiled"
    for node in manifest["nodes"].values():
        file = compiled / node["package_name"] / node["original_file_path"]
        # An older file is of a model that has changed since it was built.
        if file.is_file() and file.stat().st_mtime_ns >= parsed:
            node["compiled_code"] = file.read_text(encoding="utf-8")
    html = Path(DOCS_INDEX_FILE_PATH).read_text(encoding="utf-8")
    for name, content in (
        ("MANIFEST", manifest),
        ("CATALOG", _catalog(connection, manifest)),
    ):
        # In a script of a page, nothing may look like the script's end.
        inlined = json.dumps(content).replace("</", r"<\/")
        html = html.replace(f'"{name}.JSON INLINE DATA"', inlined)
    return html


def _catalog(
    connection: Connection[Any], manifest: Mapping[str, Any]
) -> dict[str, Any]:
    """The tables of models and sources with their columns' types, as dbt calls them."""
    tables: dict[tuple[str, str], dict[str, Any]] = {}
    found = connection.execute(
        "select nspname::text, relname::text, pg_get_userbyid(relowner)::text,"
        " case relkind when 'v' then 'VIEW' else 'BASE TABLE' end,"
        " attname::text, attnum, format_type(atttypid, atttypmod)"
        " from pg_class join pg_namespace on pg_namespace.oid = relnamespace"
        " join pg_attribute on attrelid = pg_class.oid"
        " where relkind in ('r', 'p', 'v') and attnum > 0 and not attisdropped"
        " and nspname = any(%s) order by 1, 2, attnum",
        [list({it["schema"] for it in _relations(manifest).values()})],
    )
    for schema, table, owner, kind, column, place, data_type in found:
        facts = {"schema": schema, "name": table, "owner": owner, "type": kind}
        known = tables.setdefault(
            (schema, table), {"metadata": facts, "columns": {}, "stats": {}}
        )
        known["columns"][column] = {"name": column, "index": place, "type": data_type}
    there = {
        unique_id: tables[it["schema"], it["name"]] | {"unique_id": unique_id}
        for unique_id, it in _relations(manifest).items()
        if (it["schema"], it["name"]) in tables
    }
    return {
        kind: {it: facts for it, facts in there.items() if it in manifest[kind]}
        for kind in ("nodes", "sources")
    }


def _relations(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """What is, or may be, a table: models, seeds, snapshots and sources."""
    return {
        unique_id: node
        for unique_id, node in (manifest["nodes"] | manifest["sources"]).items()
        if node["resource_type"] in ("model", "seed", "snapshot", "source")
    }
