"""What lands of a MariaDB table: the server's own texts, and what cannot be one."""

import hashlib
from dataclasses import replace

import pytest
from sqlalchemy import make_url

from orchestration.extracts.contract import Column, ExtractContract
from orchestration.extracts.errors import ExtractRefusedError
from tests.databases.nightly import landed, of_mariadb
from tests.mariadb import needs_mariadb

pytestmark = needs_mariadb

VALUES = {
    "an_int": ("bigint", "-9007199254740993", "-9007199254740993"),
    "a_flag": ("boolean", "true", "1"),
    "bits": ("bit(9)", "b'100000001'", "257"),
    "money": ("decimal(18,4)", "1234567.5", "1234567.5000"),
    "tiny": ("decimal(30,20)", "0.00000000000000000001", "0.00000000000000000001"),
    "measured": ("double", "0.1", "0.1"),
    "born": ("date", "'1903-02-17'", "1903-02-17"),
    "no_day": ("date", "'0000-00-00'", "0000-00-00"),
    "seen": ("datetime(3)", "'2026-03-29 02:30:00.125'", "2026-03-29 02:30:00.125"),
    "clock": ("time", "'-01:02:03'", "-01:02:03"),
    "year_of": ("year", "2026", "2026"),
    "kind": ("enum('x','y')", "'y'", "y"),
    "both": ("set('x','y')", "'x,y'", "x,y"),
    "facts": ("json", "'{\"a\": [1, null]}'", '{"a": [1, null]}'),
    "photo": ("blob", "x'00ff5c0a'", "00FF5C0A"),
    "fixed": ("binary(2)", "x'0102'", "0102"),
    "note": ("text", r"'tab\there, \\N, \r\n end \\.'", "tab\there, \\N, \r\n end \\."),
    "name": ("varchar(40)", "'Иванова 😀 ü'", "Иванова 😀 ü"),
    "latin": ("varchar(9) character set latin1", "'Müß'", "Müß"),
    "nothing": ("varchar(9)", "null", None),
    "empty": ("varchar(9)", "''", None),
    "order": ("int", "7", "7"),
}


def every_type(**changes) -> ExtractContract:
    columns = tuple(Column(name) for name in VALUES)
    return ExtractContract("clinic", "values", columns, "v.csv", **changes)


@pytest.fixture
def filled(mariadb, schema):
    columns = ", ".join(f"`{name}` {kind}" for name, (kind, *_) in VALUES.items())
    values = ", ".join(value for _, value, _ in VALUES.values())
    mariadb.run(
        "set sql_mode = ''",
        f"create table `values` ({columns})",
        f"insert into `values` values ({values})",
        database=schema,
    )
    return of_mariadb(mariadb, schema)


@pytest.mark.parametrize("query", ["", "select * from `values`"])
def test_every_type_lands_as_the_server_writes_it(warehouse, filled, query):
    with landed(warehouse, filled, every_type(query=query)) as (facts, rows):
        assert dict(zip(VALUES, rows[0], strict=True)) == {
            name: text for name, (*_, text) in VALUES.items()
        }
        assert (facts.rows_landed, facts.rows_malformed) == (1, 0)
        assert facts.place == f"{filled.address}/values"
        assert facts.remarks == ()


def test_a_moment_with_a_zone_comes_as_the_session_shows_it(warehouse, mariadb, schema):
    mariadb.run(
        "set time_zone = '+00:00'",
        "create table seen (at timestamp)",
        "insert into seen values ('2026-06-01 08:00:00')",
        database=schema,
    )
    contract = ExtractContract("clinic", "seen", (Column("at"),), "s.csv")
    source = of_mariadb(mariadb, schema)
    asked = "mysql://host/d?init_command=set+time_zone%3D'%2B02:00'"  # as documented
    url = source.url.update_query_dict(make_url(asked).query)
    for one, text in (
        (source, mariadb.run(f"select * from {schema}.seen")[0][0]),
        (replace(source, url=url), "2026-06-01 10:00:00"),
    ):
        with landed(warehouse, one, contract) as (_, rows):
            assert rows == [(str(text),)]


def test_rows_that_are_no_texts_are_set_aside_and_counted(mariadb, schema, warehouse):
    mariadb.run(
        "create table notes (id int primary key, note mediumtext)",
        "insert into notes values (1, 'sound'), (2, concat('nul', char(0), 'l')),"
        " (3, repeat('x', 1048577)), (4, 'sound too')",
        database=schema,
    )
    contract = ExtractContract(
        "clinic", "notes", (Column("id"), Column("note")), "n.csv", key=("id",)
    )
    source = of_mariadb(mariadb, schema)
    with landed(warehouse, source, contract) as (facts, rows):
        assert rows == [("1", "sound"), ("4", "sound too")]
        assert (facts.rows_landed, facts.rows_malformed) == (2, 2)
        assert facts.rows_received == 4
    with warehouse.connect() as connection:
        aside = connection.execute(
            "select row_number, reason, left(row_text, 10) from landing.malformed_rows"
            " where table_name = 'notes' order by 1"
        ).fetchall()
        numbers = connection.execute(
            "select _row_number from landing.clinic__notes order by 1"
        ).fetchall()
    assert aside == [
        (2, "a NUL byte", "2\tnul\\x00l"),
        (3, "longer than 1,048,576 bytes", "3\txxxxxxxx"),
    ]
    assert numbers == [(1,), (4,)]


def test_the_content_is_known_by_its_hash(clinic, mariadb):
    visits = clinic.contracts[0]
    with landed(clinic.warehouse, clinic.source, visits) as (first, _):
        pass
    lines = "visit_id\tward\tseen_at\n1\tA\t2026-03-30 08:00:00\n2\tB"
    content = f"{lines}\t2026-03-31 09:30:00"
    assert first.content_sha256 == hashlib.sha256(content.encode()).hexdigest()
    mariadb.run(
        "update visits set ward = 'C' where visit_id = 2",
        database=clinic.source.url.database,
    )
    with landed(clinic.warehouse, clinic.source, visits) as (second, _):
        assert second.content_sha256 != first.content_sha256


def test_unknown_columns_are_kept_and_missing_ones_refused(clinic, mariadb):
    database = clinic.source.url.database
    visits = clinic.contracts[0]
    mariadb.run("alter table visits add column PHONE int", database=database)
    with landed(clinic.warehouse, clinic.source, visits) as (facts, _):
        assert facts.extras == {"_extra_1": "phone"}
    mariadb.run("alter table visits drop column ward", database=database)
    with (
        pytest.raises(ExtractRefusedError, match="with ward; found visit_id, seen_at"),
        landed(clinic.warehouse, clinic.source, visits),
    ):
        pass


def test_a_table_of_another_schema_is_read_by_its_name(clinic, mariadb, schema):
    mariadb.run(
        "create database other_wing",
        f"create table other_wing.`Visits 2` as select * from {schema}.visits"
        " where visit_id = 2",
    )
    mariadb.let_read("other_wing")
    there = replace(clinic.contracts[0], database_table="other_wing.Visits 2")
    with landed(clinic.warehouse, clinic.source, there) as (facts, rows):
        assert [row[0] for row in rows] == ["2"]
        assert facts.place.endswith("/other_wing.Visits 2")
