"""A session of a Spark Connect server, and the end of one that a killed refresh left.

Such a server goes on with what it was asked for, minutes after who asked is gone.
"""

import re
import socket
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, cast

from orchestration.errors import WardlineError
from orchestration.settings import Settings

if TYPE_CHECKING:
    from pyspark.sql import SparkSession
    from pyspark.sql.connect.session import SparkSession as RemoteSession

_ADDRESS = re.compile(r"sc://([\w.-]+|\[[\da-f:]+\])(?::(\d{1,5}))?(?:/.*)?", re.I)
_PORT = 15002
_REACH_SECONDS = 10


def is_remote(settings: Settings) -> bool:
    """Whether the session is a Spark Connect server's, and none of a process here."""
    return settings.spark_master.lower().startswith("sc://")


def open_remote(
    settings: Settings, builder: "SparkSession.Builder", kept: Path
) -> "SparkSession":
    """A session of the server, which does nothing any more for an earlier refresh.

    Args:
        settings: with the server's address.
        builder: with what the session is made with.
        kept: the file that says which session is used.

    Raises:
        WardlineError: the server does not answer.
    """
    _reach(settings.spark_master)
    if kept.exists():
        _end(settings.spark_master, kept.read_text())
    session = builder.remote(settings.spark_master).getOrCreate()
    kept.write_text(cast("RemoteSession", session).session_id)
    return session


def close_remote(session: "SparkSession", kept: Path) -> None:
    """Let go of a session, and of what is in it: the pseudonyms' key among it."""
    session.stop()
    kept.unlink(missing_ok=True)


def _reach(url: str) -> None:
    """See that a server answers: the library itself would go on trying for minutes."""
    address = _ADDRESS.fullmatch(url)
    if address is None:  # what it is instead may hold a token
        raise WardlineError(
            "WARDLINE_SPARK_MASTER begins with sc:// and goes on as no address does: "
            "expected sc://host:port, and after it a slash and what the server asks "
            "for, as sc://host:443/;token=..."
        )
    host, port = address.group(1), int(address.group(2) or _PORT)
    try:
        socket.create_connection((host.strip("[]"), port), _REACH_SECONDS).close()
    except (OSError, OverflowError) as refused:
        raise WardlineError(
            f"No Spark Connect server answers at sc://{host}:{port} ({refused}): see "
            "WARDLINE_SPARK_MASTER, and that the server runs."
        ) from None


def _end(url: str, session_id: str) -> None:
    """Stop what a server does in a session, if it still knows it."""
    from pyspark.errors import PySparkException
    from pyspark.sql.connect.session import SparkSession

    url = url if "/;" in url else f"{url.rstrip('/')}/"
    left = SparkSession.builder.remote(f"{url};session_id={session_id}").create()
    try:
        with suppress(PySparkException):  # it may have ended by itself
            left.interruptAll()
    finally:
        left.stop()
