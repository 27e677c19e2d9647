"""Databases other than MySQL and PostgreSQL: SQLite runs here, two others' SQL is read.

No SQL Server and no Oracle runs where the tests run: what would be sent to them is held
to what their manuals say, and their drivers' faults to the kinds they are.
"""

import datetime as dt
import sqlite3
from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import make_url
from sqlalchemy.dialects import mssql, mysql, oracle, postgresql

from orchestration.extracts.contract import Column, ExtractContract
from orchestration.extracts.database.faults import of_mysql, of_sqlstate
from orchestration.extracts.database.other import kind_of, text_of
from orchestration.extracts.database.selects import SESSIONS, columns_of, rows_of
from orchestration.extracts.database.source import SourceDatabase, with_driver
from orchestration.extracts.errors import ExtractRefusedError
from tests.databases.nightly import VISITS, landed

LATE = dt.datetime(2026, 3, 31, 22, 0, 0, 250_000)
DELTA = replace(
    VISITS, mode="delta", watermark="seen_at", watermark_overlap_hours=1.5,
    database_table="dbo.Visits",
)  # fmt: skip
QUERY = replace(DELTA, database_table="", query=" select a.* from a where t = '10:30' ")


@pytest.mark.parametrize(
    ("dialect", "select"),
    [
        (
            mysql.dialect(),
            "select x from dbo.`Visits` where seen_at >= '2026-03-31 20:30:00'"
            " or seen_at is null",
        ),
        (
            postgresql.dialect(),
            "select x from dbo.\"Visits\" where seen_at >= '2026-03-31 20:30:00'"
            " or seen_at is null",
        ),
        (
            mssql.dialect(),
            "select x from dbo.[Visits] where seen_at >="
            " convert(datetime2, '2026-03-31T20:30:00', 126) or seen_at is null",
        ),
        (
            oracle.dialect(),
            'select x from dbo."Visits" where seen_at >='
            " TO_DATE('2026-03-31 20:30:00', 'YYYY-MM-DD HH24:MI:SS')"
            " or seen_at is null",
        ),
    ],
    ids=["mysql", "postgresql", "sqlserver", "oracle"],
)
def test_the_select_of_a_delta(dialect, select):
    assert rows_of(DELTA, dialect, ["x"], "seen_at", LATE) == select
    source = select.split(" where ")[0].removeprefix("select x from ")
    assert columns_of(DELTA, dialect) == f"select * from {source} where 1 = 0"
    # The first read has no moment to go on from.
    assert rows_of(DELTA, dialect, ["x"], "seen_at", None) == f"select x from {source}"


@pytest.mark.parametrize("dialect", [mssql.dialect(), oracle.dialect()])
def test_a_query_is_read_as_it_stands(dialect):
    assert rows_of(QUERY, dialect, ["a", "b"]) == (
        "select a, b from (select a.* from a where t = '10:30') source_query"
    )


def test_each_product_is_asked_for_one_moment_without_writing():
    assert SESSIONS["mysql"] == SESSIONS["mariadb"]
    assert SESSIONS["mysql"][-1] == (
        "start transaction with consistent snapshot, read only"
    )
    assert SESSIONS["postgresql"] == (
        "begin isolation level repeatable read read only",
    )
    assert SESSIONS["oracle"] == ("set transaction read only",)
    assert SESSIONS["mssql"] == ("set transaction isolation level snapshot",)


@pytest.mark.parametrize(
    ("url", "driver", "address"),
    [
        ("mysql://u:p@h:3306/d", "mysql+pymysql", "mysql://h:3306/d"),
        ("mariadb://u@h/d?ssl_ca=/ca", "mariadb+pymysql", "mariadb://h/d"),
        ("postgres://u:p@h/d", "postgresql+psycopg", "postgresql://h/d"),
        ("mssql+pyodbc://u:p@h/d?driver=x", "mssql+pyodbc", "mssql://h/d"),
        ("oracle+oracledb://u:p@h/?service_name=s", "oracle+oracledb", "oracle://h"),
    ],
)
def test_an_address_has_no_login_and_a_driver_that_is_there(url, driver, address):
    source = SourceDatabase("clinic", with_driver(make_url(url)))
    assert (source.url.drivername, source.address) == (driver, address)
    assert "u:" not in repr(source)
    assert source.place(VISITS) == f"{address}/visits"


