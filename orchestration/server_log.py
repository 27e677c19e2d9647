"""Whether PostgreSQL's log can quote a patient: a statement, an error, its values.

What keeps it from that on a server of one's own is hardening.sql's to set.
"""

from typing import Any

from psycopg import Connection

# What hardening.sql sets, and what else quotes nobody.
_QUIET = {
    "log_min_messages": ("log", "fatal", "panic"),
    "log_min_error_statement": ("panic",),
    "log_error_verbosity": ("terse",),
    "log_statement": ("none", "ddl"),
    "log_min_duration_statement": ("-1",),
    "log_min_duration_sample": ("-1",),
    "log_transaction_sample_rate": ("0",),
}


def quoting_settings(connection: Connection[Any]) -> list[str]:
    """The settings by which the log quotes what this session does: `name = value`."""
    found = connection.execute(
        "select name, setting from pg_settings where name = any(%s) order by name",
        [list(_QUIET)],
    ).fetchall()
    return [
        f"{name} = {value}" for name, value in found if value not in _QUIET[str(name)]
    ]
