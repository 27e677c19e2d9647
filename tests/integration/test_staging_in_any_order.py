"""In whatever order extracts come, staging tells what the model tells.

The models' own SQL, as dbt compiles it, is asked over raw tables that random extracts
filled: current rows with and without a key, and every version where history is kept.
"""

import json
import subprocess
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings

from orchestration import dbt
from orchestration.extracts.batches import append
from orchestration.extracts.contract import ExtractContract
from orchestration.extracts.landing import land
from orchestration.extracts.ledger import BatchResult
from orchestration.extracts.manifest import load_contracts
from orchestration.warehouse import Role, open_warehouse
from tests.conftest import Home, forget_batches
from tests.unit.extracts.arrivals import (
    MOMENTS,
    Arrival,
    arrivals,
    receive,
    told,
    told_history,
)

LAST = len(MOMENTS) - 1
DAYS = {"A": "01-03-2024", "B": "02-03-2024"}


@dataclass
class Table:
    """A source table, the SQL of its staging model, and which columns vary."""

    owner: psycopg.Connection
    loader: psycopg.Connection
    contract: ExtractContract
    sql: str
    folder: Path
    values: dict[str, str] = field(default_factory=lambda: {"A": "A", "B": "B"})
    """What the arrivals' values are written as."""

    def forget(self) -> None:
        self.owner.execute(f"drop schema if exists {self.contract.raw_schema} cascade")
        forget_batches(self.owner)

    def load(self, it: Arrival) -> BatchResult:
        """An extract whose first two columns are the arrival's rows."""
        contract = replace(self.contract, mode=it.mode)
        names = contract.column_names
        rest = "," * (len(names) - 2)
        lines = [f"{one},{self.values[value]}{rest}" for one, value in it.rows]
        path = self.folder / f"{contract.table}.csv"
        path.write_text("\n".join([",".join(names), *lines, ""]))
        landed = land(self.loader, contract, path)
        return append(self.loader, contract, landed, MOMENTS[it.moment], "run-1")

    def staged(self, columns: str) -> list[tuple[Any, ...]]:
        return self.owner.execute(
            f"select {columns} from ({self.sql}) as staged"
        ).fetchall()


@pytest.fixture(scope="module")
def table(home: Home) -> Callable[[str, str], Table]:
    """The tables of the project, compiled by dbt once."""
    assert home.run("init-db").returncode == 0
    target = dbt.target_path(home.settings)
    subprocess.run(
        [dbt.EXECUTABLE, "--quiet", "compile", "--select", "staging"],
        cwd=home.settings.dbt_project,
        env=dbt.environment(home.settings),
        check=True,
    )
    contracts = load_contracts(json.loads((target / "manifest.json").read_text()))
    warehouse = open_warehouse(home.settings)
    with warehouse.connect() as owner, warehouse.connect(Role.LOADER) as loader:
        owner.autocommit = loader.autocommit = True

        def found(system: str, name: str) -> Table:
            [contract] = [it for it in contracts[system] if it.table == name]
            [compiled] = target.rglob(f"compiled/**/stg_{system}__{name}.sql")
            return Table(owner, loader, contract, compiled.read_text(), home.path)

        yield found


def holds_for_any_order(
    it: Table, has_key: bool, staging_tells: Callable[[list[Arrival]], None]
) -> None:
    @settings(
        max_examples=40,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(arrivals(has_key))
    def holds(came: list[Arrival]) -> None:
        it.forget()
        receive(came, it.load)
        staging_tells(came)

    holds()


def test_current_rows_of_a_table_with_a_key(table):
    places = table("his", "wards")

    def tells(came: list[Arrival]) -> None:
        staged = Counter(places.staged("ward_id, branch_id"))
        assert staged == told(came, LAST, has_key=True)

    holds_for_any_order(places, True, tells)


def test_current_rows_of_a_table_without_a_key(table):
    roster = replace(table("hospital_operations", "doctor_schedule"), values=DAYS)

    def tells(came: list[Arrival]) -> None:
        staged = Counter(roster.staged("doctor_id, to_char(shift_on, 'DD-MM-YYYY')"))
        there = told(came, LAST, has_key=False)
        assert staged == {(one, DAYS[value]): n for (one, value), n in there.items()}

    holds_for_any_order(roster, False, tells)


def test_every_version_of_a_table_with_history(table):
    doctors = table("his", "doctors")

    def tells(came: list[Arrival]) -> None:
        staged = doctors.staged("doctor_id, doctor_name, _valid_from, _valid_to")
        assert len(staged) == len(set(staged))
        assert set(staged) == told_history(came)

    holds_for_any_order(doctors, True, tells)
