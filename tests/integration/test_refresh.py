"""The nightly refresh, end to end: what is published, what a gate holds back."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from orchestration.settings import REPOSITORY
from orchestration.warehouse import open_warehouse
from simulator import poison
from tests.conftest import Home, simulated

PROMISED = {
    "dim_date", "dim_branch", "dim_department", "dim_ward", "dim_bed", "dim_doctor",
    "dim_patient", "fct_admissions", "fct_bed_stays", "fct_appointments",
    "fct_treatments", "fct_bills", "length_of_stay_monthly", "bed_occupancy_daily",
    "bed_occupancy_hourly", "patient_flow_daily", "appointment_activity_daily",
    "doctor_load_daily", "doctor_load_monthly", "billing_monthly",
    "receivables_ageing", "treatment_costs_monthly", "patient_demographics",
    "outcomes_monthly", "hospital_overview_daily", "publication",
}  # fmt: skip


@pytest.fixture(scope="module")
def refreshed(home: Home):
    """A home with one night published, and the extract that it took in."""
    extract = simulated(home)
    printed = home.refresh()
    return home, extract, printed


def restored(home: Home, extract) -> None:
    simulated(home, extract.end)


def test_every_promised_mart_is_published_and_has_rows(refreshed):
    home, *_ = refreshed
    marts = home.marts()
    assert set(marts) >= PROMISED
    assert [name for name in PROMISED if not marts[name]] == []


def test_every_row_received_is_accounted_for(refreshed):
    home, extract, _ = refreshed
    batches = home.rows(
        "select table_name, rows_received, rows_appended + rows_unchanged"
        " + rows_malformed from ops.batches where status = 'accepted'",
        None,
    )
    assert {table: received for table, received, _ in batches} == extract.rows
    assert [row for row in batches if row[1] != row[2]] == []
    malformed = home.rows("select count(*) from quarantine.malformed_rows", None)
    assert malformed == [(extract.planted["malformed_line"],)]


def test_every_current_row_of_raw_is_staged_sound_or_in_quarantine(refreshed):
    home, *_ = refreshed
    staged, raw, held = home.rows(
        "select (select count(*) from staging.stg_his__appointments),"
        " (select count(*) from raw_his.appointments),"
        " (select count(distinct row_number) from quarantine.quarantined_rows"
        "  where table_name = 'appointments')",
        None,
    )[0]
    sound = home.rows(
        "select count(*) from staging.stg_his__appointments where _faults is null", None
    )[0][0]
    assert staged == raw == sound + held
    assert held > 0


def test_a_run_is_found_by_the_days_and_the_batches_that_it_took_in(refreshed):
    home, extract, _ = refreshed
    [(run_id,)] = home.rows("select run_id from ops.batches where batch_id = 1", None)
    tags = {
        "wardline/extract_dates": f"{extract.end}",
        "wardline/batches": f"1-{len(extract.rows)}",
    }
    with dg.DagsterInstance.from_config(str(home.settings.dagster_home)) as instance:
        found = instance.get_runs(dg.RunsFilter(tags=tags))
    assert [run.run_id for run in found] == [run_id]


def test_it_prints_batches_gates_publication_and_figures(refreshed):
    *_, printed = refreshed
    for words in (
        "his.admissions",
        "Extract gate passed",
        "Mart gate passed",
        "Published no. 1: data as of 2026-02-28",
        "patients in house",
        "billed EUR",
    ):
        assert words in printed


def test_a_second_refresh_appends_nothing_and_rewrites_no_row(refreshed):
    home, *_ = refreshed
    before = home.marts()
    raw = home.rows("select count(*) from raw_his.bills", None)
    assert "No new batches" in home.refresh()
    after = home.marts()
    published = after.pop("publication")
    assert [row for row in before.pop("publication") if row not in published] == []
    assert after == before
    assert home.rows("select count(*) from raw_his.bills", None) == raw
    assert home.rows(
        "select rows_changed from marts.publication"
        " order by publication_id desc limit 1"
    ) == [(0,)]


POISONS = {
    "admissions": ("duplicate_keys", r"his\.admissions: keys .* more than once: \d"),
    "doctors": ("missing_column", r"doctors\.csv.* specialty"),
    "bills": ("rows_cut_off", r"his\.bills has \d+ rows; the last accepted .* had"),
    "beds": ("other_table", r"beds\.csv.* a file of patients"),
    "wards": ("empty_file", r"wards\.csv"),
}


def test_the_extract_gate_holds_poisoned_extracts_back_and_says_why(refreshed):
    home, extract, _ = refreshed
    for table, (kind, _) in POISONS.items():
        poison(extract.folder, kind, table=table, column="specialty", other="patients")
    before = home.marts()
    counts = "select " + ", ".join(
        f"(select count(*) from raw_his.{table})" for table in POISONS
    )
    raw = home.rows(counts, None)
    ran = home.run("refresh")
    assert ran.returncode == 1, ran.stdout + ran.stderr
    for table, (_, sentence) in POISONS.items():
        assert re.search(f"critical .*{sentence}", ran.stdout), ran.stdout
        assert f"his.{table} (rejected)" in ran.stdout
    assert "Nothing was published" in ran.stdout
    assert "Traceback" not in ran.stdout + ran.stderr
    assert home.marts() == before
    assert home.rows(counts, None) == raw


def test_a_rejected_batch_is_not_forgotten_by_a_run_that_does_not_look_at_it(refreshed):
    home, *_ = refreshed
    before = home.marts()
    (home.extracts / "hospital_management").mkdir()
    ran = home.run("refresh", "--source", "hospital_management")
    assert ran.returncode == 1, ran.stdout + ran.stderr
    for table in POISONS:
        assert re.search(
            rf"his\.{table} was rejected \(batch \d+\) and not corrected since",
            ran.stdout,
        ), ran.stdout
    assert home.marts() == before
    (home.extracts / "hospital_management").rmdir()


def test_the_command_that_a_gate_names_shows_the_rows(refreshed):
    home, *_ = refreshed
    command = home.rows(
        "select sentence from ops.gate_results where expectation = 'key_unique'"
        " and not is_success order by gate_result_id desc limit 1",
        None,
    )[0][0].split("To see them: wardline ")[1]
    ran = home.run(*shlex.split(command), "--format", "csv")
    assert ran.returncode == 0, ran.stderr
    assert len(ran.stdout.splitlines()) > 1


def test_the_mart_gate_holds_a_plausible_extract_with_unusable_rows_back(refreshed):
    home, extract, _ = refreshed
    restored(home, extract)
    file = extract.folder / "appointments.csv"
    header, *lines = file.read_text().splitlines()
    garbled = [
        re.sub(r"\d{4}-\d\d-\d\d", "someday", line) if number % 3 else line
        for number, line in enumerate(lines)
    ]
    file.write_text("\n".join([header, *garbled, ""]))
    before = home.marts()
    ran = home.run("refresh")
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert re.search(r"fct_appointments would have \d+ rows", ran.stdout)
    assert home.marts() == before


def publish_alone(home: Home) -> subprocess.CompletedProcess:
    """Materialize the group `marts` in Dagster, without the build before it."""
    return subprocess.run(
        [
            str(Path(sys.executable).with_name("dagster")),
            *("asset", "materialize", "-m", "orchestration.definitions"),
            *("--select", "group:marts"),
        ],
        cwd=REPOSITORY,
        env=os.environ
        | {
            "WARDLINE_HOME": str(home.path),
            "DAGSTER_HOME": str(home.path / "dagster"),
        },
        capture_output=True,
        text=True,
        check=False,
    )


def test_publishing_alone_from_dagster_asks_the_mart_gate_first(refreshed):
    home, *_ = refreshed
    before = home.marts()
    ran = publish_alone(home)
    assert ran.returncode != 0
    assert re.search(r"fct_appointments would have \d+ rows", ran.stderr)
    assert home.marts() == before


def test_a_candidate_whose_build_broke_off_is_not_published_alone(refreshed):
    home, extract, _ = refreshed
    restored(home, extract)
    owned = "alter table candidate.dim_date owner to"
    with open_warehouse(home.settings).connect() as owner:
        owner.execute(f"{owned} postgres")
    assert home.run("refresh").returncode == 3
    with open_warehouse(home.settings).connect() as owner:
        owner.execute(f"{owned} wardline_transformer")
    before = home.marts()
    ran = publish_alone(home)
    assert ran.returncode != 0
    assert "are not from a build of all that is accepted" in ran.stderr
    assert home.marts() == before
    assert home.rows(
        "select event, sentences[1] ~ 'wardline refresh' from ops.run_events"
        " order by run_event_id desc limit 1",
        None,
    ) == [("held_back", True)]


def test_the_corrected_extract_is_published_by_the_next_refresh(refreshed):
    home, extract, _ = refreshed
    restored(home, extract)
    before = home.marts()
    home.refresh()
    after = home.marts()
    del before["publication"], after["publication"]
    assert after == before


def test_a_hospital_may_publish_without_the_rejected_batch(refreshed):
    home, extract, _ = refreshed
    poison(extract.folder, "duplicate_keys", table="wards")
    printed = home.refresh(WARDLINE_ON_REJECT="publish")
    assert "his.wards (rejected)" in printed
    assert "incomplete" in printed
    restored(home, extract)
