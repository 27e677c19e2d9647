"""The stage that every fault is played on."""

from collections.abc import Iterator

import pytest

from tests.conftest import Home, remove_home
from tests.faults.stage import Stage


@pytest.fixture(scope="session")
def theatre(hospital: Home) -> Iterator[Stage]:
    made = Stage(hospital)
    yield made
    remove_home(made.home.path)


@pytest.fixture(scope="session")
def undisturbed(theatre: Stage) -> dict[str, str]:
    """What the second night yields when nothing goes wrong."""
    theatre.renew()
    code, printed = theatre.refresh().ends()
    assert code == 0, printed
    return theatre.result()


@pytest.fixture
def stage(theatre: Stage, undisturbed: dict[str, str]) -> Stage:  # noqa: ARG001
    """One night is published, the next one's extracts wait."""
    theatre.renew()
    return theatre
