"""A rollback puts an earlier publication back: its rows, all of them, nothing else."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from expectations import Mart
from orchestration import changes
from orchestration.errors import UsageError
from orchestration.rollback import Published, Rollback, choose, roll_back
from orchestration.warehouse import Role, Warehouse
from tests.published import publish_whole

BEDS = Mart("test_beds", ("ward", "bed"))
FLOW = Mart("test_flow", ("date_day",))
STAMP = Mart("publication", ("publication_id",))


@pytest.fixture
def connection(warehouse: Warehouse) -> Iterator[psycopg.Connection[Any]]:
    """A warehouse with two marts and their candidates; nothing is published yet."""
    with warehouse.connect(Role.TRANSFORMER) as connection:
        connection.autocommit = True
        connection.execute(
            "create table candidate.test_beds (ward text, bed text, occupied integer);"
            "create table candidate.test_flow (date_day date, admissions integer);"
            "create table intermediate.source_systems as"
            " select timestamp '2026-01-01' as as_of;"
            "create view candidate.publication as select publication_id, as_of,"
            " rows_changed, restored_publication_id from ops.publications;"
            "insert into candidate.test_beds values"
            " ('A', '1', 1), ('A', '2', 0), (null, null, 3);"
            "insert into candidate.test_flow values ('2026-01-01', 5)"
        )
        yield connection
        connection.execute(
            "drop table intermediate.source_systems;"
            "drop view candidate.publication;"
            "drop table candidate.test_beds, candidate.test_flow;"
            "drop table if exists marts.test_beds, marts.test_flow, marts.publication;"
            "drop table if exists history.test_beds, history.test_flow,"
            " history.publication;"
            "drop table if exists candidate.test_wards, marts.test_wards,"
            " history.test_wards"
        )


def night(
    connection: psycopg.Connection[Any], change: str = "", *more: Mart, keep: int = 14
) -> int:
    """Change the candidate, publish it, and return the publication's number."""
    connection.execute(
        f"update intermediate.source_systems set as_of = as_of + interval '1 day';"
        f"{change}".encode()
    )
    changes.take_up(connection)
    changes.finish(connection)
    publish_whole(connection, [BEDS, FLOW, STAMP, *more], keep=keep)
    return connection.execute(
        "select max(publication_id) from ops.publications"
    ).fetchone()[0]


def back(
    connection: psycopg.Connection[Any], to: int | None = None, keep: int = 14
) -> Rollback:
    return roll_back(connection, to=to, reason="wrong prices", keep=keep)


def marts(connection: psycopg.Connection[Any]) -> list[list[tuple[Any, ...]]]:
    return [
        connection.execute(f"select * from marts.{name} order by 1, 2").fetchall()
        for name in ("test_beds", "test_flow")
    ]


CHANGES = (
    "update candidate.test_beds set occupied = 4 where ward is null;"
    "delete from candidate.test_beds where bed = '2';"
    "insert into candidate.test_beds values ('B', '1', 1);"
    "update candidate.test_flow set admissions = 6"
)


def test_changed_new_and_vanished_rows_are_as_they_were(connection):
    night(connection)
    before = marts(connection)
    night(connection, CHANGES)
    assert marts(connection) != before
    done = back(connection)
    assert marts(connection) == before
    assert done.rows_changed == 4


def test_rows_that_are_equal_in_both_publications_are_not_rewritten(connection):
    night(connection)
    night(connection, CHANGES)
    unchanged = "select xmin, ctid, * from marts.test_beds where ward = 'A'"
    before = connection.execute(unchanged).fetchall()
    back(connection)
    assert connection.execute(unchanged + " and bed = '1'").fetchall() == before


def test_a_rollback_can_go_back_several_publications_and_forth_again(connection):
    first = night(connection)
    states = {first: marts(connection)}
    for occupied in (7, 8, 9):
        number = night(
            connection, f"update candidate.test_beds set occupied = {occupied}"
        )
        states[number] = marts(connection)
    for number in (first, max(states), first + 1, first + 2, first):
        back(connection, to=number)
        assert marts(connection) == states[number], number


def test_the_stamp_says_which_publication_is_shown(connection):
    first = night(connection)
    second = night(connection, CHANGES)
    done = back(connection)
    assert connection.execute(
        "select publication_id, restored_publication_id,"
        " as_of = (select as_of from marts.publication where publication_id = %s)"
        " from marts.publication order by 1 desc limit 2",
        [first],
    ).fetchall() == [(done.publication_id, first, True), (second, None, False)]


def test_who_rolled_back_and_why_is_recorded_with_it(connection):
    first = night(connection)
    second = night(connection, CHANGES)
    done = back(connection)
    assert connection.execute(
        "select action, subject, reason, details"
        " from ops.publications join ops.decisions using (decision_id)"
        " where publication_id = %s",
        [done.publication_id],
    ).fetchone() == (
        "roll_back",
        f"publication {second}",
        "wrong prices",
        {"restored_publication_id": first},
    )


