"""What a hospital lets pass is on record: what is set, since when, by whose run."""

from pathlib import Path

import pytest

from orchestration.decisions import Decision, last_decisions
from orchestration.runs import record_start
from orchestration.thresholds import ThresholdFile, differences
from orchestration.warehouse import Role, Warehouse


@pytest.mark.parametrize(
    ("before", "now", "changed"),
    [
        ({}, {}, ""),
        ({"few_rows": 5.0}, {"few_rows": 5}, ""),
        ({}, {"few_rows": 5.0}, "few_rows: 5, before not set"),
        ({"few_rows": 5.0}, {}, "few_rows: not set, before 5"),
        (
            {"few_rows": 5.0, "his.beds": {"max_malformed_pct": 2.5}},
            {"few_rows": 5.0, "his.beds": {"max_malformed_pct": 10.0}},
            "max_malformed_pct of his.beds: 10, before 2.5",
        ),
        (
            {"his": {"few_rows": 5.0}},
            {"his.beds": {"few_rows": 5.0}},
            "few_rows of his: not set, before 5; few_rows of his.beds: 5, before not "
            "set",
        ),
    ],
)
def test_what_was_changed_is_said_limit_by_limit(before, now, changed):
    assert differences(before, now) == changed


def recorded(warehouse: Warehouse) -> list[Decision]:
    with warehouse.connect(Role.TRANSFORMER) as connection:
        decisions = last_decisions(connection, limit=1000)
    return [it for it in decisions if it.action == "set_thresholds"]


def test_they_are_recorded_by_the_first_run_that_finds_them_changed(
    warehouse: Warehouse, tmp_path: Path
):
    file = ThresholdFile(tmp_path / "gates.yml", ["his.beds"], [])
    with warehouse.connect(Role.TRANSFORMER) as connection:
        record_start(connection, "night-2", "ada, command line")
    file.read_for(warehouse, "night-1")
    assert recorded(warehouse) == []
    file.path.write_text("few_rows: 5\nhis.beds: {max_malformed_pct: 10}")
    for run in ("night-2", "night-3"):
        found = file.read_for(warehouse, run)
        assert found.of("his.beds", "max_malformed_pct") == 10
    (only,) = recorded(warehouse)
    assert only.subject == str(file.path)
    assert only.details == {
        "thresholds": {"few_rows": 5, "his.beds": {"max_malformed_pct": 10}},
        "run_id": "night-2",
        "started_by": "ada, command line",
    }
    file.path.unlink()
    file.read_for(warehouse, "night-4")
    latest, _ = recorded(warehouse)
    assert latest.details["thresholds"] == {}
    assert "max_malformed_pct of his.beds: not set, before 10" in latest.reason
