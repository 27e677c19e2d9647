"""Publishing merges the candidate: what is equal stays untouched, all or nothing."""

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from expectations import Mart
from orchestration import changes
from orchestration.errors import GateFailedError, WardlineError
from orchestration.publication import publish
from orchestration.warehouse import Role, Warehouse, open_warehouse
from tests.conftest import Home
from tests.published import publish_whole

BEDS = Mart("test_beds", ("ward", "bed"))
FLOW = Mart("test_flow", ("date_day",))


@pytest.fixture
def connection(warehouse: Warehouse) -> Iterator[psycopg.Connection[Any]]:
    with warehouse.connect(Role.TRANSFORMER) as connection:
        connection.autocommit = True
        connection.execute(
            "create table candidate.test_beds (ward text, bed text, occupied integer);"
            "create table candidate.test_flow (date_day date, admissions integer);"
            "insert into candidate.test_beds values"
            " ('A', '1', 1), ('A', '2', 0), (null, null, 3);"
            "insert into candidate.test_flow values ('2026-01-01', 5)"
        )
        yield connection
        connection.execute(
            "drop table candidate.test_beds, candidate.test_flow;"
            "drop table if exists marts.test_beds, marts.test_flow cascade;"
            "drop table if exists history.test_beds, history.test_flow"
        )


def publish_both(
    connection: psycopg.Connection[Any], confirm: Callable[[], Any] = lambda: None
) -> dict[str, tuple[int, ...]]:
    changes.take_up(connection)
    changes.finish(connection)
    merges = publish(
        connection,
        [BEDS, FLOW],
        run_id="run",
        gate_warnings=0,
        is_complete=True,
        keep=14,
        confirm=confirm,
    )
    return {m.mart: (m.updated, m.inserted, m.deleted, m.rows) for m in merges}


def rows(connection: psycopg.Connection[Any], columns: str = "*") -> list[Any]:
    return connection.execute(
        f"select {columns} from marts.test_beds order by ward, bed"
    ).fetchall()


def test_the_first_publication_inserts_everything(connection):
    assert publish_both(connection) == {
        "test_beds": (0, 3, 0, 3),
        "test_flow": (0, 1, 0, 1),
    }


def test_publishing_the_same_again_rewrites_no_row(connection):
    publish_both(connection)
    before = rows(connection, "xmin, ctid, *")
    assert publish_both(connection)["test_beds"] == (0, 0, 0, 3)
    assert rows(connection, "xmin, ctid, *") == before


def test_a_candidate_that_was_built_by_hand_meanwhile_is_not_published(connection):
    publish_both(connection)
    before = rows(connection, "xmin, *")
    connection.execute("update candidate.test_beds set occupied = 4")
    with pytest.raises(GateFailedError, match="start nightly_refresh"):
        publish_both(
            connection,
            lambda: connection.execute("delete from changes._whole_builds"),
        )
    assert rows(connection, "xmin, *") == before


def test_only_what_differs_is_written(connection):
    publish_both(connection)
    connection.execute(
        "update candidate.test_beds set occupied = 4 where ward is null;"
        "delete from candidate.test_beds where bed = '2';"
        "insert into candidate.test_beds values ('B', '1', 1)"
    )
    assert publish_both(connection)["test_beds"] == (1, 1, 1, 3)
    assert rows(connection) == [("A", "1", 1), ("B", "1", 1), (None, None, 4)]


def test_a_failure_in_the_last_mart_leaves_all_as_they_were(connection):
    publish_both(connection)
    connection.execute(
        "update candidate.test_beds set occupied = 9;"
        "alter table candidate.test_flow drop column admissions"
    )
    before = rows(connection, "xmin, *")
    with pytest.raises(WardlineError):
        publish_both(connection)
    assert rows(connection, "xmin, *") == before


def test_a_view_that_a_user_built_on_a_mart_survives_and_sees_the_new_rows(connection):
    publish_both(connection)
    connection.execute("create view marts.test_mine as select * from marts.test_beds")
    connection.execute("update candidate.test_beds set occupied = 7")
    publish_both(connection)
    found = connection.execute("select sum(occupied) from marts.test_mine").fetchone()
    assert found == (21,)


def test_a_new_column_is_added_to_the_published_mart(connection):
    publish_both(connection)
    connection.execute("alter table candidate.test_beds add column ward_name text")
    publish_both(connection)
    assert len(rows(connection)[0]) == 4


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ("drop column occupied", "the candidate has no such column"),
        ("alter column occupied type text", "the candidate has text"),
    ],
)
def test_a_published_column_never_changes(connection, change, complaint):
    publish_both(connection)
    connection.execute(f"alter table candidate.test_beds {change}")
    with pytest.raises(WardlineError, match=complaint):
        publish_both(connection)


def test_a_reader_in_a_transaction_keeps_the_publication_it_began_with(
    connection, warehouse
):
    publish_both(connection)
    with warehouse.connect(Role.READER) as reader:
        reader.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        before = reader.execute("select sum(occupied) from marts.test_beds").fetchone()
        connection.execute("update candidate.test_beds set occupied = 100")
        connection.execute("update candidate.test_flow set admissions = 100")
        publish_both(connection)
        assert before == (4,)
        assert reader.execute("select * from marts.test_flow").fetchone()[1] == 5


def policies(connection: psycopg.Connection[Any]) -> list[Any]:
    return connection.execute(
        "select relrowsecurity, polname, polpermissive from pg_class"
        " left join pg_policy on polrelid = pg_class.oid"
        " where pg_class.oid = 'marts.test_beds'::regclass order by polname"
    ).fetchall()


SECURED = [(True, "bound_to_nothing", False), (True, "readers_see_all", True)]


def test_a_mart_is_under_row_security_from_its_first_publication(connection):
    publish_both(connection)
    assert policies(connection) == SECURED


def test_a_mart_published_without_row_security_gains_it(connection):
    publish_both(connection)
    connection.execute(
        "drop policy bound_to_nothing on marts.test_beds;"
        "alter table marts.test_beds disable row level security"
    )
    publish_both(connection)
    assert policies(connection) == SECURED


def test_a_mart_that_is_secured_is_not_locked_by_publishing(connection, warehouse):
    publish_both(connection)
    with warehouse.connect(Role.READER) as reader:
        reader.execute("select * from marts.test_beds")  # and stays in its transaction
        connection.execute("set lock_timeout = '1s'")
        publish_both(connection)
        connection.execute("reset lock_timeout")


def test_the_log_of_publications_is_read_whole_since_no_build_tells_of_its_rows(
    home: Home,
):
    """Each publication adds a row to what `publication` shows, and builds nothing."""
    log = Mart("publication", ("publication_id",))
    with open_warehouse(home.settings).connect(Role.TRANSFORMER) as connection:
        connection.autocommit = True
        connection.execute(
            "create table intermediate.source_systems as select now() as as_of;"
            "create table candidate.publication (publication_id integer);"
            "create table changes.publication (publication_id integer);"
            "insert into changes._kept values ('publication')"
        )
        for number in (1, 2):
            connection.execute(f"insert into candidate.publication values ({number})")
            changes.take_up(connection)
            changes.finish(connection)
            publish_whole(connection, [log])
            shown = connection.execute("select * from marts.publication").fetchall()
            assert len(shown) == number
