"""The web server of `wardline serve`: the API and the dashboard in one process.

Only putting together; settings come in, an ASGI app comes out.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from fastapi import FastAPI

from serving import login
from serving.api import app as api
from serving.api.access import Gatekeeper
from serving.contracts import MartContract
from serving.dashboard import app as dashboard
from serving.database import Marts
from serving.guard import Door, Guard


def build(
    conninfo: str,
    contracts: Mapping[str, MartContract],
    door: Door,
    *,
    rate: str = "600/minute",
    currency: str = "in the hospital's currency",
    data_docs: Path | None = None,
) -> FastAPI:
    """The whole server.

    Args:
        conninfo: of wardline_server.
        contracts: the published marts.
        door: how it is entered.
        rate: requests of each caller of the API, such as `600/minute`.
        currency: the unit of all amounts, such as `EUR`.
        data_docs: the folder of the gates' own pages; None: there are none.
    """
    marts = Marts(conninfo)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        marts.open()
        yield
        marts.close()

    app = FastAPI(lifespan=lifespan, docs_url=None, redoc_url=None)
    gatekeeper = Gatekeeper(marts, is_open=door.sessions is None, rate=rate)
    api.install(app, marts, contracts, gatekeeper)
    if door.sessions is not None:
        app.include_router(login.router(marts, door.sessions, is_https=door.is_https))
    pages = dashboard.install(app, marts, contracts, currency=currency, docs=data_docs)
    hashes = [f"'{it}'" if not it.startswith("'") else it for it in pages.csp_hashes()]
    app.add_middleware(Guard, door=replace(door, script_hashes=hashes), marts=marts)
    api.watch(app)
    return app
