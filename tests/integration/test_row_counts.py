"""The rows that Dagster shows of a table are those that it holds."""

import pytest

from orchestration import row_counts as module
from orchestration.row_counts import row_counts
from orchestration.warehouse import Role, open_warehouse
from tests.compared import counts, shown_counts
from tests.conftest import Home


def test_every_table_that_dbt_built_is_shown_with_its_rows(hospital: Home):
    rows = counts(hospital)
    del rows["quarantine.accounting"]  # a test's table, and no asset
    assert len(rows) > 100
    assert shown_counts(hospital) == rows


def test_a_large_table_is_counted_by_its_statistics(
    hospital: Home, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "_COUNTED_PAGES", 0)
    with open_warehouse(hospital.settings).connect(Role.TRANSFORMER) as connection:
        found = row_counts(connection, ["intermediate", "staging"])
        ((expected,),) = connection.execute(
            "select reltuples::bigint from pg_class where relname = 'admissions'"
            " and relnamespace = 'intermediate'::regnamespace"
        ).fetchall()
    assert found["intermediate.admissions"] == expected > 0
    assert found["staging.stg_hospital_management__patients"] == 0  # never read
