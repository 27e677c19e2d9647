"""One moment for all tables, the moment a read speaks for, and deltas by watermark."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from orchestration.extracts.contract import Column, DeletedMarker, ExtractContract
from orchestration.extracts.database.landing import land_table
from orchestration.extracts.database.snapshot import snapshot_of
from tests.databases.nightly import VISITS, WARDS, Nightly, told
from tests.mariadb import READER, needs_mariadb

IN_THE_NIGHT = datetime(2026, 4, 1, 3, 4, 5)
END_OF_MARCH = datetime(2026, 3, 31, 23, 59, 59)
WRITES = (
    "delete from wards where ward = 'B'",
    "update visits set ward = 'A'",
    "insert into wards values ('C', 5)",
)


@pytest.mark.parametrize(
    "kind",
    [pytest.param("clinic", marks=needs_mariadb), "postgres_clinic"],
)
def test_all_tables_are_read_at_one_moment_whoever_writes_meanwhile(kind, request):
    clinic: Nightly = request.getfixturevalue(kind)
    with (
        snapshot_of(clinic.source) as snapshot,
        clinic.warehouse.connect() as connection,
    ):
        connection.autocommit = True
        first = land_table(connection, VISITS, snapshot, "visits")
        if kind == "clinic":
            database = clinic.source.url.database
            request.getfixturevalue("mariadb").run(*WRITES, database=database)
        else:
            with request.getfixturevalue("postgres")() as writer:
                for statement in WRITES:
                    writer.execute(statement)
        land_table(connection, WARDS, snapshot, "wards")
        again = land_table(connection, VISITS, snapshot, "visits")
        wards = connection.execute("select ward from landing.clinic__wards").fetchall()
    assert wards == [("A",), ("B",)]
    assert again.content_sha256 == first.content_sha256
    clinic.night()
    assert clinic.current("wards", "ward, beds") == [("A", "12"), ("C", "5")]


@pytest.mark.parametrize(
    "kind",
    [pytest.param("clinic", marks=needs_mariadb), "postgres_clinic"],
)
def test_the_session_cannot_write(kind, request):
    clinic: Nightly = request.getfixturevalue(kind)
    if kind == "clinic":  # by rights it could
        database = clinic.source.url.database
        request.getfixturevalue("mariadb").run(
            f"grant all on {database}.* to {READER}@'%'"
        )
    with (
        snapshot_of(clinic.source) as snapshot,
        pytest.raises(Exception, match="database answered with an error"),
    ):
        snapshot.value("delete from wards", "wards")


def asked(clinic: Nightly, query: str) -> Nightly:
    return clinic.by(
        contracts=[replace(it, as_of_query=query) for it in clinic.contracts]
    )


@pytest.mark.parametrize(
    ("query", "moment"),
    [
        ("select cast('2026-04-01 03:04:05' as datetime)", IN_THE_NIGHT),
        ("select max(cast(seen_at as date)) from visits", END_OF_MARCH),
        ("select '2026-03-31'", END_OF_MARCH),
    ],
)
@needs_mariadb
def test_the_source_says_what_moment_it_speaks_for(clinic, query, moment):
    night = asked(clinic, query).night()
    assert [it.batches[0].as_of for it in night.values()] == [moment, moment]
    asked_for = asked(clinic, query).night(date(2026, 4, 2))
    assert asked_for["wards"].batches[0].as_of == datetime(2026, 4, 2, 23, 59, 59)


def test_postgres_says_it_too(postgres_clinic):
    query = "select timestamptz '2026-04-01 03:04:05+00' at time zone 'UTC'"
    night = asked(postgres_clinic, query).night()
    assert night["wards"].batches[0].as_of == IN_THE_NIGHT


@pytest.mark.parametrize(
    "query",
    ["select max(seen_at) from visits where false", "select 'PLANTED'", "select 7"],
)
@needs_mariadb
def test_an_answer_that_is_no_moment_refuses_the_night(clinic, query):
    for outcome in asked(clinic, query).night().values():
        assert "expected one moment or day of 1900 to 2199 from as_of_query" in told(
            outcome
        )
        assert "PLANTED" not in told(outcome)


@needs_mariadb
def test_without_a_query_the_latest_activity_is_the_moment(clinic):
    night = clinic.night()
    assert night["wards"].batches[0].as_of == datetime(2026, 3, 31, 9, 30)


CHANGED = ExtractContract(
    source_system="clinic",
    table="visits",
    columns=(
        Column("visit_id", "integer"),
        Column("ward"),
        Column("changed_at", "timestamp"),
    ),
    file="visits.csv",
    key=("visit_id",),
    mode="delta",
    watermark="changed_at",
    watermark_overlap_hours=2,
    as_of_query="select said_at from clock",
)


@pytest.fixture(
    params=[pytest.param("mariadb", marks=needs_mariadb), "postgres"],
)
def feed(request):
    """A table read by its watermark, and a way to change it in the source."""
    kind = "clinic" if request.param == "mariadb" else "postgres_clinic"
    clinic: Nightly = request.getfixturevalue(kind)

    def run(*statements: str) -> None:
        if request.param == "mariadb":
            database = clinic.source.url.database
            request.getfixturevalue("mariadb").run(*statements, database=database)
        else:
            with request.getfixturevalue("postgres")() as writer:
                for statement in statements:
                    writer.execute(statement)

    moment = "datetime" if request.param == "mariadb" else "timestamp with time zone"
    run(
        "drop table visits",
        f"create table visits (visit_id int primary key, ward varchar(40),"
        f" changed_at {moment})",
        f"create table clock (said_at {moment.removesuffix(' with time zone')})",
        "insert into clock values ('2026-03-30 23:00:00')",
        "insert into visits values (1, 'A', '2026-03-29 10:00:00'),"
        " (2, 'B', '2026-03-30 21:00:00'), (3, 'C', '2026-03-30 22:30:00'),"
        " (4, 'undated', null)",
    )
    return clinic.by(contracts=[CHANGED]), run


def counts(clinic: Nightly) -> tuple[int, int, int]:
    outcome = clinic.night()["visits"]
    assert not outcome.is_rejected, told(outcome)
    return tuple(
        outcome.total(f"rows_{it}") for it in ("received", "appended", "unchanged")
    )


def test_a_delta_reads_on_from_what_raw_has_with_an_overlap(feed):
    clinic, run = feed
    assert counts(clinic) == (4, 4, 0)

    # The next night: two in the overlap and the undated again, one new, one corrected
    # late within the overlap, one changed without its watermark, which nobody sees.
    run(
        "update clock set said_at = '2026-03-31 23:00:00'",
        "insert into visits values (5, 'D', '2026-03-31 12:00:00'),"
        " (6, 'late', '2026-03-30 20:45:00')",
        "update visits set ward = 'B2', changed_at = '2026-03-31 08:00:00'"
        " where visit_id = 2",
        "update visits set ward = 'unseen' where visit_id = 1",
    )
    assert counts(clinic) == (5, 3, 2)
    assert clinic.current() == [
        ("1", "A"), ("2", "B2"), ("3", "C"), ("4", "undated"), ("5", "D"),
        ("6", "late"),
    ]  # fmt: skip

    # A slip into the future must not hide what comes after it.
    run(
        "update clock set said_at = '2026-04-01 23:00:00'",
        "insert into visits values (7, 'E', '2062-04-01 12:00:00')",
    )
    assert counts(clinic) == (3, 1, 2)
    run(
        "update clock set said_at = '2026-04-02 23:00:00'",
        "insert into visits values (8, 'F', '2026-04-02 12:00:00')",
        "delete from visits where visit_id = 5",
    )
    assert counts(clinic) == (3, 1, 2)
    assert ("8", "F") in clinic.current()
    # What a delta does not mention stays as it was.
    assert ("5", "D") in clinic.current()


def test_a_delta_that_was_refused_is_read_by_the_next_night(feed):
    clinic, run = feed
    counts(clinic)
    run(
        "update clock set said_at = '2026-03-31 23:00:00'",
        "insert into visits values (5, 'D', '2026-03-31 12:00:00')",
        "alter table visits rename to hidden",
    )
    assert clinic.night()["visits"].is_rejected
    run(
        "alter table hidden rename to visits",
        "update clock set said_at = '2026-04-03 23:00:00'",
    )
    counts(clinic)
    assert ("5", "D") in clinic.current()
    assert clinic.rows(
        "select count(*) from ops.batches as rejected where status = 'rejected'"
        " and not exists (select from ops.batches b where b.batch_id >"
        " rejected.batch_id and rejected.as_of is null)"
    ) == [(0,)]


def test_a_changed_contract_reads_everything_anew(feed):
    clinic, run = feed
    counts(clinic)
    run("update clock set said_at = '2026-03-31 23:00:00'")
    more = replace(CHANGED, deleted_marker=DeletedMarker("ward", ("void",)))
    assert counts(clinic.by(contracts=[more])) == (3, 0, 3)
    wider = replace(more, columns=(*CHANGED.columns, Column("new", is_optional=True)))
    assert counts(clinic.by(contracts=[wider])) == (4, 0, 4)
