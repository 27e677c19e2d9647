"""Writing a backup: one snapshot of the warehouse, read again before it counts.

Readers and refreshes go on meanwhile. Putting it back is restoring.py's.
"""

import re
import secrets
import shutil
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from orchestration.backups import contents, manifest, programs
from orchestration.backups.manifest import DUMP, KEY, Manifest
from orchestration.errors import UsageError, WardlineError
from orchestration.pseudonyms import proof
from orchestration.settings import Settings
from orchestration.warehouse import Warehouse

_NAME = re.compile(r"wardline-\d{8}T\d{6}(\.\d{6})?Z")
_ATTEMPTS = 3
_COPY = re.compile(rb"COPY (\w+|\"(?:[^\"]|\"\")+\")\.(\w+|\"(?:[^\"]|\"\")+\") ")


def back_up(
    warehouse: Warehouse, settings: Settings, folder: Path, *, has_key: bool = False
) -> tuple[Path, Manifest]:
    """Write a backup into a folder of its own; it appears whole or not at all.

    Args:
        warehouse: which is open.
        settings: of the home.
        folder: of the backups.
        has_key: True puts the file of the pseudonyms' key beside it.

    Raises:
        UsageError: nothing can be written there.
        WardlineError: PostgreSQL's programs fail, or what they wrote is not whole.
    """
    now = datetime.now(UTC)
    # To the microsecond: a small warehouse takes less than a second to back up.
    finished = folder / f"wardline-{now:%Y%m%dT%H%M%S.%fZ}"
    unfinished = folder / f".{finished.name}.unfinished"
    try:
        unfinished.mkdir(mode=0o700, parents=True)
    except OSError as refused:
        raise UsageError(
            f"{folder}: no backup can be written there ({refused.strerror})."
        ) from None
    try:
        made = _write(warehouse, settings, unfinished, now)
        if has_key:
            _copy_key(settings, unfinished / KEY)
        manifest.write(unfinished, made)
        unfinished.rename(finished)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return finished, made


def prune(folder: Path, keep: int) -> list[Path]:
    """Remove all but the youngest backups of a folder; returns what was removed."""
    found = sorted(it for it in folder.iterdir() if _NAME.fullmatch(it.name))
    for backup in found[:-keep]:
        shutil.rmtree(backup)
    return found[:-keep]


def rows_of(lines: Iterable[bytes]) -> dict[str, int]:
    """The rows of each table in a dump, read as SQL."""
    counted: dict[str, int] = {}
    table = None
    for line in lines:
        if table is None:
            if found := _COPY.match(line):
                table = ".".join(_unquoted(part) for part in found.groups())
                counted[table] = 0
        elif line == b"\\.\n":
            table = None
        else:
            counted[table] += 1
    return counted


def _write(
    warehouse: Warehouse, settings: Settings, folder: Path, now: datetime
) -> Manifest:
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            return _write_once(warehouse, settings, folder, now)
        except WardlineError:
            # A refresh may have dropped a table between the look and the lock.
            if attempt == _ATTEMPTS:
                raise
    raise AssertionError


def _write_once(
    warehouse: Warehouse, settings: Settings, folder: Path, now: datetime
) -> Manifest:
    dump = folder / DUMP
    dump.touch(mode=0o600)
    with warehouse.connect() as connection:
        connection.execute("set transaction isolation level repeatable read, read only")
        (snapshot,) = connection.execute("select pg_export_snapshot()").fetchone() or ()
        version = connection.info.server_version // 10_000
        with programs.connection(warehouse.conninfo) as conninfo:
            programs.run(
                programs.find("pg_dump", version),
                f"--dbname={conninfo}",
                f"--snapshot={snapshot}",
                f"--file={dump}",
                "--format=custom",
                "--compress=1",
                f"--exclude-table-data={contents.WITHOUT_ROWS}",
                *(f"--exclude-table={it}" for it in contents.LEFT_OUT),
                *(f"--schema={it}" for it in contents.SCHEMAS),
            )
        owners = contents.owners(connection)
        rows = contents.rows(connection, list(owners))
        as_of = connection.execute(
            "select as_of::text from ops.publications order by publication_id desc"
            " limit 1"
        ).fetchone()
        migrations = connection.execute("select number from ops.migrations order by 1")
        salt = secrets.token_bytes(16)
        made = Manifest(
            made_at=now.isoformat(timespec="seconds"),
            wardline_version=metadata.version("wardline"),
            server_version=version,
            migrations=[number for (number,) in migrations],
            as_of=as_of[0] if as_of else None,
            rows=rows,
            owners={
                table: owner
                for table, owner in owners.items()
                if owner.startswith("wardline_")
            },
            roles=contents.reader_roles(connection),
            key_salt=salt.hex(),
            key_proof=proof(settings, salt),
            dump_sha256=manifest.digest(dump) or "",
        )
    restoring = programs.find("pg_restore", version)
    with programs.output(restoring, "--file=-", str(dump)) as lines:
        wrong = manifest.differences(
            {table: count for table, count in rows.items() if count},
            {table: count for table, count in rows_of(lines).items() if count},
        )
    if wrong:
        raise WardlineError(f"The backup is not whole ({'; '.join(wrong)}).")
    return made


def _copy_key(settings: Settings, target: Path) -> None:
    if settings.pseudonym_key is not None:
        raise UsageError(
            "The key is in WARDLINE_PSEUDONYM_KEY and not in a file, so --with-key "
            "has nothing to copy; keep it where you keep that setting."
        )
    target.touch(mode=0o600)
    target.write_bytes(settings.pseudonym_key_path.read_bytes())


def _unquoted(name: bytes) -> str:
    text = name.decode()
    return text[1:-1].replace('""', '"') if text.startswith('"') else text
