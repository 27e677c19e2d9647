"""Putting a backup back: into an empty warehouse, or by force in place of another.

Writing backups is writing.py's. Objects get their owners by name, so that a backup of
one server's owner fits another's.
"""

from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import psycopg
from psycopg import Connection, sql

from orchestration import embedded, memberships, recovery
from orchestration.backups import contents, manifest, programs
from orchestration.backups.manifest import DUMP, KEY, Manifest, ReaderRole
from orchestration.decisions import record_decision
from orchestration.errors import UsageError, WardlineError
from orchestration.passwords import write_key
from orchestration.pseudonyms import key_place, proof, rotate_key
from orchestration.settings import Settings
from orchestration.upgrading import due, migrations
from orchestration.warehouse import Warehouse, locate, open_warehouse

_PATIENCE = "60s"


def restore(
    settings: Settings,
    folder: Path,
    *,
    reason: str,
    is_forced: bool = False,
    has_new_key: bool = False,
) -> Manifest:
    """Put a backup back.

    Args:
        settings: of the home.
        folder: the backup.
        reason: why, for the record.
        is_forced: True removes what the warehouse holds.
        has_new_key: True takes the home's key, whichever it is, and makes one if there
            is none: every pseudonym will be another.

    Raises:
        UsageError: it is no backup, the warehouse is not empty, or the key another.
        WardlineError: it is damaged or of a newer release, or the server too old.
    """
    held = manifest.read(folder)
    due(migrations(), held.migrations)
    manifest.require_whole(folder, held)
    if not has_new_key:
        _require_key(settings, folder, held)
    warehouse = locate(settings)
    if warehouse.is_embedded:
        embedded.start(settings.home)
    recovery.wait(warehouse.conninfo)
    with warehouse.connect() as connection:
        manifest.require_server(held, connection.info.server_version // 10_000)
        if not is_forced and not contents.is_empty(connection):
            raise UsageError(
                "The warehouse is not empty, and restoring replaces all that it holds. "
                "Back it up if it may be needed, then restore with --force."
            )
        _clear(connection, held)
    open_warehouse(settings, is_rotating=True)  # which makes the roles
    with warehouse.connect() as connection:
        _clear(connection, held)
        for role in held.roles:
            _make(connection, role)
    _put_back(warehouse, folder / DUMP, held)
    with warehouse.connect() as connection:
        _give_to_owners(connection, held)
        for role in held.roles:
            _join(connection, role)
        _require_all(connection, held)
        connection.commit()
        connection.autocommit = True
        connection.execute("analyze")
    open_warehouse(settings, is_rotating=has_new_key)  # rights, migrations, the key
    with warehouse.connect() as connection:
        if has_new_key:
            rotate_key(connection, settings)
            record_decision(
                connection, action="rotate_key", subject="pseudonyms", reason=reason
            )
        record_decision(
            connection,
            action="restore",
            subject=f"the backup of {held.made_at}",
            reason=reason,
            details={"as_of": held.as_of, "is_forced": is_forced},
        )
    return held


def _require_key(settings: Settings, folder: Path, held: Manifest) -> None:
    path, kept = settings.pseudonym_key_path, folder / KEY
    if settings.pseudonym_key is None and not path.exists() and kept.exists():
        write_key(path, kept.read_bytes())
    if settings.pseudonym_key is None and not path.exists():
        wrong = f"{path} is missing"
    elif proof(settings, bytes.fromhex(held.key_salt)) == held.key_proof:
        return
    else:
        wrong = f"the one in {key_place(settings)} is another"
    raise UsageError(
        f"The key of the backup's pseudonyms is needed, and {wrong}. Put it there, or "
        "restore with --new-key: then every pseudonym will be another."
    )


def _clear(connection: Connection[Any], held: Manifest) -> None:
    """Remove Wardline's schemas and what hangs on them, unless somebody is there."""
    connection.execute(
        sql.SQL("set local lock_timeout = {}").format(sql.Literal(_PATIENCE))
    )
    connection.execute("set local client_min_messages = warning")
    there = connection.execute("select to_regclass('ops.refresh_lock')").fetchone()
    try:
        if there != (None,):
            connection.execute(
                "lock table ops.refresh_lock in share row exclusive mode nowait"
            )
        for schema in contents.schemas(connection, held.schemas):
            connection.execute(
                sql.SQL("drop schema {} cascade").format(sql.Identifier(schema))
            )
    except psycopg.errors.LockNotAvailable:
        raise WardlineError(
            "The warehouse is in use by a refresh or a reader; stop the schedule, "
            "`wardline serve` and the BI tools, then restore."
        ) from None
    connection.commit()


def _put_back(warehouse: Warehouse, dump: Path, held: Manifest) -> None:
    program = programs.find("pg_restore", held.server_version)
    with (
        programs.connection(warehouse.conninfo) as conninfo,
        programs.output(program, "--list", str(dump)) as entries,
        NamedTemporaryFile() as chosen,
    ):
        # A language is the server's, not a schema's: hardening.sql gives its rights.
        chosen.writelines(line for line in entries if b" - LANGUAGE " not in line)
        chosen.flush()
        programs.run(
            program,
            f"--use-list={chosen.name}",
            f"--dbname={conninfo}",
            "--no-owner",
            "--exit-on-error",
            "--single-transaction",
            str(dump),
        )


def _require_all(connection: Connection[Any], held: Manifest) -> None:
    found = contents.rows(connection, list(contents.owners(connection)))
    if wrong := manifest.differences(held.rows, found):
        raise WardlineError(
            f"What was restored is not what was backed up ({'; '.join(wrong)}); "
            "restore again with --force, or take another backup."
        )


def _make(connection: Connection[Any], role: ReaderRole) -> None:
    """Make a role that is missing; one that is there keeps its password."""
    if memberships.has_login(connection, role.name):
        return
    name = sql.Identifier(role.name)
    connection.execute(
        sql.SQL("create role {} connection limit {} {}").format(
            name,
            sql.Literal(role.connection_limit),
            sql.SQL("login" if role.can_login else "nologin"),
        )
    )
    for clause, value in (
        ("valid until", role.valid_until),
        ("password", role.verifier),
    ):
        if value is not None:
            connection.execute(
                sql.SQL("alter role {} " + clause + " {}").format(
                    name, sql.Literal(value)
                )
            )


def _join(connection: Connection[Any], role: ReaderRole) -> None:
    memberships.leave(connection, role.name)
    for group in role.groups:
        memberships.join(connection, role.name, group)
    if role.is_for_server:
        connection.execute(
            sql.SQL("grant {} to {} with inherit false, set true").format(
                sql.Identifier(role.name), sql.Identifier(memberships.SERVER)
            )
        )


def _give_to_owners(connection: Connection[Any], held: Manifest) -> None:
    for schema in held.schemas:
        owner = {
            "landing": "wardline_loader",
            "marts": "wardline_transformer",
            "history": "wardline_transformer",
        }.get(schema, "wardline_loader" if schema.startswith("raw_") else None)
        if owner:
            connection.execute(
                sql.SQL("alter schema {} owner to {}").format(
                    sql.Identifier(schema), sql.Identifier(owner)
                )
            )
    for table, owner in held.owners.items():
        connection.execute(
            sql.SQL("alter table {} owner to {}").format(
                contents.identifier(table), sql.Identifier(owner)
            )
        )
