"""What the extract gate says of a snapshot, beside what raw holds, and keeps of it."""

from datetime import timedelta

import pytest

from expectations import Thresholds, Verdict, extract_history, extract_suite, run_suites
from orchestration import failing
from orchestration.extract_facts import extract_facts
from orchestration.extracts.batches import reject
from orchestration.extracts.kept import kept_batch
from orchestration.extracts.landing_table import LANDING_SCHEMA, Landed
from orchestration.warehouse import Role, Warehouse
from tests.unit.extracts.conftest import DAY_1, Clinic

DAY_2, DAY_3 = (DAY_1 + timedelta(days=n) for n in (1, 2))
HEADER = "visit_id,ward,note\n"


def rows(*ids: int) -> str:
    return HEADER + "".join(f"{n},W{n},x\n" for n in ids)


def failures(
    clinic: Clinic, warehouse: Warehouse, content: str | Landed
) -> dict[str, Verdict]:
    """What the gate finds fault with in an extract of the third day."""
    landed = clinic.land(content) if isinstance(content, str) else content
    (facts,) = extract_facts(clinic.connection, [landed], DAY_3, Thresholds())
    verdicts = run_suites(
        warehouse.url(Role.LOADER),
        [(LANDING_SCHEMA, landed.table, extract_suite(facts))],
    )
    return {it.expectation: it for it in verdicts if not it.success}


def kept(warehouse: Warehouse) -> list[tuple[str, str]]:
    with warehouse.connect(Role.TRANSFORMER) as connection:
        return connection.execute(
            "select expectation, key_values ->> 'visit_id'"
            " from quarantine.failing_keys where subject = 'clinic.visits'"
            " order by 1, 2"
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
        assert kept(warehouse) == [
            (name, visit) for name in sorted(found) for visit in ("12", "13", "14")
        ]


def test_no_more_of_them_are_kept_than_can_be_looked_at(
    voided: Clinic, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extract_history, "MOST_KEPT", 2)
    found = failures(voided, warehouse, rows(19))
    failing.keep(voided.connection, "run-1", [found["rows_not_collapsed"]], DAY_3)
    assert len(kept(warehouse)) == 2


def test_known_rows_that_are_only_in_records_set_aside_are_a_warning(
    voided: Clinic, warehouse: Warehouse
) -> None:
    text = rows(*range(14, 20)) + "10,W10\n12,W12\n14,W14\n99,W99\n"
    landed = voided.land(text)
    verdict = failures(voided, warehouse, landed)["known_rows_read"]
    assert (verdict.stops, verdict.observed) == (False, 1)
    failing.keep(voided.connection, "run-3", [verdict], DAY_3)
    assert kept(warehouse) == [("known_rows_read", "12")]
    batch = reject(voided.connection, voided.contract, "No.", "run-3", DAY_3, landed)
    voided.land(rows(1))
    again = kept_batch(voided.connection, voided.contract, batch.batch_id)
    assert again
    assert failures(voided, warehouse, again)["known_rows_read"].observed == 1


def test_what_is_set_aside_and_was_never_there_is_none(
    voided: Clinic, warehouse: Warehouse
) -> None:
    found = failures(voided, warehouse, rows(*range(12, 20)) + "99,W99\n")
    assert list(found) == ["malformed_within_limit"]
