"""What an error may tell: of PostgreSQL's, names and codes; of others, a place."""

import traceback

import psycopg
import psycopg2
import pytest

from orchestration import dbt_errors
from orchestration.errors import UsageError
from orchestration.warehouse import Role
from orchestration.withheld import (
    DatabaseFaultError,
    UnforeseenFaultError,
    sentence,
    values_withheld,
    without_values,
)

MARK = "PLANTED"
QUOTING = {
    "a cast": f"select cast('{MARK}' as integer)",
    "a date": f"select cast('1903-02-31 {MARK}' as date)",
    "a duplicate key": f"create temp table t (k text unique);"
    f"insert into t values ('{MARK}'), ('{MARK}')",
    "a broken check": f"create temp table t (k text check (k = ''));"
    f"insert into t values ('{MARK}')",
    "a missing value": f"create temp table t (k text, v text not null);"
    f"insert into t values ('{MARK}', null)",
    "a function's own words": f"do $$ begin raise '{MARK}'; end $$",
}


@pytest.mark.parametrize("case", QUOTING)
def test_an_error_that_quotes_a_value_tells_its_name_and_code_alone(warehouse, case):
    with (
        warehouse.connect(Role.TRANSFORMER) as connection,
        pytest.raises(psycopg.Error, match=MARK) as raised,
    ):
        connection.execute(QUOTING[case])
    told = sentence(raised.value)
    assert MARK not in told
    assert f"{type(raised.value).__name__} ({raised.value.sqlstate})" in told


@pytest.mark.parametrize("moment", ["10903-02-17", "0903-02-17 BC"])
def test_nor_does_a_value_that_python_cannot_take(warehouse, moment):
    with (
        warehouse.connect() as connection,
        pytest.raises(psycopg.DataError, match="903-02-17") as raised,
    ):
        connection.execute(f"select timestamp '{moment}'").fetchall()
    told = sentence(raised.value)
    assert "903" not in told
    assert "DataError (the library)" in told


def test_a_copy_that_fails_tells_neither_its_line_nor_its_context(warehouse):
    with warehouse.connect() as connection:
        connection.execute("create temp table t (n integer)")
        with (
            pytest.raises(psycopg.Error, match=MARK) as raised,
            connection.cursor().copy("copy t from stdin") as copy,
        ):
            copy.write(f"{MARK}\n")
    assert MARK not in sentence(raised.value)


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("select * from nowhere", 'relation "nowhere" does not exist'),
        ("select nothing from pg_class", 'column "nothing" does not exist'),
        ("select * from ops.pseudonym_key", "permission denied for table"),
        ("set statement_timeout = 1; select pg_sleep(9)", "statement timeout"),
    ],
)
def test_an_error_that_names_tables_or_limits_is_told(warehouse, statement, told):
    with (
        warehouse.connect(Role.LOADER) as connection,
        pytest.raises(psycopg.Error) as raised,
    ):
        connection.execute(statement)
    assert told in sentence(raised.value)


def test_a_lost_connection_is_told(warehouse):
    with warehouse.connect() as connection, pytest.raises(psycopg.Error) as raised:
        connection.execute("select pg_terminate_backend(pg_backend_pid())")
    assert "terminating connection" in sentence(raised.value)


def fails(fault: Exception) -> None:
    with values_withheld():
        raise fault


def test_nothing_of_the_first_error_is_left_in_the_one_that_is_told():
    with pytest.raises(UnforeseenFaultError) as raised:
        fails(ValueError(f"invalid literal: {MARK}"))
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__
    assert str(raised.value).startswith("ValueError in tests/unit/orchestration/")
    with pytest.raises(DatabaseFaultError, match="away"):
        fails(psycopg.OperationalError("the server is away"))


def test_our_own_sentences_are_told_as_they_are():
    with pytest.raises(UsageError, match=r"^Do this\.$"):
        fails(UsageError("Do this."))


def test_a_generator_is_held_to_the_same():
    @without_values
    def body():
        yield 1
        raise KeyError(MARK)

    made = body()
    assert next(made) == 1
    with pytest.raises(UnforeseenFaultError, match="KeyError"):
        next(made)


def test_dbts_own_errors_lose_the_values_too(warehouse):
    with (
        psycopg2.connect(warehouse.conninfo) as connection,
        connection.cursor() as cursor,
        pytest.raises(psycopg2.Error, match=MARK) as raised,
    ):
        cursor.execute(QUOTING["a cast"])
    told = dbt_errors.told(raised.value)
    assert MARK not in told
    assert "InvalidTextRepresentation (22P02)" in told


def test_what_a_told_error_was_raised_from_is_not_told():
    told = UsageError("Name another folder.")
    with pytest.raises(UsageError) as raised, values_withheld():
        raise told from ValueError(MARK)
    assert raised.value is told
    assert MARK not in "".join(traceback.format_exception(raised.value))
