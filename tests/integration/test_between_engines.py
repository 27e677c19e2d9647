"""What goes between the warehouse and Spark's workers, without Spark."""

import json
import threading
from datetime import date, datetime, time
from decimal import Decimal
from urllib.parse import quote

import psycopg
import pytest

pa = pytest.importorskip("pyarrow")

from orchestration import dbt  # noqa: E402
from orchestration.settings import Settings  # noqa: E402
from orchestration.spark.carrying import built, carried  # noqa: E402
from orchestration.spark.reach import reach_of  # noqa: E402
from orchestration.spark.workers import answers, write_part  # noqa: E402
from orchestration.warehouse import Role  # noqa: E402
from tests.servers import DATABASE, OWNER, Server  # noqa: E402

TEXTS = (
    "", None, "a", " ", '"', '""', "a,b", "line\nbreak", "\r\n", "\\.", "\\N", "NULL",
    "null", "t", "äß東京😀", "\t", "'", "x" * 100_000,
)  # fmt: skip
TYPES = {
    "a": "text",
    "b": "bigint",
    "c": "numeric(18,4)",
    "d": "date",
    "e": "timestamp",
    "f": "boolean",
    "g": "integer",
    "h": "time",
    "i": "jsonb",
}
FAULTS = [{"column": "a", "value": 'O"B\\ [1]\n', "reason": "is\tno date"}]
ROWS = [
    ("a", -(2**63), Decimal("-12345678901234.5678"), date(1900, 1, 1),
     datetime(2199, 12, 31, 23, 59, 59, 999999), True, 2**31 - 1,
     time(23, 59, 59, 500000), FAULTS),
    ("", 0, Decimal("0.0000"), date(2026, 2, 28), datetime(2026, 1, 1), False, 0,
     time(9, 5), []),
    (None,) * 9,
]  # fmt: skip
TIMES = {time(23, 59, 59, 500000): "23:59:59.5", time(9, 5): "9:05"}
"""As a source may write them."""


@pytest.fixture
def conninfo(settings, warehouse):  # noqa: ARG001 (which has to run)
    return reach_of(settings, Role.TRANSFORMER).conninfo


@pytest.fixture
def place(warehouse):
    """A table that waits for parts, and the one that notes them."""
    with warehouse.connect(Role.TRANSFORMER) as connection:
        connection.execute(
            "create table candidate.arriving_x_0 ("
            + ", ".join(f"{name} {kind}" for name, kind in TYPES.items())
            + "); create table candidate.arriving_x"
            " (arrival text, part integer, primary key (arrival, part))"
        )
        connection.commit()
        yield connection
        connection.rollback()
        connection.execute("drop table candidate.arriving_x, candidate.arriving_x_0")


def on_spark(value):
    """A value as Spark has it, of times and JSON as a text."""
    if isinstance(value, list):
        return json.dumps(value)
    return TIMES.get(value, value)


def batches():
    """The rows as Spark's workers have them, in two batches."""
    kinds = [
        pa.string(), pa.int64(), pa.decimal128(18, 4), pa.date32(), pa.timestamp("us"),
        pa.bool_(), pa.int32(), pa.string(), pa.string(),
    ]  # fmt: skip
    for rows in (ROWS[:1], ROWS[1:]):
        yield pa.RecordBatch.from_arrays(
            [
                pa.array(map(on_spark, values), kind)
                for values, kind in zip(zip(*rows, strict=True), kinds, strict=True)
            ],
            list(TYPES),
        )


def test_what_gates_publication_and_people_read_is_carried(settings):
    manifest = dbt.manifest(settings)
    tables = built(manifest)
    found = {it.full_name for it in carried(tables, dbt.source_systems(settings))}
    assert "intermediate.admissions" in {it.full_name for it in tables} - found
    marts = {f"candidate.{it.name}" for it in dbt.marts(manifest)}
    assert marts - {"candidate.publication"} <= found
    assert {
        "quarantine.accounting",
        "quarantine.quarantined_rows",
        "intermediate.source_systems",
        "staging.stg_his__bills",
    } <= found


