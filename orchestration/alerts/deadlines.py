"""Until when each table's extract must have come: dbt's source freshness, as declared.

Only reading it from dbt's manifest; judging stands in conditions.py.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from orchestration.dbt import target_path
from orchestration.settings import Settings

_HOURS = {"minute": 1 / 60, "hour": 1.0, "day": 24.0}


@dataclass(frozen=True)
class Deadline:
    """How long after the moment of its last extract a table's next one must be there.

    A nightly extract of day D speaks for D 23:59:59; allowed 30 hours, that of D + 1
    must be there at 06:00 of D + 2.
    """

    source_system: str
    table: str
    allowed: timedelta


def deadlines(manifest: Mapping[str, Any]) -> list[Deadline]:
    """The deadlines of all source tables that have a `freshness`.

    The stricter of `warn_after` and `error_after` counts, where both are set.

    Args:
        manifest: dbt's manifest.json, parsed.
    """
    found = []
    for node in manifest["sources"].values():
        freshness = node.get("freshness") or {}
        allowed = [
            timedelta(hours=after["count"] * _HOURS[after["period"]])
            for name in ("warn_after", "error_after")
            if (after := freshness.get(name) or {}).get("count") is not None
        ]
        if allowed:
            found.append(Deadline(node["source_name"], node["name"], min(allowed)))
    return found


def last_deadlines(settings: Settings) -> list[Deadline] | None:
    """The deadlines of the project as it was parsed last; None if it never was.

    It is not parsed anew: that it cannot be parsed is something to tell.
    """
    try:
        manifest = (target_path(settings) / "manifest.json").read_bytes()
        return deadlines(json.loads(manifest))
    except (OSError, ValueError):
        return None
