"""A publication as a night makes it whose gates found nothing."""

from collections.abc import Sequence
from typing import Any

from psycopg import Connection

from orchestration.publication import Mart, publish


def publish_whole(
    connection: Connection[Any], marts: Sequence[Mart], *, keep: int = 14
) -> None:
    """Publish the candidates, without a warning and with nothing missing."""
    publish(
        connection,
        marts,
        run_id="run",
        gate_warnings=0,
        is_complete=True,
        keep=keep,
        confirm=lambda: None,
    )
