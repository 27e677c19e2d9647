"""What dbt parsed when Wardline was installed, for the homes of tests.

Parsing the project takes dbt seconds, in each new home anew: what it parsed belongs to
one connection. Of the connection it holds the name of the database alone, so what the
default home has holds wherever that is the same.
"""

import pprint
import shutil
from hashlib import sha256
from typing import Any

import yaml
from dbt.adapters.postgres.connections import PostgresCredentials

from orchestration import dbt
from orchestration.dbt_profile import write_profile
from orchestration.settings import Settings
from orchestration.warehouse import SESSION

FILES = ("partial_parse.msgpack", "manifest.json")


def take_over_parsed(settings: Settings) -> None:
    """Give a new home what dbt parsed; if it is not for it, dbt parses anew."""
    installed = Settings(_env_file=None)
    source, place = dbt.target_path(installed), dbt.target_path(settings)
    there, here = _connection(installed), _connection(settings)
    if there["database"] != here["database"] or not all(
        (source / name).exists() for name in FILES
    ):
        return
    place.mkdir(parents=True, exist_ok=True)
    was, now = (_hash(it).encode() for it in (there, here))
    for name in FILES:
        (place / name).write_bytes((source / name).read_bytes().replace(was, now))
        # dbt.manifest_path tells by its age whether the project has changed since.
        shutil.copystat(source / name, place / name)


def _connection(settings: Settings) -> dict[str, Any]:
    """What dbt tells one connection from another by."""
    profile = yaml.safe_load(write_profile(settings).read_text())
    output = profile["wardline"]["outputs"]["warehouse"] | {"application_name": SESSION}
    known = PostgresCredentials.translate_aliases(output)
    del known["type"], known["threads"]
    return dict(PostgresCredentials.from_dict(known).connection_info())


def _hash(connection: dict[str, Any]) -> str:
    """As dbt's ManifestLoader reckons it."""
    return sha256(pprint.pformat(sorted(connection.items())).encode()).hexdigest()
