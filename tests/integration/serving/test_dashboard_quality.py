"""The page on data quality against the record that it shows."""

import pytest

from orchestration.warehouse import open_warehouse
from serving.dashboard.data_docs import sites
from serving.dashboard.pages.quality import verdict
from serving.database import ask
from tests.conftest import Home
from tests.dbt_page import inlined
from tests.integration.serving.shown import Shown

PAGE = "/quality"


@pytest.fixture(scope="module")
def rows(shown: Shown):
    return {panel.key: panel.rows for panel in shown.panels(PAGE, "")}


def recorded(hospital: Home, sql: str) -> list[tuple]:
    return hospital.rows(sql, None)


def test_the_last_run_is_told_by_its_outcome(hospital: Home, rows):
    ((publication, changed),) = recorded(
        hospital, "select publication_id, rows_changed from ops.publications"
    )
    (run,) = rows["runs"]
    assert run["outcome_words"] == "published"
    assert (run["publication_id"], run["rows_changed"]) == (publication, changed)
    assert run["whole_words"] is True
    assert run["duration_minutes"] > 0


def test_each_gate_is_told_by_its_verdict(hospital: Home, rows):
    judged = recorded(
        hospital,
        "select gate, count(*), count(*) filter (where not is_success"
        " and severity = 'critical'), count(*) filter (where not is_success"
        " and severity = 'warning') from ops.gate_results group by 1 order by 1",
    )
    shown = [
        (row["gate_name"], row["expectations"], row["failures"], row["warnings"])
        for row in rows["gates"]
    ]
    assert sorted(shown) == judged
    assert {gate for gate, *_ in judged} == {"extract", "mart"}
    assert all(row["verdict_words"].startswith("passed") for row in rows["gates"])


@pytest.mark.parametrize(
    ("failures", "warnings", "words"),
    [
        (0, 0, "passed"),
        (0, 1, "passed with 1 warning"),
        (0, 3, "passed with 3 warnings"),
        (1, 0, "stopped it: 1 critical failure"),
        (2, 1, "stopped it: 2 critical failures, 1 warning"),
    ],
)
def test_a_verdict_in_words(failures, warnings, words):
    assert verdict({"failures": failures, "warnings": warnings}) == words


def test_findings_are_told_once_and_without_the_command_that_shows_rows(hospital):
    found = [
        ("mart", "fct_bills", "critical", False, "Two bills. To see them: wardline q"),
        ("extract", "his.beds", "warning", False, "The folder is old."),
        ("extract", "his.wards", "warning", False, "The folder is old."),
        ("extract", "his.wards", "critical", True, "Keys are unique."),
    ]
    with open_warehouse(hospital.settings).connect() as owner:
        for one in found:
            owner.execute(
                "insert into ops.gate_results (run_id, gate, subject, expectation,"
                " severity, is_success, sentence)"
                " values ('tonight', %s, %s, 'x', %s, %s, %s)",
                one,
            )
        told = ask(owner, "quality_findings")
        gates = ask(owner, "quality_gates")[:2]
        owner.rollback()
    assert [(it["severity"], it["sentence"]) for it in told] == [
        ("critical", "Two bills."),
        ("warning", "The folder is old."),
    ]
    assert [(it["gate"], verdict(it)) for it in gates] == [
        ("extract", "passed with 2 warnings"),
        ("mart", "stopped it: 1 critical failure"),
    ]


def test_nothing_is_shown_of_a_run_that_is_under_way(hospital):
    """Half of what it finds would stand beside how the one before it ended."""
    questions = (
        *("quality_findings", "quality_gates", "quality_received"),
        *("quality_current", "quality_quarantine"),
    )
    with open_warehouse(hospital.settings).connect() as owner:
        before = [ask(owner, name) for name in questions]
        owner.execute(
            "insert into ops.run_events (run_id, event, started_by)"
            " values ('tonight', 'started', '');"
            "insert into ops.gate_results (run_id, gate, subject, expectation,"
            " severity, is_success, sentence)"
            " values ('tonight', 'extract', 'his.beds', 'x', 'critical', false, 'No.');"
            "insert into ops.batches (source_system, table_name, status, run_id)"
            " values ('his', 'beds', 'accepted', 'tonight')"
        )
        during = [ask(owner, name) for name in questions]
        owner.execute(
            "insert into ops.run_events (run_id, event, started_by)"
            " values ('tonight', 'held_back', '')"
        )
        after = [ask(owner, name) for name in questions]
        owner.rollback()
    assert during == before
    assert after != before


