"""The process of `wardline serve`: its socket, its log, and the loop that answers.

Who may come in is door.py's, what is answered serving/'s.
"""

import logging
import signal
import socket
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from orchestration.errors import UsageError
from orchestration.settings import Settings
from orchestration.withheld import sentence

_SECONDS_TO_END = 2  # open pages hold a stream that never ends by itself
_LOG: Mapping[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"()": "orchestration.web.WithoutValues"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"wardline": {"level": "INFO"}},
}


class WithoutValues(logging.Formatter):
    """A line for each record; of an error what broke and where, never its message.

    PostgreSQL's messages and Python's quote what they stumbled over.
    """

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatException(self, ei: Any) -> str:  # noqa: N802 (logging's name)
        """What may be told of an error."""
        return sentence(ei[1])

    def formatStack(self, stack_info: str) -> str:  # noqa: N802
        """As it is: file names and lines."""
        return stack_info


def listen(host: str, port: int) -> socket.socket:
    """Take the port, before anything else is begun.

    Raises:
        UsageError: it is in use, or the address is not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as refused:
        raise UsageError(
            f"Port {port} of {host} cannot be listened on "
            f"({(refused.strerror or str(refused)).lower()}); choose another with "
            "--port or --host."
        ) from None


def run(app: Any, listening: socket.socket, settings: Settings) -> None:
    """Answer until Ctrl-C.

    The log has a line for each request, with the route and never the query, the
    address or the user; uvicorn's own would have them, and is off. Forwarding headers
    are the guard's to believe, so uvicorn does not read them.

    Raises:
        UsageError: the certificate cannot be used.
    """
    import uvicorn

    config = uvicorn.Config(
        app,
        access_log=False,
        log_config=dict(_LOG),
        log_level="warning",
        proxy_headers=False,
        server_header=False,
        ssl_certfile=settings.serve_certificate,
        ssl_keyfile=settings.serve_certificate_key,
        timeout_graceful_shutdown=_SECONDS_TO_END,
    )
    try:
        config.load()
    except OSError as unusable:  # ssl.SSLError is one
        raise UsageError(
            "WARDLINE_SERVE_CERTIFICATE and its key cannot be used "
            f"({unusable.strerror or type(unusable).__name__})."
        ) from None
    # Once it has ended, uvicorn passes on the signal that ended it: no fault.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listening])