def test_without_a_reason_nothing_happens(connection):
    night(connection)
    night(connection, CHANGES)
    before = marts(connection)
    with pytest.raises(UsageError, match="needs a reason"):
        roll_back(connection, to=None, reason=" ", keep=14)
    assert marts(connection) == before


def test_the_next_publication_brings_the_candidate_back(connection):
    night(connection)
    night(connection, CHANGES)
    published = marts(connection)
    back(connection)
    night(connection)
    assert marts(connection) == published


def test_a_column_that_came_in_between_stays_and_is_empty_as_it_was(connection):
    night(connection)
    before = marts(connection)
    grown = night(
        connection,
        "alter table candidate.test_beds add column ward_name text;"
        "update candidate.test_beds set ward_name = 'Ward ' || ward",
    )
    after = marts(connection)
    back(connection)
    assert marts(connection) == [[(*row, None) for row in before[0]], before[1]]
    back(connection, to=grown)
    assert marts(connection) == after


def test_a_mart_that_came_in_between_is_empty_as_it_was_not_there(connection):
    first = night(connection)
    grown = night(
        connection,
        "create table candidate.test_wards as select 'A'::text as ward, 2 as beds",
        Mart("test_wards", ("ward",)),
    )
    rows = "select count(*) from marts.test_wards"
    back(connection, to=first)
    assert connection.execute(rows).fetchone() == (0,)
    back(connection, to=grown)
    assert connection.execute(rows).fetchone() == (1,)


def test_what_is_kept_follows_the_changes_and_not_the_size(connection):
    night(connection, "insert into candidate.test_beds select 'C', n::text, 0"
                      " from generate_series(1, 1000) as n")  # fmt: skip
    night(connection, "update candidate.test_beds set occupied = 1 where bed = '7'")
    kept = connection.execute(
        "select _change, count(*) from history.test_beds group by 1 order by 1"
    ).fetchall()
    assert kept == [("created", 1), ("updated", 1)]


def test_rows_of_publications_that_are_too_old_are_let_go(connection):
    first = night(connection)
    for occupied in (5, 6, 7):
        last = night(
            connection,
            f"update candidate.test_beds set occupied = {occupied}",
            keep=2,
        )
    assert connection.execute(
        "select min(_publication_id) from history.test_beds"
    ).fetchone() == (last - 1,)
    with pytest.raises(UsageError, match=f"back to publication {last - 2} only"):
        back(connection, to=first)
    assert back(connection, to=last - 2, keep=2).restored_publication_id == last - 2


def test_a_failed_publication_keeps_nothing(
    connection,
):
    night(connection)
    history = "select * from history.test_beds"
    before = connection.execute(history).fetchall()
    with pytest.raises(psycopg.errors.UniqueViolation):
        night(
            connection,
            CHANGES + ";insert into candidate.test_flow"
            " values ('2026-01-02', 1), ('2026-01-02', 1)",
        )
    assert connection.execute(history).fetchall() == before


def test_the_reader_may_not_read_what_was_replaced(connection, warehouse):
    night(connection)
    with (
        warehouse.connect(Role.READER) as reader,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        reader.execute("select * from history.test_beds")


BAD, SAME = 10, 0


@pytest.mark.parametrize(
    ("publications", "chosen"),
    [
        ([(1, 9), (2, BAD)], 1),
        ([(1, 9), (2, BAD), (3, SAME)], 1),
        ([(1, 9), (2, 5), (3, BAD), (4, BAD, 2)], 1),
        ([(1, 9), (2, BAD), (3, BAD, 1), (4, BAD)], 1),
        ([(1, 9), (2, BAD), (3, BAD, 1), (5, 3), (9, BAD)], 5),
    ],
)
def test_the_previous_publication_is_the_one_shown_before_this_one(
    publications, chosen
):
    assert choose([Published(*it) for it in publications], to=None) == chosen


def test_naming_a_rollback_means_what_it_put_back():
    publications = [Published(1, 9), Published(2, 9), Published(3, 9, 1)]
    assert choose(publications, to=3) == 1


@pytest.mark.parametrize(
    ("publications", "to", "complaint"),
    [
        ([], None, "Nothing has been published"),
        ([(1, 9)], None, "the first; there is none"),
        ([(1, 9), (2, BAD), (3, BAD, 1)], None, "the first; there is none"),
        ([(1, 9)], 7, "There is no publication 7"),
    ],
)
def test_where_there_is_no_way_back_it_says_so(publications, to, complaint):
    with pytest.raises(UsageError, match=complaint):
        choose([Published(*it) for it in publications], to)
