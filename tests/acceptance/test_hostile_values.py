"""Hostile values on their real way: a file, the extract gate, raw, staging.

A small dbt project of two tables beside Wardline's own macros stages them all in one
build. The values and what has to become of them are tables in hostile/values.py.
"""

import csv
import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from expectations import Thresholds
from orchestration import dbt
from orchestration.extracts.arrivals import Received
from orchestration.extracts.manifest import load_contracts
from orchestration.extracts.raw_tables import ensure_raw_tables
from orchestration.ingestion import ingest
from orchestration.settings import REPOSITORY, Settings
from orchestration.warehouse import Role, open_warehouse
from tests.acceptance.hostile.values import COLUMNS, KEYS, VALUES, Value
from tests.conftest import Home, remove_home

EVERY = [value for values in VALUES.values() for value in values]
TABLES = {
    "values": {"value_id": {"data_type": "text"}} | COLUMNS,
    "keys": {"key": {"data_type": "text"}},
}
PROJECT = {
    "name": "wardline",
    "profile": "wardline",
    "macro-paths": [str(REPOSITORY / "dbt_project" / "macros")],
    "models": {
        "wardline": {
            "staging": {
                "+schema": "staging",
                "+materialized": "table",
                "ops": {"+materialized": "view"},
            },
            "quarantine": {"+schema": "quarantine", "+materialized": "table"},
        }
    },
    "vars": {"source_systems": {"hostile": {it: it for it in TABLES}}},
}


def make_project(folder: Path) -> None:
    """A dbt project of one source system with the two tables."""
    staging = folder / "models" / "staging" / "hostile"
    staging.mkdir(parents=True)
    (folder / "dbt_project.yml").write_text(yaml.safe_dump(PROJECT))
    tables, models = [], []
    for table, columns in TABLES.items():
        described = [
            {
                "name": name,
                "data_type": column["data_type"],
                "config": {
                    "meta": {k: v for k, v in column.items() if k != "data_type"}
                },
            }
            for name, column in columns.items()
        ]
        extract = {"key": [next(iter(columns))]}
        tables.append(
            {
                "name": table,
                "config": {"meta": {"extract": extract}},
                "columns": described,
            }
        )
        model = f"stg_hostile__{table}"
        models.append({"name": model, "columns": [{"name": "_faults"}]})
        (staging / f"{model}.sql").write_text(f"{{{{ typed('hostile', '{table}') }}}}")
    source = {"name": "hostile", "schema": "raw_hostile", "tables": tables}
    (staging / "models.yml").write_text(
        yaml.safe_dump({"sources": [source], "models": models})
    )
    wardline = REPOSITORY / "dbt_project" / "models"
    shutil.copytree(wardline / "staging" / "ops", folder / "models" / "staging" / "ops")
    quarantine = folder / "models" / "quarantine"
    quarantine.mkdir()
    shutil.copy(wardline / "quarantine" / "quarantined_rows.sql", quarantine)


