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
from tests.integration.guarded import GuardedHome
from tests.integration.serving.doors import Doors, Places
from tests.integration.serving.shown import Shown


@pytest.fixture(scope="session")
def contracts(hospital: Home) -> dict[str, MartContract]:
    return mart_contracts(dbt.manifest(hospital.settings))


@pytest.fixture(scope="session")
def reader_conninfo(hospital: Home) -> str:
    with_login = locate(hospital.settings).server_conninfo
    assert with_login
    return with_login


@pytest.fixture(scope="module")
def api(
    hospital: Home, reader_conninfo: str, contracts: dict[str, MartContract]
) -> Iterator[TestClient]:
    """The API without keys, as on one's own machine.

    Of each module its own: other tests copy the hospital, for which nobody may read it.
    """
    app = build(
        reader_conninfo,
        contracts,
        Door(None, is_https=False),
        rate="1000000/second",
        data_docs=hospital.settings.data_docs,
    )
    with TestClient(app, base_url="http://127.0.0.1") as client:
        yield client


@pytest.fixture(scope="session")
def shown(hospital: Home) -> Shown:
    """The dashboard's pages of the published hospital."""
    return Shown(hospital.settings)


@pytest.fixture(scope="session")
def doors(guarded: GuardedHome, contracts: dict[str, MartContract]) -> Doors:
    """The hospital of two branches, on a server with passwords."""
    return Doors(guarded.settings, contracts)


@pytest.fixture(scope="session")
def places(guarded: GuardedHome) -> Places:
    """Departments to be bound to, and those of others."""
    with guarded.warehouse.connect() as owner:
        found = owner.execute(
            "select branch_key, department_key from marts.dim_department"
            " where branch_key is not null order by branch_key, department_key"
        ).fetchall()
    north, south = sorted({branch for branch, _ in found})
    of = {b: [d for branch, d in found if branch == b] for b in (north, south)}
    return Places(north, south, of[north][0], of[north][1], of[south][0])
