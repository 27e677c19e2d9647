"""The server as `wardline serve` builds it, on a port of its own in this process."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import uvicorn

from orchestration import dbt
from orchestration.settings import Settings
from orchestration.warehouse import locate
from serving.contracts import mart_contracts
from serving.guard import Door
from serving.server import build

OPEN = Door(None, is_https=False)


@contextmanager
def served(settings: Settings, door: Door = OPEN) -> Iterator[str]:
    """Serve a home's marts, by default without login; gives the URL."""
    conninfo = locate(settings).server_conninfo
    assert conninfo
    app = build(
        conninfo,
        mart_contracts(dbt.manifest(settings)),
        door,
        rate="1000000/second",
        currency="EUR",
    )
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            port=0,
            log_level="warning",
            timeout_graceful_shutdown=1,  # pages keep their stream of events open
        )
    )
    thread = Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        time.sleep(0.05)
    [(_, port)] = [it.getsockname() for it in server.servers[0].sockets]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()
