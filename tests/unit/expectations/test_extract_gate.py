"""The extract gate on a landing table: sound, then poisoned in one place."""

import re
import shlex
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from expectations import ExtractFacts, Verdict, extract_suite, run_suites
from expectations.checks import BLANKS
from orchestration.extracts import contract
from orchestration.settings import REPOSITORY

FACTS = ExtractFacts(
    source_system="his",
    table="beds",
    landing_schema="landing",
    landing_table="his__beds",
    key=("ward_id", "bed_id"),
    required_columns=("ward_id", "bed_id", "bed_type"),
    rows_landed=5,
    rows_malformed=0,
    history=(5,),
    malformed_shown_by="wardline quarantine --source his --table beds",
)


@pytest.fixture
def landing(database: psycopg.Connection) -> psycopg.Connection:
    """Five beds of two wards, as text."""
    database.execute(
        """
        create table landing.his__beds (ward_id text, bed_id text, bed_type text);
        insert into landing.his__beds values
        ('w1', '1', 'ICU'), ('w1', '2', 'ICU'), ('w1', '3', null),
        ('w2', '1', 'Normal'), ('w2', '2', 'Normal')
        """
    )
    return database


def judge(
    url: str, facts: ExtractFacts = FACTS, data_docs_dir: Path | None = None
) -> dict[str, Verdict]:
    verdicts = run_suites(
        url,
        [(facts.landing_schema, facts.landing_table, extract_suite(facts))],
        data_docs_dir,
    )
    return {verdict.expectation: verdict for verdict in verdicts}


def failed(verdicts: dict[str, Verdict]) -> list[str]:
    return sorted(name for name, verdict in verdicts.items() if not verdict.success)


def rows_shown(landing: psycopg.Connection, verdict: Verdict) -> int:
    assert verdict.rows_sql
    return landing.execute(verdict.rows_sql).rowcount


@pytest.mark.usefixtures("landing")
def test_everything_holds_on_a_sound_batch(url: str) -> None:
    verdicts = judge(url)
    assert failed(verdicts) == []
    assert sorted(verdicts) == [
        "has_rows",
        "key_present",
        "key_unique",
        "key_unmistakable",
        "last_line_ended",
        "malformed_within_limit",
        "only_known_columns",
        "required_columns_present",
        "rows_as_counted",
        "rows_not_collapsed",
        "rows_not_shrunk",
    ]
    one = verdicts["key_unique"]
    assert (one.gate, one.subject) == ("extract", "his.beds")
    assert one.sentence == "No key of his.beds (ward_id, bed_id) occurs twice."


def test_a_key_in_letters_of_another_alphabet_rejects(
    url: str, landing: psycopg.Connection
) -> None:
    landing.execute(
        "insert into landing.his__beds values (E'w1', E'\\u0410', 'ICU'),"
        " ('w1', 'A', 'ICU'), ('w2', E'\\u0411', 'ICU'), ('w2', E'\\u00c9', 'ICU')"
    )
    verdict = judge(url, replace(FACTS, rows_landed=9))["key_unmistakable"]
    assert verdict.stops
    assert verdict.observed == 1
    assert rows_shown(landing, verdict) == 1


@pytest.mark.usefixtures("landing")
def test_a_file_without_its_last_line_end_is_a_warning(url: str) -> None:
    verdicts = judge(url, replace(FACTS, is_ended=False))
    assert failed(verdicts) == ["last_line_ended"]
    assert "may be cut off" in verdicts["last_line_ended"].sentence
    assert not verdicts["last_line_ended"].stops


def test_a_missing_required_column_rejects_and_is_named(
    url: str, landing: psycopg.Connection
) -> None:
    landing.execute("alter table landing.his__beds drop column bed_type")
    verdict = judge(url)["required_columns_present"]
    assert verdict.stops
    assert verdict.sentence == "his.beds lacks required columns: bed_type."


@pytest.mark.parametrize("nothing", ["null", "''", "'  '", "'NULL'", "' N{/}:A '"])
def test_a_row_without_its_key_rejects(
    url: str, landing: psycopg.Connection, nothing: str
) -> None:
    landing.execute(
        f"update landing.his__beds set bed_id = {nothing} where bed_id = '2'"
    )
    verdicts = judge(url, replace(FACTS, null_markers=("NULL", "N{/}:A")))
    assert failed(verdicts) == ["key_present"]
    verdict = verdicts["key_present"]
    assert verdict.stops
    assert "without a value in their key (ward_id, bed_id): 2." in verdict.sentence
    assert rows_shown(landing, verdict) == 2


def test_gate_landing_and_staging_cut_off_the_same_blanks() -> None:
    macro = (REPOSITORY / "dbt_project/macros/staging/values.sql").read_text()
    blanks = macro.split("macro postgres__blanks(")[1].split("endmacro")[0]
    numbers = {int(it) for it in re.findall(r"chr\((\d+)\)", blanks)}
    assert "' ' ||" in blanks
    assert {32, *numbers} == set(BLANKS) == set(map(ord, contract.BLANKS))


