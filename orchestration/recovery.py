"""Waiting for a PostgreSQL that comes back from a crash.

It refuses connections until it has replayed its log; what is done with it afterwards
belongs to others.
"""

import time

from psycopg import pq

# A large warehouse's log takes minutes to replay; after this, somebody has to look.
PATIENCE_SECONDS = 600


def wait(conninfo: str) -> bool:
    """Wait while the server is there but accepts no connections yet.

    Args:
        conninfo: libpq connection string.

    Returns:
        Whether it accepts connections now.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (
        answer := pq.PGconn.ping(conninfo.encode())
    ) == pq.Ping.REJECT and time.monotonic() < deadline:
        time.sleep(0.2)
    return answer == pq.Ping.OK
