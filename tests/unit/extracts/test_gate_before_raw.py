"""What the extract gate shows of a snapshot beside what raw holds, and what it keeps."""

from datetime import timedelta

import pytest

from expectations import Thresholds, Verdict, extract_history, extract_suite, run_suites
from orchestration import failing
from orchestration.extract_facts import extract_facts
from orchestration.extracts.landing_table import LANDING_SCHEMA
from orchestration.warehouse import Role, Warehouse
from tests.unit.extracts.conftest import DAY_1, Clinic

DAY_2, DAY_3 = (DAY_1 + timedelta(days=n) for n in (1, 2))
HEADER = "visit_id,ward,note\n"


def rows(*ids: int) -> str:
    return HEADER + "".join(f"{n},W{n},x\n" for n in ids)


def failures(clinic: Clinic, warehouse: Warehouse, content: str) -> dict[str, Verdict]:
    """What the gate finds fault with in an extract of the third day."""
    landed = clinic.land(content)
    (facts,) = extract_facts(clinic.connection, [landed], DAY_3, Thresholds())
    verdicts = run_suites(
        warehouse.url(Role.LOADER),
        [(LANDING_SCHEMA, landed.table, extract_suite(facts))],
    )
    return {it.expectation: it for it in verdicts if not it.success}


def kept(clinic: Clinic, warehouse: Warehouse) -> list[tuple[str, str]]:
    with warehouse.connect(Role.TRANSFORMER) as connection:
        return connection.execute(
            "select expectation, key_values ->> 'visit_id'"
            " from quarantine.failing_keys where subject = 'clinic.visits' order by 1, 2"
        ).fetchall()


@pytest.fixture
def voided(clinic: Clinic) -> Clinic:
    """Ten visits, of which two were deleted the day after, and one has two versions."""
    clinic.load(rows(*range(10, 20)))
    clinic.load(rows(*range(12, 20)).replace("W12", "W9"), DAY_2)
    return clinic


def test_of_a_collapsed_snapshot_the_rows_that_vanished_since_are_kept(
    voided: Clinic, warehouse: Warehouse
) -> None:
    for run in ("run-1", "run-2"):  # a batch that waits is judged on every refresh
        found = failures(voided, warehouse, rows(*range(15, 20)))
        assert sorted(found) == ["rows_not_collapsed", "rows_not_shrunk"]
        failing.keep(voided.connection, run, list(found.values()), DAY_3)
        assert kept(voided, warehouse) == [
            (name, visit) for name in sorted(found) for visit in ("12", "13", "14")
        ]


def test_no_more_of_them_are_kept_than_can_be_looked_at(
    voided: Clinic, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extract_history, "MOST_KEPT", 2)
    found = failures(voided, warehouse, rows(19))
    failing.keep(voided.connection, "run-1", [found["rows_not_collapsed"]], DAY_3)
    assert len(kept(voided, warehouse)) == 2