class DriverError(Exception):
    """As drivers raise it: with a code, and words that may hold anything."""


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (DriverError("ORA-00942: table or view does not exist"), "table"),
        (DriverError("ORA-01017: invalid username/password"), "login"),
        (DriverError("ORA-12541: TNS:no listener"), "unreachable"),
        (DriverError("ORA-03113: end-of-file on communication channel"), "lost"),
        (DriverError("ORA-01555: snapshot too old"), "changed"),
        (DriverError("ORA-01031: insufficient privileges"), "permission"),
        (DriverError("42S02", "[42S02] Invalid object name 'PLANTED'"), "table"),
        (DriverError("28000", "[28000] Login failed for user 'PLANTED'"), "login"),
        (DriverError("08001", "[08001] TCP Provider: no connection"), "unreachable"),
        (DriverError("HYT00", "[HYT00] Query timeout expired"), "slow"),
        (DriverError("08S01", "[08S01] Communication link failure"), "lost"),
        (DriverError("PLANTED value"), "other"),
    ],
)
def test_a_drivers_fault_is_of_a_kind_and_its_words_stay_behind(fault, kind):
    found, code = kind_of(fault)
    assert found == kind
    assert "PLANTED" not in code


def test_faults_that_no_list_has_are_told_by_their_code():
    assert (of_mysql(4242), of_sqlstate("XX000")) == ("other", "other")
    assert (of_mysql(1146), of_sqlstate("42P01")) == ("table", "table")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None),
        (True, "true"),
        (False, "false"),
        (7, "7"),
        (1e-07, "0.0000001"),
        (0.1, "0.1"),
        (Decimal("1E+3"), "1000"),
        (Decimal("12.340"), "12.340"),
        (dt.date(2026, 3, 1), "2026-03-01"),
        (dt.datetime(2026, 3, 1, 4, 5), "2026-03-01 04:05:00"),
        (dt.datetime(2026, 3, 1, 4, 5, 6, 7), "2026-03-01 04:05:06.000007"),
        (dt.datetime(2026, 3, 1, 4, tzinfo=dt.UTC), "2026-03-01 04:00:00"),
        (dt.time(4, 5), "04:05:00"),
        (dt.timedelta(hours=25, seconds=1), "25:00:01"),
        (-dt.timedelta(minutes=1), "-00:01:00"),
        (b"\x00\xff", "00ff"),
        ("Müller\t\\", "Müller\t\\"),
    ],
)
def test_a_value_becomes_a_text_that_staging_reads(value, text):
    assert text_of(value) == (None if text is None else text.encode())


def test_a_day_that_a_driver_gives_as_a_moment_stays_a_day():
    assert text_of(dt.datetime(2026, 3, 1), is_date=True) == b"2026-03-01"


@pytest.fixture
def lite(tmp_path):
    """A database in a file, as SQLAlchemy reads any other."""
    file = tmp_path / "clinic.db"
    with sqlite3.connect(file) as made:
        made.executescript(
            "create table visits (visit_id integer, ward varchar(9), seen_at datetime,"
            " photo blob, share float);"
            "insert into visits values"
            " (1, 'A\tB', '2026-03-31 08:00:00', x'00ff', 1e-7),"
            " (2, null, '2026-03-31 09:00:00', null, 3);"
        )
    return SourceDatabase("clinic", make_url(f"sqlite:///{file}"))


def test_a_table_is_read_by_sqlalchemy_from_end_to_end(warehouse, lite):
    columns = (*VISITS.columns, Column("photo"), Column("share", "numeric"))
    with landed(warehouse, lite, replace(VISITS, columns=columns)) as (facts, rows):
        assert rows == [
            ("1", "A\tB", "2026-03-31 08:00:00", "00ff", "0.0000001"),
            ("2", None, "2026-03-31 09:00:00", None, "3.0"),
        ]
        assert (facts.rows_landed, facts.rows_malformed) == (2, 0)


def test_its_types_and_tables_are_held_to_the_contract_too(warehouse, lite):
    columns = (Column("visit_id", "date"), Column("ward"), Column("seen_at"))
    for changed, sentence in (
        (replace(VISITS, columns=columns), "expected date in visit_id, found integer"),
        (ExtractContract("clinic", "gone", columns), "answered with an error"),
    ):
        with (
            pytest.raises(ExtractRefusedError, match=sentence),
            landed(warehouse, lite, changed),
        ):
            pass