@pytest.mark.parametrize("blank", map(chr, BLANKS), ids=ascii)
def test_a_key_that_occurs_twice_rejects_behind_any_blank_that_staging_trims(
    url: str, landing: psycopg.Connection, blank: str
) -> None:
    landing.execute(
        "update landing.his__beds set bed_id = %s where bed_id = '2'", [f"{blank}1"]
    )
    verdicts = judge(url)
    assert failed(verdicts) == ["key_unique"]
    assert verdicts["key_unique"].stops
    assert "(ward_id, bed_id) that occur more than once: 2." in (
        verdicts["key_unique"].sentence
    )
    assert rows_shown(landing, verdicts["key_unique"]) == 2


def test_the_command_shows_what_is_kept_or_else_asks_the_table_itself(
    url: str, landing: psycopg.Connection
) -> None:
    landing.execute("update landing.his__beds set bed_id = null where bed_id = '3'")
    kept = judge(url)["key_present"].sentence
    assert kept.endswith(
        'wardline query --internal "select as_of, key_values from '
        "quarantine.failing_keys where subject = 'his.beds' and expectation = "
        "'key_present'\""
    )
    verdict = judge(url, replace(FACTS, keeps_rows=False))["key_present"]
    assert verdict.rows_sql is None
    query = shlex.split(verdict.sentence.split(" To see them: ")[1])[-1]
    assert landing.execute(query).rowcount == 1


@pytest.mark.usefixtures("landing")
def test_a_single_key_is_judged_as_well(url: str) -> None:
    verdict = judge(url, replace(FACTS, key=("bed_id",)))["key_unique"]
    assert (verdict.stops, verdict.observed) == (True, 2)


@pytest.mark.usefixtures("landing")
def test_a_table_without_key_may_repeat_rows(url: str) -> None:
    verdicts = judge(url, replace(FACTS, key=()))
    assert failed(verdicts) == []
    assert not {"key_present", "key_unique"} & set(verdicts)


def test_a_key_column_of_any_spelling_is_judged(
    url: str, database: psycopg.Connection, tmp_path: Path
) -> None:
    column = 'Bed {no}: "%" $x <b>'
    name = '"' + column.replace('"', '""') + '"'
    database.execute(f"create table landing.odd ({name} text)")
    database.execute("insert into landing.odd values ('1'), ('1')")
    odd = replace(
        FACTS, landing_table="odd", key=(column,), required_columns=(column,),
        rows_landed=2, history=(),
    )  # fmt: skip
    verdicts = judge(url, odd, tmp_path)
    assert failed(verdicts) == ["key_unique"]
    assert verdicts["key_unique"].observed == 1
    assert rows_shown(database, verdicts["key_unique"]) == 1
    for page in tmp_path.glob("*.html"):
        assert "$x" in page.read_text(encoding="utf-8")
        assert "<b>" not in page.read_text(encoding="utf-8")


@pytest.mark.usefixtures("landing")
def test_too_many_malformed_records_reject(url: str) -> None:
    verdict = judge(url, replace(FACTS, rows_malformed=3))["malformed_within_limit"]
    assert verdict.stops
    assert verdict.sentence == (
        "his.beds: malformed are 3 of 8 records (37.5 %); at most 1 % may be. To see "
        "them: wardline quarantine --source his --table beds"
    )


@pytest.mark.usefixtures("landing")
def test_the_limit_of_malformed_records_is_the_contract_s(url: str) -> None:
    facts = replace(FACTS, rows_malformed=3, contract={"max_malformed_pct": 40})
    assert failed(judge(url, facts)) == []


def test_a_row_lost_between_file_and_table_rejects(
    url: str, landing: psycopg.Connection
) -> None:
    landing.execute("delete from landing.his__beds where bed_type is null")
    verdicts = judge(url)
    assert "rows_as_counted" in failed(verdicts)
    assert "the file gave 5 rows, but 4 stand" in (verdicts["rows_as_counted"].sentence)


def test_a_first_batch_without_rows_is_a_warning(
    url: str, landing: psycopg.Connection
) -> None:
    landing.execute("truncate landing.his__beds")
    verdicts = judge(url, replace(FACTS, rows_landed=0, history=()))
    assert failed(verdicts) == ["has_rows"]
    assert not verdicts["has_rows"].stops


@pytest.mark.usefixtures("landing")
def test_unknown_extra_columns_are_a_warning_that_names_none(url: str) -> None:
    verdict = judge(url, replace(FACTS, extra_columns=("colour", "note")))[
        "only_known_columns"
    ]
    assert (verdict.severity, verdict.success) == ("warning", False)
    assert verdict.sentence == "his.beds: columns that its contract lacks: 2."
    assert "colour" not in verdict.sentence