def test_texts_arrive_as_they_are(warehouse, conninfo):
    with warehouse.connect() as connection:
        values = ", ".join(["(%s::bigint, %s)"] * len(TEXTS))
        numbered = [it for pair in enumerate(TEXTS) for it in pair]
        question = psycopg.ClientCursor(connection).mogrify(
            f"select * from (values {values}) as given (n, a) order by n", numbered
        )
    found = list(answers(conninfo, question, ["bigint", "text"], ["n", "a"]))
    assert [it for batch in found for it in batch.column(1).to_pylist()] == list(TEXTS)


def test_moments_and_truths_arrive_as_they_are(conninfo):
    question = (
        "select timestamp '2026-03-29 02:30:00.000001', true,"
        " timestamptz '2026-01-01 00:00:00.5+02' at time zone 'UTC', null::timestamp"
    )
    naive, aware = "timestamp without time zone", "timestamp with time zone"
    (batch,) = answers(
        conninfo, question, [naive, "boolean", aware, naive], list("abcd")
    )
    moment, truth, instant, nothing = (it[0].as_py() for it in batch.columns)
    assert moment == datetime(2026, 3, 29, 2, 30, 0, 1)
    assert truth is True
    assert instant.isoformat() == "2025-12-31T22:00:00.500000+00:00"
    assert nothing is None


def test_no_rows_are_no_batches(conninfo):
    assert list(answers(conninfo, "select 1 where false", ["integer"], ["a"])) == []


def test_a_part_that_is_tried_twice_is_written_once(place, conninfo):
    tries = [
        write_part(conninfo, "arriving_x_0", "arriving_x", 3, list(TYPES.values()), it)
        for it in (batches(), batches())
    ]
    assert tries == [len(ROWS), len(ROWS)]
    assert place.execute("select * from candidate.arriving_x_0").fetchall() == ROWS


def test_a_try_that_breaks_leaves_the_part_to_the_next(place, conninfo):
    def broken():
        yield next(batches())
        raise ConnectionResetError

    arguments = (conninfo, "arriving_x_0", "arriving_x", 0, list(TYPES.values()))
    with pytest.raises(ConnectionResetError):
        write_part(*arguments, broken())
    assert write_part(*arguments, batches()) == len(ROWS)
    assert place.execute("select * from candidate.arriving_x_0").fetchall() == ROWS


def test_two_tries_at_the_same_time_write_a_part_once(place, conninfo):
    arguments = (conninfo, "arriving_x_0", "arriving_x", 0, list(TYPES.values()))
    tries = [
        threading.Thread(target=write_part, args=(*arguments, batches()))
        for _ in range(8)
    ]
    for it in tries:
        it.start()
    for it in tries:
        it.join()
    assert place.execute("select * from candidate.arriving_x_0").fetchall() == ROWS


def test_what_a_killed_refresh_sends_late_has_no_place(conninfo):
    with pytest.raises(psycopg.errors.UndefinedTable):
        write_part(conninfo, "arriving_y_0", "arriving_y", 0, ["text"], batches())


def test_a_server_asks_whether_a_worker_is_still_there(tmp_path):
    """Or the note of a part, which a vanished worker did not end, holds up the next."""
    server = Server()
    try:
        with server.superuser() as connection:
            connection.execute(f'create role {Role.TRANSFORMER} role "{OWNER}"')
        settings = Settings(
            home=tmp_path,
            database_url=f"postgresql://{quote(OWNER)}@127.0.0.1:{server.port}/{DATABASE}",
            database_password=server.owners_password,
            _env_file=None,
        )
        conninfo = reach_of(settings, Role.TRANSFORMER).conninfo
        with psycopg.connect(conninfo) as worker:
            asked = [
                worker.execute(f"show tcp_keepalives_{it}").fetchone()[0]
                for it in ("idle", "interval", "count")
            ]
        assert asked == ["30", "10", "3"]
    finally:
        server.stop()
