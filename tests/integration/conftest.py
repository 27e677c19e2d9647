"""The hospital on a server with passwords, which several folders of tests read."""

from collections.abc import Iterator
from datetime import date

import pytest

from orchestration.warehouse import HARDENING
from simulator import simulate
from tests.conftest import remove_home
from tests.integration.guarded import GuardedHome
from tests.servers import DATABASE, OWNER


@pytest.fixture(scope="session")
def guarded() -> Iterator[GuardedHome]:
    """Published once, watched all the while."""
    home = GuardedHome()
    try:
        simulate(
            home.extracts,
            end=date(2026, 2, 28),
            days=31,
            beds=36,
            branches=2,
            seed=3,
        )
        home.plant()
        made = home.watched("init-db")
        assert made.returncode == 0, made.stderr
        assert str(HARDENING) in made.stdout
        with home.server.superuser(DATABASE) as connection:
            connection.execute(HARDENING.read_bytes())
            # The server logs every statement, for the tests that look for passwords.
            connection.execute(
                f'alter role "{OWNER}" in database {DATABASE}'
                " set log_statement = 'all'"
            )
        refreshed = home.watched("refresh")
        assert refreshed.returncode == 0, refreshed.stdout + refreshed.stderr
        yield home
    finally:
        home.server.stop()
        remove_home(home.path)
