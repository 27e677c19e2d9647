"""A hospital's PostgreSQL: its texts as they are, its faults, and a night of it."""

import os
import re
import signal
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import psycopg
import pytest

from orchestration.extracts.contract import Column, ExtractContract
from orchestration.extracts.database.faults import SourceFaultError
from orchestration.extracts.database.landing import land_table
from orchestration.extracts.database.snapshot import snapshot_of
from orchestration.warehouse import open_warehouse
from tests.acceptance.test_reference_figures import as_text
from tests.conftest import Home, remove_home
from tests.databases.nightly import VISITS, landed, of_postgres, told
from tests.databases.test_mariadb_refresh import AS_OF, DUMPS, MEASURES, expected

VALUES = {
    "an_int": ("bigint", "-9007199254740993", "-9007199254740993"),
    "a_flag": ("boolean", "true", "t"),
    "money": ("numeric", "1234567.50", "1234567.50"),
    "measured": ("double precision", "0.1", "0.1"),
    "born": ("date", "'1903-02-17'", "1903-02-17"),
    "seen": ("timestamp", "'2026-03-29 02:30:00.125'", "2026-03-29 02:30:00.125"),
    "zoned": ("timestamptz", "'2026-06-01 10:00:00+02'", "2026-06-01 08:00:00"),
    "clock": ("time", "'01:02:03'", "01:02:03"),
    "facts": ("jsonb", "'{\"a\": [1, null]}'", '{"a": [1, null]}'),
    "photo": ("bytea", r"'\x00ff5c0a'", r"\x00ff5c0a"),
    "many": ("text[]", "array['a', 'b,c']", '{a,"b,c"}'),
    "note": (
        "text",
        r"E'tab\there, \\N, \r\n end \\.'",
        "tab\there, \\N, \r\n end \\.",
    ),
    "name": ("varchar(40)", "'Иванова 😀 ü'", "Иванова 😀 ü"),
    "Mixed Case": ("text", "'kept apart'", None),
    "nothing": ("text", "null", None),
    "empty": ("text", "''", None),
    "order": ("int", "7", "7"),
}


def test_every_type_lands_as_the_server_writes_it(warehouse, postgres):
    columns = ", ".join(f'"{name}" {kind}' for name, (kind, *_) in VALUES.items())
    values = ", ".join(value for _, value, _ in VALUES.values())
    with postgres() as owner:
        owner.execute(f"create schema his; create table his.t ({columns})".encode())
        owner.execute(f"insert into his.t values ({values})".encode())
        owner.execute(f"alter database {postgres.name} set timezone to 'UTC'".encode())
    known = {name: text for name, (*_, text) in VALUES.items() if name.islower()}
    contract = ExtractContract(
        "clinic", "t", tuple(map(Column, known)), "t.csv", database_table="his.t"
    )
    source = of_postgres(warehouse, postgres.name)
    with landed(warehouse, source, contract) as (facts, rows):
        assert dict(zip(known, rows[0], strict=True)) == known
        assert facts.extras == {"_extra_1": "mixed case"}
        assert facts.place.endswith(f"{postgres.name}/his.t")


def test_bytes_of_another_encoding_are_set_aside(warehouse, postgres):
    name = f"{postgres.name}_ascii"
    with warehouse.connect() as owner:
        owner.autocommit = True
        owner.execute(
            f"create database {name} encoding 'SQL_ASCII' template template0"
            " locale 'C'".encode()
        )
    there = psycopg.conninfo.make_conninfo(warehouse.conninfo, dbname=name)
    with psycopg.connect(there, autocommit=True) as owner:
        owner.execute("create table notes (id int, note text)")
        owner.execute(
            "insert into notes values (1, 'sound'), (2, E'M\\374ller'), (3, 'too')"
        )
    contract = ExtractContract(
        "clinic", "notes", (Column("id"), Column("note")), "n.csv", key=("id",)
    )
    with landed(warehouse, of_postgres(warehouse, name), contract) as (facts, rows):
        assert rows == [("1", "sound"), ("3", "too")]
        assert (facts.rows_landed, facts.rows_malformed) == (2, 1)
    with warehouse.connect() as connection:
        assert connection.execute(
            "select row_number, reason, row_text from landing.malformed_rows"
            " where table_name = 'notes'"
        ).fetchall() == [(2, "byte 0xfc is not utf-8", "2\tM\\xfcller")]


