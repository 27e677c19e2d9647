"""The web server of `wardline serve`: the API and the dashboard in one process.

Only putting together; settings come in, an ASGI app comes out.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from fastapi import FastAPI

from serving.api import app as api
from serving.api.access import Gatekeeper
from serving.contracts import MartContract
from serving.dashboard import app as dashboard
from serving.database import Marts


def build(
    conninfo: str,
    contracts: Mapping[str, MartContract],
    *,
    is_open: bool,
    rate: str = "600/minute",
) -> FastAPI:
    """The whole server.

    Args:
        conninfo: of a login that may read the marts.
        contracts: the published marts.
        is_open: let everybody in as the reader; only for one's own machine.
        rate: of each caller, such as `600/minute`.
    """
    database = Marts(conninfo)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        database.open()
        yield
        database.close()

    app = FastAPI(lifespan=lifespan, docs_url=None, redoc_url=None)
    app.state.database = database
    api.install(
        app, database, contracts, Gatekeeper(database, is_open=is_open, rate=rate)
    )
    dashboard.install(app, database, contracts)
    return app