def test_received_rows_and_current_rows_add_up_as_they_are_on_record(hospital, rows):
    received = recorded(
        hospital,
        "select source_system, table_name, rows_received, rows_appended,"
        " rows_unchanged, rows_malformed, true from ops.batches order by 1, 2",
    )
    assert [
        (
            *(row["source_system"], row["table_name"], row["rows_received"]),
            *(row["rows_appended"], row["rows_unchanged"], row["rows_malformed"]),
            row["equal_words"],
        )
        for row in rows["received"]
    ] == received
    current = recorded(
        hospital,
        "select source_system, table_name, raw_keys, staged_rows, quarantined_rows,"
        " raw_keys = staged_rows + quarantined_rows from ops.accounting"
        " where raw_keys > 0 order by 1, 2",
    )
    assert [
        (
            *(row["source_system"], row["table_name"], row["raw_keys"]),
            *(row["staged_rows"], row["quarantined_rows"], row["equal_words"]),
        )
        for row in rows["current"]
    ] == current


def test_quarantine_is_counted_by_table_and_reason(hospital: Home, rows):
    for kind, table, reason in (
        ("value", "quarantined_rows", "column_name || ' ' || reason"),
        ("record", "malformed_rows", "reason"),
    ):
        held = recorded(
            hospital,
            f"select source_system, table_name, {reason}, count(*)"
            f" from quarantine.{table} group by 1, 2, 3 order by 1, 2, 3",
        )
        shown = [
            (
                row["source_system"],
                row["table_name"],
                row["reason_words"],
                row["faults"],
            )
            for row in rows["quarantine"]
            if row["fault_type"] == kind
        ]
        assert held
        assert sorted(shown) == held


def test_batches_are_told_without_their_files(hospital: Home, rows):
    ((count,),) = recorded(hospital, "select count(*) from ops.batches")
    assert len(rows["batches"]) == count
    files = {it for (it,) in recorded(hospital, "select file_name from ops.batches")}
    assert files
    shown = {value for row in rows["batches"] for value in row.values()}
    assert not shown & files


def test_the_gates_own_pages_are_led_to_where_there_are_any(hospital, api, tmp_path):
    found = sites(hospital.settings.data_docs)
    assert [words for words, _ in found] == [
        "Data Docs of the mart gate",
        "Data Docs of the extract gate, his",
        "All models, by dbt",
    ]
    for words, address in found:
        if words.startswith("Data Docs"):
            assert "Gate verdicts" in api.get(address).text
    assert sites(tmp_path) == sites(None) == []


def test_dbts_page_has_what_the_refresh_built(hospital, api, contracts):
    page = api.get(dict(sites(hospital.settings.data_docs))["All models, by dbt"])
    assert page.headers["content-security-policy"].startswith("sandbox allow-scripts;")
    manifest, catalog = inlined(page.text)
    marts = {
        node["name"]: unique_id
        for unique_id, node in manifest["nodes"].items()
        if node["schema"] == "candidate" and node["resource_type"] == "model"
    }
    assert marts.keys() == contracts.keys()
    for mart, unique_id in marts.items():
        compiled = manifest["nodes"][unique_id]["compiled_code"]
        assert "select" in compiled, mart
        assert "{{" not in compiled, mart
        declared = manifest["nodes"][unique_id]["columns"]
        assert catalog["nodes"][unique_id]["columns"].keys() == declared.keys(), mart