CHANGES = {
    "a lost table": ("drop table visits", "expected a table or view of this name"),
    "another type": (
        "alter table visits alter seen_at type boolean using true",
        "expected timestamp in seen_at, found bool",
    ),
    "a lost column": ("alter table visits drop column ward", "with ward; found"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_changed_table_is_refused_and_the_others_go_on(
    postgres_clinic, postgres, what
):
    statement, sentence = CHANGES[what]
    with postgres() as owner:
        owner.execute(statement)
    outcomes = postgres_clinic.night(date(2026, 3, 31))
    assert sentence in told(outcomes["visits"])
    assert not outcomes["wards"].is_rejected


def test_a_slow_query_is_given_up_and_the_others_go_on(postgres_clinic):
    slow = replace(VISITS, query="select *, pg_sleep(3) as nap from visits")
    clinic = postgres_clinic.by(
        source=replace(postgres_clinic.source, timeout_seconds=1),
        contracts=[slow, postgres_clinic.contracts[1]],
    )
    outcomes = clinic.night(date(2026, 3, 31))
    assert "not read to its end within 1 seconds" in told(outcomes["visits"])
    assert not outcomes["wards"].is_rejected


def test_a_server_that_says_nothing_is_given_up(postgres_clinic):
    source = replace(postgres_clinic.source, timeout_seconds=1)
    slow = replace(VISITS, query="select *, pg_sleep(9) as nap from visits")
    with (
        snapshot_of(source) as snapshot,
        postgres_clinic.warehouse.connect() as connection,
    ):
        process = int(str(snapshot.value("select pg_backend_pid()", "the server")))
        os.kill(process, signal.SIGSTOP)
        try:
            with pytest.raises(SourceFaultError, match="within 1 seconds"):
                land_table(connection, slow, snapshot, "the table")
        finally:
            os.kill(process, signal.SIGCONT)


def test_a_session_that_is_ended_is_told_as_lost(postgres_clinic):
    with (
        snapshot_of(postgres_clinic.source) as snapshot,
        postgres_clinic.warehouse.connect() as connection,
    ):
        process = snapshot.value("select pg_backend_pid()", "the server")
        connection.execute("select pg_terminate_backend(%s)", [process])
        with pytest.raises(SourceFaultError, match="the connection was lost") as told:
            land_table(connection, VISITS, snapshot, "the table")
        assert told.value.is_unreachable


def test_a_login_that_is_refused_is_not_called_unreachable(postgres_clinic):
    url = postgres_clinic.source.url.set(username="nobody_here", password="PLANTED")
    outcomes = postgres_clinic.by(
        source=replace(postgres_clinic.source, url=url)
    ).night()
    assert "the database refused the login" in told(outcomes["wards"])
    assert "PLANTED" not in told(outcomes["wards"])
    url = postgres_clinic.source.url.set(database="no_such_hospital")
    outcomes = postgres_clinic.by(
        source=replace(postgres_clinic.source, url=url)
    ).night()
    assert "the server has no such database" in told(outcomes["wards"])


def in_postgres(dump: Path) -> str:
    """The tables and rows of a MySQL dump in PostgreSQL's words, without its views."""
    text = dump.read_text()
    for theirs, ours in (
        (r"\A.*?\buse \w+;", ""),
        (r"\bdrop view\b.*", ""),
        (r"^#[^\n]*", ""),
        (
            r"\bprimary key auto_increment\b",
            "generated by default as identity primary key",
        ),
        (r"\bdatetime\b", "timestamp"),
        (r"'((?:[^'\\]|\\.)*)'", r"E'\1'"),
    ):
        text = re.sub(
            theirs, ours, text, flags=re.IGNORECASE | re.MULTILINE | re.DOTALL
        )
    return text


@pytest.fixture(scope="module", params=DUMPS)
def refreshed(request) -> Iterator[tuple[Home, str]]:
    """A home whose system is read from another database of its embedded server."""
    dump, database = request.param
    home = Home()
    warehouse = open_warehouse(home.settings)
    with warehouse.connect() as owner:
        owner.autocommit = True
        owner.execute(f'create database "{database}"'.encode())
    there = psycopg.conninfo.make_conninfo(warehouse.conninfo, dbname=database)
    with psycopg.connect(there) as owner:
        owner.execute(in_postgres(dump).encode())
    source = of_postgres(warehouse, database)
    home.refresh(
        WARDLINE_SOURCE_URL__RESOURCE_UTILIZATION=(
            source.url.render_as_string(hide_password=False)
        )
    )
    yield home, database
    remove_home(home.path)


@pytest.mark.parametrize("figure", MEASURES, ids=[it["measure"] for it in MEASURES])
def test_a_figure_is_the_databases_own(refreshed, figure):
    home, database = refreshed
    assert as_text(home.rows(figure["sql"])) == expected(figure, database)


def test_every_row_is_accounted_for(refreshed):
    home, database = refreshed
    assert home.rows(
        "select count(*), bool_and(rows_received = rows_appended + rows_unchanged"
        " + rows_malformed), min(as_of) from ops.batches where status = 'accepted'",
        None,
    ) == [(7, True, AS_OF[database])]


def test_a_text_is_the_servers_own(refreshed):
    home, database = refreshed
    name = {
        "hospital_fixture": "Ana\tTab\\Backslash",
        "hospital_dashboard_M": "Anita Sharma",
    }[database]
    assert home.rows(
        "select patient_name from raw_resource_utilization.patients"
        " where patient_id = '2'",
        None,
    ) == [(name,)]
