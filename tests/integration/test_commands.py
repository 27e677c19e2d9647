"""The other commands, as a person meets them."""

import csv
import json

import pytest

from simulator import poison
from tests.conftest import Home, simulated


def test_query_answers_as_table_csv_and_json(hospital: Home):
    sql = "select branch_name, time_zone from marts.dim_branch"
    table = hospital.run("query", sql).stdout
    rows = list(
        csv.DictReader(
            hospital.run("query", sql, "--format", "csv").stdout.splitlines()
        )
    )
    same = json.loads(hospital.run("query", sql, "--format", "json").stdout)
    assert rows == same
    assert rows[0]["branch_name"] in table


@pytest.mark.parametrize(
    ("sql", "complaint"),
    [
        ("select * from raw_his.patients", "permission denied for schema raw_his"),
        ("select * from ops.batches", "permission denied for schema ops"),
        ("delete from marts.dim_bed", "read-only"),
        ("select 1; select 2", "multiple commands"),
        ("set role postgres", "permission denied to set role"),
        ("selekt 1", "syntax error"),
    ],
)
def test_query_reads_the_marts_and_nothing_else(hospital: Home, sql, complaint):
    ran = hospital.run("query", sql)
    assert ran.returncode == 2
    assert complaint in ran.stderr
    assert "Traceback" not in ran.stderr


def test_query_shows_a_value_as_it_is(hospital: Home):
    assert (
        "[red]x[/nothing]" in hospital.run("query", "select '[red]x[/nothing]'").stdout
    )


def test_query_internal_shows_what_a_gate_points_at(hospital: Home):
    ran = hospital.run(
        "query", "--internal", "select count(*) from quarantine.quarantined_rows"
    )
    assert ran.returncode == 0
    assert "count" in ran.stdout


def test_status_shows_publications_gates_and_batches(hospital: Home):
    printed = hospital.run("status", "--all").stdout
    for words in ("Publications", "2026-02-28", "his.bed_stays", "Mart gate passed"):
        assert words in printed


def test_url_leads_to_the_warehouse_and_holds_no_password(hospital: Home):
    assert hospital.run("url").stdout.startswith("postgresql://postgres@localhost")
    assert "wardline_reader@" in hospital.run("url", "--reader").stdout


def test_check_passes_sound_extracts_and_loads_nothing(home: Home):
    simulated(home)
    ran = home.run("check", home.extracts)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "sound" in ran.stdout
    assert home.rows("select count(*) from ops.batches", None) == [(0,)]


def test_check_says_what_a_refresh_would_refuse(home: Home):
    poison(simulated(home).folder, "duplicate_keys")
    ran = home.run("check", home.extracts)
    assert ran.returncode == 1
    assert "occur more than once" in ran.stdout


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["refresh", "--source", "nowhere"], "There is no source system 'nowhere'"),
        (["refresh", "--extracts", "nowhere"], "does not exist"),
        (["refresh", "--as-of", "yesterday"], "does not match the format"),
        (["check", "nowhere"], "nowhere does not exist"),
        (["simulate", "--beds", "1"], "9"),
        (["nonsense"], "No such command"),
    ],
)
def test_wrong_use_is_a_sentence_and_exit_code_2(home: Home, arguments, complaint):
    ran = home.run(*arguments)
    assert ran.returncode == 2, ran.stdout + ran.stderr
    assert complaint in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_setting_with_a_wrong_value_is_named(home: Home):
    ran = home.run("status", WARDLINE_TIME_ZONE="Atlantis/Capital")
    assert ran.returncode == 2
    assert "WARDLINE_TIME_ZONE" in ran.stderr


def test_an_unreachable_warehouse_is_a_fault_without_a_traceback(home: Home):
    ran = home.run(
        "status", WARDLINE_DATABASE_URL="postgresql://me:secret@127.0.0.1:1/x"
    )
    assert ran.returncode == 3
    assert "cannot be reached" in ran.stderr
    assert "secret" not in ran.stderr


def test_debug_shows_the_traceback(home: Home):
    assert "Traceback" in home.run("check", "nowhere", "--debug").stderr


def test_stop_stops_the_embedded_server_and_the_next_command_starts_it(home: Home):
    home.run("init-db")
    assert "Stopped" in home.run("stop").stdout
    assert "No embedded PostgreSQL" in home.run("stop").stdout
    assert home.run("status").returncode == 0
