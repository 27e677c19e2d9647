"""The extract gate on a landing table: sound, then poisoned in one place."""

import shlex
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from expectations import ExtractFacts, Verdict, extract_suite, run_suites

FACTS = ExtractFacts(
    source_system="his",
    table="beds",
    landing_schema="landing",
    landing_table="his__beds",
    key=("ward_id", "bed_id"),
    required_columns=("ward_id", "bed_id", "bed_type"),
    rows_landed=5,
    rows_malformed=0,
    last_rows=5,
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
    command = verdict.sentence.split(" To see them: ")[1]
    return landing.execute(shlex.split(command)[-1]).rowcount


@pytest.mark.usefixtures("landing")
def test_everything_holds_on_a_sound_batch(url: str) -> None:
    verdicts = judge(url)
    assert failed(verdicts) == []
    assert sorted(verdicts) == [
        "has_rows",
        "key_present",
        "key_unique",
        "malformed_within_limit",
        "only_known_columns",
        "required_columns_present",
        "rows_as_counted",
        "rows_not_collapsed",
    ]
    one = verdicts["key_unique"]
    assert (one.gate, one.subject) == ("extract", "his.beds")
    assert one.sentence == "No key of his.beds (ward_id, bed_id) occurs twice."


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


def test_a_key_that_occurs_twice_rejects_even_behind_spaces(
    url: str, landing: psycopg.Connection
) -> None:
    landing.execute("update landing.his__beds set bed_id = ' 1' where bed_id = '2'")
    verdicts = judge(url)
    assert failed(verdicts) == ["key_unique"]
    assert verdicts["key_unique"].stops
    assert "(ward_id, bed_id) that occur more than once: 2." in (
        verdicts["key_unique"].sentence
    )
    assert rows_shown(landing, verdicts["key_unique"]) == 2


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
        rows_landed=2, last_rows=None,
    )  # fmt: skip
    verdicts = judge(url, odd, tmp_path)
    assert failed(verdicts) == ["key_unique"]
    assert verdicts["key_unique"].observed == 1
    assert rows_shown(database, verdicts["key_unique"]) == 1
    for page in tmp_path.glob("*.html"):
        assert "$x" in page.read_text(encoding="utf-8")
        assert "<b>" not in page.read_text(encoding="utf-8")


@pytest.mark.usefixtures("landing")
@pytest.mark.parametrize(("last_rows", "collapsed"), [(6, False), (7, True)])
def test_a_snapshot_with_less_than_80_percent_of_the_last_batch_rejects(
    url: str, last_rows: int, collapsed: bool
) -> None:
    verdict = judge(url, replace(FACTS, last_rows=last_rows))["rows_not_collapsed"]
    assert verdict.stops == collapsed
    assert verdict.observed == 5
    if collapsed:
        assert verdict.sentence == (
            "his.beds has 5 rows; the last accepted batch had 7, and at least 80 % of "
            "them (6) are expected."
        )


@pytest.mark.usefixtures("landing")
@pytest.mark.parametrize(
    "changed",
    [{"last_rows": None}, {"last_rows": 0}, {"last_rows": 900, "mode": "delta"}],
    ids=["first batch", "nothing before", "delta"],
)
def test_only_a_snapshot_with_a_batch_before_it_can_collapse(
    url: str, changed: dict
) -> None:
    assert "rows_not_collapsed" not in judge(url, replace(FACTS, **changed))


@pytest.mark.usefixtures("landing")
def test_too_many_malformed_records_reject(url: str) -> None:
    verdict = judge(url, replace(FACTS, rows_malformed=3))["malformed_within_limit"]
    assert verdict.stops
    assert verdict.sentence == (
        "his.beds: 3 of 8 records are malformed (37.5 %); at most 1 % may be."
    )


@pytest.mark.usefixtures("landing")
def test_the_limit_of_malformed_records_is_the_contract_s(url: str) -> None:
    assert (
        failed(judge(url, replace(FACTS, rows_malformed=3, max_malformed_pct=40))) == []
    )


def test_a_row_lost_between_file_and_table_rejects(
    url: str, landing: psycopg.Connection
) -> None:
    landing.execute("delete from landing.his__beds where bed_type is null")
    verdicts = judge(url)
    assert failed(verdicts) == ["rows_as_counted"]
    assert "5 rows were read from the file, but 4 stand" in (
        verdicts["rows_as_counted"].sentence
    )


def test_a_first_batch_without_rows_is_a_warning(
    url: str, landing: psycopg.Connection
) -> None:
    landing.execute("truncate landing.his__beds")
    verdicts = judge(url, replace(FACTS, rows_landed=0, last_rows=None))
    assert failed(verdicts) == ["has_rows"]
    assert not verdicts["has_rows"].stops


@pytest.mark.usefixtures("landing")
def test_an_unknown_extra_column_is_a_warning_with_its_name(url: str) -> None:
    verdict = judge(url, replace(FACTS, extra_columns=("colour", "note")))[
        "only_known_columns"
    ]
    assert (verdict.severity, verdict.success) == ("warning", False)
    assert verdict.sentence.endswith("columns that its contract lacks: colour, note.")
