"""How Spark's workers reach the warehouse; what they do there is workers.py's."""

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from orchestration.settings import Settings
from orchestration.warehouse import SESSION, Role, locate

# A machine that vanished is missed in a minute, by either side. No tcp_user_timeout:
# it would also end who is alive and only slow to read.
_KEPT_ALIVE = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}


def workers_conninfo(settings: Settings, role: Role) -> str:
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
    return make_conninfo(url, application_name=SESSION, options=options, **_KEPT_ALIVE)
