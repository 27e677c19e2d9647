"""What may be told of a fault: what broke and where, never a value from a row.

PostgreSQL and Python quote what they stumble over ("invalid input syntax for type
integer: ..."). Everything that leaves the warehouse as an error passes through here.
"""

import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

import psycopg

from orchestration.errors import WardlineError

# Classes of SQLSTATE whose messages name tables, files, logins and limits, not values:
# connections, features, logins, transactions, syntax, resources, states, the system.
_CLASSES_WITHOUT_VALUES = frozenset(
    "08 0A 25 26 28 3D 3F 40 42 53 54 55 57 58".split()  # noqa: SIM905
)
_LOST = (
    "The connection to the warehouse was lost ({}). See that its server runs, and "
    "refresh again."
)
_FULL = "The warehouse's disk is full ({}). Make room, and refresh again."
# A connection that the server ended, or that ended without a word of it.
_LOST_CODES = {"57P01", "57P02"}
_LOST_NAMES = {
    "OperationalError", "InterfaceError", "DatabaseError", "ConnectionTimeout"
}  # fmt: skip
_P = ParamSpec("_P")
_T = TypeVar("_T")
_REPOSITORY = Path(__file__).resolve().parents[1]


class DatabaseFaultError(WardlineError):
    """PostgreSQL refused a statement, or was lost."""


class UnforeseenFaultError(WardlineError):
    """Something broke that nobody foresaw."""


@contextmanager
def values_withheld() -> Iterator[None]:
    """Let no error out of a block with more than may be told of it.

    Raises:
        WardlineError: the block's own, or one in place of any other error.
    """
    try:
        yield
    except WardlineError as told:
        # What it was raised from is quoted by whoever writes the error down.
        raise told from None
    except psycopg.Error as fault:
        raise DatabaseFaultError(sentence(fault)) from None
    except Exception as fault:
        # What libraries made for being read (dbt's, Dagster's) keeps its type.
        if type(fault).__module__.partition(".")[0] in ("dagster", "dagster_dbt"):
            raise
        raise UnforeseenFaultError(sentence(fault)) from None


def without_values(
    body: Callable[_P, Iterator[_T]],
) -> Callable[_P, Iterator[_T]]:
    """The same for the body of an asset or a check, which is a generator."""

    @wraps(body)
    def held(*args: _P.args, **kwargs: _P.kwargs) -> Iterator[_T]:
        with values_withheld():
            yield from body(*args, **kwargs)

    return held


def sentence(fault: BaseException) -> str:
    """What may be told of a fault."""
    if isinstance(fault, WardlineError):
        return str(fault)
    if isinstance(fault, psycopg.Error):
        diagnosis = fault.diag
        return database_sentence(
            type(fault).__name__,
            fault.sqlstate,
            # Without a diagnosis it is the library's.
            diagnosis.message_primary or str(fault).strip().partition("\n")[0],
            diagnosis.table_name,
            diagnosis.column_name,
            diagnosis.message_hint or "",
        )
    if isinstance(fault, OSError):
        return f"{type(fault).__name__}: {fault}."
    return f"{type(fault).__name__} {_place(fault)}: this is a fault of Wardline."


def database_sentence(
    name: str,
    sqlstate: str | None,
    message: str,
    table: str | None = None,
    column: str | None = None,
    hint: str = "",
) -> str:
    """What may be told of a database's error.

    Args:
        name: of the error, as `InvalidTextRepresentation`.
        sqlstate: PostgreSQL's code (its appendix A); None: it is not the server's.
        message: the first line of what the server said.
        table: that it named.
        column: that it named.
        hint: that it gave.
    """
    message = message.rstrip(".")
    # PostgreSQL has a code for a full disk, and a hint for a quota that is used up.
    if sqlstate == "53100" or "Check free disk space" in hint:
        return _FULL.format(message)
    if sqlstate in _LOST_CODES or (sqlstate is None and name in _LOST_NAMES):
        return _LOST.format(message)
    if sqlstate and sqlstate[:2] in _CLASSES_WITHOUT_VALUES:
        return f"PostgreSQL: {message}."
    place = ".".join(it for it in (table, column) if it)
    where = f" in {place}" if place else ""
    return (
        f"PostgreSQL: {name} ({sqlstate or 'the library'}){where}; its message quotes "
        "a value and is withheld."
    )


def _place(fault: BaseException) -> str:
    """The last of our own lines that the fault went through."""
    ours = [
        frame
        for frame in traceback.extract_tb(fault.__traceback__)
        if Path(frame.filename).is_relative_to(_REPOSITORY)
        and "site-packages" not in frame.filename
    ]
    if not ours:
        return "somewhere else"
    file = Path(ours[-1].filename).relative_to(_REPOSITORY).as_posix()
    return f"in {file}, line {ours[-1].lineno}"