def write_extracts(folder: Path) -> None:
    folder.mkdir(parents=True)
    with (folder / "values.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, ["value_id", *COLUMNS])
        writer.writeheader()
        for number, value in enumerate(EVERY):
            writer.writerow({"value_id": number, value.column: value.text})
    with (folder / "keys.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["key"], *([value.text] for value in KEYS)])


@pytest.fixture(scope="module")
def staged() -> Iterator[Home]:
    """All values in staging."""
    home = Home()
    project = home.path / "project"
    make_project(project)
    write_extracts(home.extracts / "hostile" / "2026-03-31")
    settings = Settings(home=home.path, dbt_project=project, _env_file=None)
    warehouse = open_warehouse(settings)
    contracts = load_contracts(dbt.manifest(settings))["hostile"]
    with warehouse.connect(Role.LOADER) as connection:
        ensure_raw_tables(connection, contracts)
    outcomes = ingest(
        warehouse,
        contracts,
        Received(home.extracts),
        run_id="hostile",
        now=datetime.now(UTC),
        thresholds=Thresholds(),
        data_docs=settings.data_docs,
    )
    assert [it.is_rejected for it in outcomes] == [False, False]
    built = subprocess.run(
        [dbt.EXECUTABLE, "--quiet", "build", "--project-dir", str(project)],
        env=dbt.environment(settings),
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stdout
    yield home
    remove_home(home.path)


def found(home: Home, table: str) -> dict[str, dict[str, Any]]:
    """Each row of a staged table by its key: the row, and its fault's reason."""
    names = [*TABLES[table], "_faults -> 0 ->> 'reason'"]
    rows = home.rows(
        f"select {', '.join(names)} from staging.stg_hostile__{table}", None
    )
    names[-1] = "reason"
    return {row[0]: dict(zip(names, row, strict=True)) for row in rows}


def shown(value: Value) -> str:
    return f"{value.column}-{ascii(value.text)[:40]}"


def test_every_value_becomes_what_is_stated(staged: Home) -> None:
    rows = found(staged, "values")
    assert len(rows) == len(EVERY)
    wrong = []
    for number, value in enumerate(EVERY):
        row = rows[str(number)]
        got = (row[value.column], row["reason"] or "")
        # A row with a fault goes no further, whatever stands in its column.
        expected = (row[value.column] if value.reason else value.value, value.reason)
        if got != expected:
            wrong.append((shown(value), got, expected))
    assert wrong == []


def test_every_key_becomes_what_is_stated(staged: Home) -> None:
    reasons = {key: row["reason"] or "" for key, row in found(staged, "keys").items()}
    expected = {(it.value or it.text): it.reason for it in KEYS}
    assert reasons == expected


def test_no_value_is_lost_on_the_way(staged: Home) -> None:
    broken = sum(bool(it.reason) for it in [*EVERY, *KEYS])
    assert broken > 100
    assert staged.rows(
        "select (select count(*) from quarantine.quarantined_rows),"
        " (select count(*) from staging.stg_hostile__values where _faults is null)"
        " + (select count(*) from staging.stg_hostile__keys where _faults is null)",
        None,
    ) == [(broken, len(EVERY) + len(KEYS) - broken)]


# --- any text at all ------------------------------------------------------------------

EDGES = [
    "", " ", "0", "1", "9", "12", "31", "2026", "1900", "-", "+", ".", ",", ":", "/",
    "T", "e", "NaN", "true", "'", "\u0661", "\u00a0", "\n", "\ufeff",
]  # fmt: skip
TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    st.lists(st.sampled_from(EDGES), max_size=9).map("".join),
    st.dates(date(1850, 1, 1), date(2250, 1, 1)).map(str),
    st.dates().map(lambda it: f"{it:%d.%m.}{it.year:04}"),
    st.datetimes().map(lambda it: it.isoformat(" ", "seconds")),
    st.decimals(allow_nan=True, allow_infinity=True).map(str),
    st.integers().map(str),
    st.floats().map(str),
    st.times().map(lambda it: it.isoformat("minutes")),
)
BLANKS = " \t\n\r\u00a0\u200b\ufeff"


def as_day(text: str, form: str) -> date | None:
    try:
        # A day may have a midnight behind it, and nothing else.
        day, _, rest = text.replace("T", " ").partition(" ")
        found = datetime.strptime(day, form).date()
    except ValueError:
        return None
    is_plain = day == f"{found.year:04}".join(
        found.strftime(form.replace("%Y", "|")).split("|")
    )
    is_midnight = not rest or re.fullmatch(r"00:00(:00(\.0{1,6})?)?", rest)
    return found if is_plain and is_midnight and text.isascii() else None


def as_number(text: str, thousands: str, decimal: str) -> Decimal | None:
    group = re.escape(thousands)
    whole = rf"(\d*|\d{{1,3}}({group}\d{{3}})+)" if thousands else r"\d*"
    if not re.fullmatch(rf"[-+]?{whole}{re.escape(decimal)}?\d*", text, re.ASCII):
        return None
    plain = text.replace(thousands, "") if thousands else text
    try:
        number = Decimal(plain.replace(decimal, "."))
    except InvalidOperation:
        return None
    # numeric(14, 2) rounds before it looks whether a number fits.
    is_held = len(text) < 40 and abs(number) < Decimal("999999999999.995")
    return number if is_held else None


PYTHON: dict[str, Any] = {
    "day": lambda it: as_day(it, "%Y-%m-%d"),
    "day_de": lambda it: as_day(it, "%d.%m.%Y"),
    "number": lambda it: as_number(it, "", "."),
    "german": lambda it: as_number(it, ".", ","),
    "whole": lambda it: int(it) if re.fullmatch(r"[-+]?[0-9]{1,9}", it) else None,
}
"""How Python reads a text of a column; None if it does not."""


@pytest.fixture(scope="module")
def probe(staged: Home) -> Iterator[psycopg.Connection]:
    """A raw table of its own for the SQL of the staging model."""
    with open_warehouse(staged.settings).connect() as connection:
        connection.autocommit = True
        connection.execute(
            "create temporary table probe (like raw_hostile.values including all)"
        )
        yield connection


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(TEXTS, min_size=1, max_size=40))
def test_any_text_is_read_as_python_reads_it_or_is_a_fault(
    staged: Home, probe: psycopg.Connection, texts: list[str]
) -> None:
    [compiled] = (staged.settings.dbt_home).rglob("compiled/**/stg_hostile__values.sql")
    sql = compiled.read_text().replace('"postgres"."raw_hostile"."values"', "probe")
    probe.execute("truncate probe")
    with probe.cursor() as cursor:
        cursor.executemany(
            f"insert into probe (value_id, {', '.join(PYTHON)}, _batch_id,"
            " _row_number, _row_hash, _as_of, _is_deleted) values"
            f" (%s, {', '.join(['%s'] * len(PYTHON))}, 1, 1, 1, now(), false)",
            [(number, *[it] * len(PYTHON)) for number, it in enumerate(texts)],
        )
    found = probe.execute(
        f"select value_id, {', '.join(PYTHON)}, jsonb_path_query_array("
        f"_faults, '$[*].column') from ({sql}) as typed".encode()
    )
    for number, *values, faults in found:
        text = texts[int(number)].strip(BLANKS)
        for (column, read), value in zip(PYTHON.items(), values, strict=True):
            assert value == read(text), (column, text)
            is_fault = bool(text) and read(text) is None
            assert (column in (faults or [])) >= is_fault, (column, text)
