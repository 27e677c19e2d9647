"""dbt and Spark as the child of a refresh: raw in, models built, marts out.

Started by defs/transformation.py in dbt's place, with dbt's arguments. All in one
process, since it is Spark's session that knows the tables.
"""

import json
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from orchestration import dbt
from orchestration.dbt_child import end_with_parent, run_dbt
from orchestration.errors import WardlineError
from orchestration.progress import heard_by, say
from orchestration.settings import Settings, get_settings
from orchestration.spark import errors
from orchestration.spark.carrying import (
    TABLE_ROWS,
    Built,
    built,
    carried,
    carry,
    count,
)
from orchestration.spark.raw import Copy, copy_raw
from orchestration.spark.reach import reach_of
from orchestration.spark.schemas import Catalogue, owner_of
from orchestration.spark.session import close_session, open_session
from orchestration.warehouse import Role, locate
from orchestration.withheld import values_withheld

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def main() -> None:
    """Build the models on Spark, and put what the warehouse is to have into it."""
    end_with_parent()
    errors.withhold_values()
    try:
        with heard_by(_tell), values_withheld(), errors.told():
            settings = get_settings()
            session = open_session(settings)
            try:
                build_models(settings, session)
            finally:
                close_session(settings, session)
    except WardlineError as fault:
        _tell(str(fault), level="error")
        sys.exit(1)


def build_models(settings: Settings, session: "SparkSession") -> None:
    """Build the models on Spark, and bring back what the warehouse is to have.

    Raises:
        SystemExit: dbt failed; of its tables those of the quarantine were brought.
    """
    tables = built(dbt.manifest(settings))
    with locate(settings).connect(Role.TRANSFORMER) as connection:
        # No transaction waits while the workers copy.
        connection.autocommit = True
        catalogue = Catalogue(session, owner_of(connection))
        copy = Copy(connection, catalogue, reach_of(settings, Role.TRANSFORMER))
        copied = copy_raw(copy, anew="--full-refresh" in sys.argv)
    say(f"Copied {copied:,} rows of raw to Spark")
    for schema in sorted({it.schema for it in tables}):
        catalogue.renew(schema)
    try:
        run_dbt()
    except SystemExit as ended:
        if ended.code:
            # What a test counted, and tonight's faults, are what people look at next.
            _bring(settings, session, [it for it in tables if _explains(it, catalogue)])
            raise
    wanted = carried(tables, dbt.source_systems(settings))
    rows = _bring(settings, session, wanted)
    rows |= count(session, [it for it in tables if it not in wanted])
    _tell("Counted the rows of all tables", data={TABLE_ROWS: rows})


def _explains(table: Built, catalogue: Catalogue) -> bool:
    """Whether a table of the quarantine was built, though others were not."""
    return table.schema == "quarantine" and catalogue.has_table(
        table.schema, table.name
    )


def _bring(
    settings: Settings, session: "SparkSession", wanted: list[Built]
) -> dict[str, int]:
    """Have the warehouse take tables over; returns their rows."""
    with locate(settings).connect(Role.TRANSFORMER) as connection:
        connection.autocommit = True
        rows = carry(connection, session, reach_of(settings, Role.TRANSFORMER), wanted)
    say(f"Brought {sum(rows.values()):,} rows in {len(rows)} tables from Spark")
    return rows


def _tell(
    what: str, level: str = "info", data: Mapping[str, Any] | None = None
) -> None:
    """Say something to the refresh, in the form of dbt's events."""
    event = {"info": {"name": "Note", "level": level, "msg": what}, "data": data or {}}
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
