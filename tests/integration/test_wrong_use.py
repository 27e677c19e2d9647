"""Wrong use of the command: one sentence, exit code 2, nothing of Python in it."""

import json
import re
from pathlib import Path

import pytest

from tests.conftest import Home

PYTHON = re.compile(
    r"Traceback|Error:|Errno|fault of Wardline|psycopg|codec|use copy\("
)


def complaint(home: Home, *arguments: str, **environment: str) -> str:
    """What a wrong command says: one line, and nothing that only Python knows."""
    ran = home.run(*arguments, **environment)
    assert ran.returncode == 2, ran.stdout + ran.stderr
    assert ran.stdout == ""
    assert not PYTHON.search(ran.stderr), ran.stderr
    assert ran.stderr.count("\n") == 1, ran.stderr
    return ran.stderr


@pytest.mark.parametrize(
    ("setting", "value", "sentence"),
    [
        ("HOME", "/proc/home", "WARDLINE_HOME is /proc/home, where nothing can be"),
        ("HOME", __file__, "where nothing can be written (File exists)"),
        ("HOME", "~nobody-of-that-name/x", "WARDLINE_HOME must be a path that leads"),
        ("DBT_PROJECT", "/nowhere", "WARDLINE_DBT_PROJECT is /nowhere, where no dbt_"),
        ("PSEUDONYM_KEY_FILE", "/etc", "key in /etc cannot be read (Is a directory)"),
        ("CURRENCY", "euro", "WARDLINE_CURRENCY must be three capital letters"),
        ("ON_REJECT", "maybe", "WARDLINE_ON_REJECT must be 'stop' or 'publish'"),
        ("TIME_ZONE", "../x", "WARDLINE_TIME_ZONE must be a time zone, as Europe/"),
        ("DATABASE_URL", "mysql://x", "WARDLINE_DATABASE_URL must look like postgres"),
        ("DATABASE_URL", "postgresql://[", "is not a URL that PostgreSQL understands"),
        ("EXTRACTS", __file__, "is not a folder"),
    ],
)
def test_a_wrong_setting_is_named_with_what_to_do(home: Home, setting, value, sentence):
    if setting != "EXTRACTS":
        home.extracts.joinpath("his").mkdir(parents=True, exist_ok=True)
    said = complaint(home, "refresh", **{f"WARDLINE_{setting}": value})
    assert sentence in said
    assert said.rstrip().endswith(".")


def test_all_wrong_settings_are_named_at_once(home: Home):
    said = complaint(
        home, "status", WARDLINE_CURRENCY="euro", WARDLINE_ON_REJECT="maybe"
    )
    assert "WARDLINE_CURRENCY" in said
    assert "WARDLINE_ON_REJECT" in said
    assert "as .env.example shows" in said


@pytest.mark.parametrize(
    ("yaml", "sentence"),
    [
        ("name: [", "is not the YAML that dbt reads"),
        ("name: wardline", "lacks vars.source_systems"),
        ("vars: {source_systems: [his]}", "lacks vars.source_systems"),
    ],
)
def test_a_broken_project_is_named(home: Home, tmp_path: Path, yaml, sentence):
    (tmp_path / "dbt_project.yml").write_text(yaml)
    home.extracts.mkdir(parents=True, exist_ok=True)
    said = complaint(home, "refresh", WARDLINE_DBT_PROJECT=str(tmp_path))
    assert f"{tmp_path}/dbt_project.yml {sentence}" in said


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["simulate", "--out", __file__, "--days", "1"], "Not a directory; check the"),
        (["check", __file__], "is not a folder"),
        (["query", "copy (select 1) to stdout"], "takes a SELECT, not COPY"),
        (["query", "copy t from stdin"], "PostgreSQL refused"),
        (["query", "select \udcff"], "The query is not valid UTF-8"),
        (["query", ""], "returns no rows"),
        (["query", "select 1 as a, 2 as a", "--format", "json"], "2 columns named a"),
    ],
)
def test_a_wrong_argument_is_a_sentence(home: Home, arguments, sentence):
    assert sentence in complaint(home, *arguments)


@pytest.mark.parametrize("port", ["0", "65536", "-1", "web"])
def test_a_port_that_is_none_is_refused(home: Home, port):
    ran = home.run("ui", "--port", port)
    assert ran.returncode == 2
    assert "Invalid value for '--port'" in ran.stderr


def test_query_prints_what_python_does_not_know(home: Home):
    sql = (
        "select 'infinity'::date as d, '0044-03-15 BC'::timestamp as t,"
        " 'NaN'::float as n"
    )
    assert home.run("query", sql).returncode == 0
    [row] = json.loads(home.run("query", sql, "--format", "json").stdout)
    assert row == {"d": "infinity", "t": "0044-03-15 00:00:00 BC", "n": "nan"}


FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "plain", "5-3")


def test_csv_is_exact_and_excel_gets_no_formula(home: Home):
    values = ", ".join(f"('{it}', -1)" for it in FORMULAS)
    sql = f"select * from (values {values}) as t (text, number)"
    exact = home.run("query", sql, "--format", "csv").stdout
    assert exact == "text,number\n" + "".join(f"{it},-1\n" for it in FORMULAS)
    safe = home.run("query", sql, "--format", "excel").stdout
    assert safe == "\ufefftext,number\n" + "".join(
        f"{it},-1\n" if it in ("plain", "5-3") else f"'{it},-1\n" for it in FORMULAS
    )


def test_a_table_shows_what_a_terminal_would_obey(home: Home):
    shown = home.run("query", "select E'\\x1b[2J\\u202ex' as \"\x1b[31m\"").stdout
    assert r"\x1b[2J\u202ex" in shown
    assert "\x1b" not in shown


def test_what_is_wrong_with_all_tables_is_said_once(home: Home):
    folder = home.extracts / "hospital_management"
    folder.mkdir(parents=True, exist_ok=True)
    contents = {
        "patients": "patient_id,first_name,last_name,gender,date_of_birth,"
        "contact_number,address,registration_date,insurance_provider,"
        "insurance_number,email\n",
        "doctors": "doctor_id,first_name,last_name,specialization,phone_number,"
        "years_experience,hospital_branch,email\n",
    }
    for name, header in contents.items():
        (folder / f"{name}.csv").write_text(header)
    ran = home.run("check", str(home.extracts), "--source", "hospital_management")
    assert ran.returncode == 1, ran.stderr
    assert ran.stdout.count("expected a dated folder, --as-of") == 1
