"""dbt's profile, written from the settings; its password comes by the environment.

What dbt is run with otherwise stands in dbt.py.
"""

import os
from pathlib import Path
from typing import Any

import yaml
from psycopg.conninfo import conninfo_to_dict

from orchestration.publication import CANDIDATE
from orchestration.settings import Settings
from orchestration.spark.session import session_conf
from orchestration.warehouse import Role, locate

_PROFILE_KEYS = frozenset(
    {"host", "port", "user", "dbname", "sslmode", "sslrootcert", "sslcert", "sslkey"}
)
# dbt shows no variable of this prefix, and allows it in profiles only.
PASSWORD_VARIABLE = "DBT_ENV_SECRET_PASSWORD"  # noqa: S105 (its name only)


def write_profile(settings: Settings) -> Path:
    """Write dbt's profile from the settings, without the password.

    The password comes from the environment of dbt's process, see `environment`.

    dbt_project/profiles.yml is a link to the one of the default home, so that plain
    dbt commands reach the same warehouse.
    """
    connection = conninfo_to_dict(locate(settings).conninfo)
    output = {
        "type": "postgres",
        "schema": CANDIDATE,
        "threads": 4,
        "role": Role.TRANSFORMER.value,
        # Plain dbt keeps dbt's own name, so that no refresh takes it for a leftover.
        "application_name": "{{ env_var('WARDLINE_SESSION', 'dbt') }}",
        "port": 5432,
        "password": f"{{{{ env_var('{PASSWORD_VARIABLE}', '') }}}}",
    } | {
        name: int(value) if name == "port" else value
        for name, value in connection.items()
        if name in _PROFILE_KEYS and value is not None
    }
    outputs = {"warehouse": output, "spark": _spark(settings)}
    profile = {"wardline": {"target": "warehouse", "outputs": outputs}}
    text = yaml.safe_dump(profile, sort_keys=False)
    path = settings.dbt_home / "profiles.yml"
    if not path.exists() or path.read_text() != text:
        settings.dbt_home.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(f".{os.getpid()}")
        unfinished.touch(mode=0o600)
        unfinished.write_text(text)
        unfinished.replace(path)
    return path


def _spark(settings: Settings) -> dict[str, Any]:
    """The same models on Spark, in a session of dbt's own process."""
    return {
        "type": "spark",
        "method": "session",
        "host": "localhost",
        "schema": CANDIDATE,
        "threads": 2,
        "server_side_parameters": session_conf(settings),
    }


def password(settings: Settings) -> str:
    """The password of the warehouse's owner; empty if it needs none."""
    return str(conninfo_to_dict(locate(settings).conninfo).get("password") or "")
