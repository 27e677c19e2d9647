"""How Spark's workers reach the warehouse, and how many of them at a time.

What they do there is workers.py's.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from orchestration.settings import Settings
from orchestration.warehouse import SESSION, Role, locate

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

# A machine that vanished is missed in a minute, by either side. No tcp_user_timeout:
# it would also end who is alive and only slow to read.
_KEPT_ALIVE = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}


@dataclass(frozen=True)
class Reach:
    """What Spark's workers may log in with, as one role."""

    conninfo: str = field(repr=False)
    connections: int
    """How many they may have at a time: one for each task that is under way."""


def reach_of(settings: Settings, role: Role) -> Reach:
    """How Spark's workers log in, as a role; a refresh ends what another left.

    Raises:
        UsageError: the warehouse's URL is not one of PostgreSQL.
    """
    url = locate(settings).url(role)
    # What a lost worker held, as the note of its part, is let go by the server alone.
    options = " ".join(
        [
            str(conninfo_to_dict(url)["options"]),
            *(f"-c tcp_{name}={value}" for name, value in _KEPT_ALIVE.items()),
        ]
    )
    ours = {"application_name": SESSION, "options": options} | _KEPT_ALIVE
    return Reach(make_conninfo(url, **ours), settings.spark_connections)


def spread(
    session: "SparkSession", reach: Reach, questions: Sequence[str | bytes]
) -> "DataFrame":
    """What workers are asked, one row each, in as many tasks as may be under way."""
    kind = "binary" if isinstance(questions[0], bytes) else "string"
    frame = session.createDataFrame([(it,) for it in questions], f"question {kind}")
    return frame.repartition(min(len(questions), reach.connections))
