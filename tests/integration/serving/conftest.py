"""The server over a published hospital, as `wardline serve` would build it."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from orchestration import dbt
from orchestration.warehouse import locate
from serving.contracts import MartContract, mart_contracts
from serving.guard import Door
from serving.server import build
from tests.conftest import Home
from tests.integration.serving.shown import Shown


@pytest.fixture(scope="session")
def contracts(hospital: Home) -> dict[str, MartContract]:
    return mart_contracts(dbt.manifest(hospital.settings))


@pytest.fixture(scope="session")
def reader_conninfo(hospital: Home) -> str:
    with_login = locate(hospital.settings).reader_conninfo
    assert with_login
    return with_login


@pytest.fixture(scope="session")
def api(
    reader_conninfo: str, contracts: dict[str, MartContract]
) -> Iterator[TestClient]:
    """The API without keys, as on one's own machine."""
    app = build(
        reader_conninfo, contracts, Door(None, is_https=False), rate="1000000/second"
    )
    with TestClient(app, base_url="http://127.0.0.1") as client:
        yield client


@pytest.fixture(scope="session")
def shown(hospital: Home) -> Shown:
    """The dashboard's pages of the published hospital."""
    return Shown(hospital.settings)
