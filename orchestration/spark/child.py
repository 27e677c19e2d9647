"""dbt and Spark as the child of a refresh: raw in, models built, marts out.

Started by defs/transformation.py in dbt's place, with dbt's arguments. All in one
process, since it is Spark's session that knows the tables.
"""

import json
import sys
from typing import TYPE_CHECKING

from psycopg.conninfo import make_conninfo

from orchestration import dbt
from orchestration.dbt_child import end_with_parent, run_dbt
from orchestration.errors import WardlineError
from orchestration.progress import heard_by, say
from orchestration.settings import Settings, get_settings
from orchestration.spark import errors
from orchestration.spark.carrying import carried, carry
from orchestration.spark.raw import copy_raw
from orchestration.spark.session import open_session
from orchestration.warehouse import SESSION, Role, locate
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
            _bring_raw(settings, session)
            try:
                run_dbt()
            except SystemExit as ended:
                if ended.code:
                    raise
            _take_back(settings, session)
    except WardlineError as fault:
        _tell(str(fault), level="error")
        sys.exit(1)


def _bring_raw(settings: Settings, session: "SparkSession") -> None:
    warehouse = locate(settings)
    with warehouse.connect(Role.TRANSFORMER) as connection:
        # No transaction waits while the workers copy.
        connection.autocommit = True
        rows = copy_raw(
            connection,
            session,
            _workers_conninfo(settings),
            anew="--full-refresh" in sys.argv,
        )
    say(f"Copied {rows:,} rows of raw to Spark")


def _take_back(settings: Settings, session: "SparkSession") -> None:
    tables = carried(dbt.manifest(settings), dbt.source_systems(settings))
    with locate(settings).connect(Role.TRANSFORMER) as connection:
        connection.autocommit = True
        rows = carry(connection, session, _workers_conninfo(settings), tables)
    say(f"Brought {sum(rows.values()):,} rows in {len(rows)} tables from Spark")


def _workers_conninfo(settings: Settings) -> str:
    """How Spark's workers reach the warehouse; a refresh ends what another left."""
    url = locate(settings).url(Role.TRANSFORMER)
    return make_conninfo(url, application_name=SESSION)


def _tell(what: str, level: str = "info") -> None:
    """Say something to the refresh, in the form of dbt's events."""
    event = {"info": {"name": "Note", "level": level, "msg": what}, "data": {}}
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
