"""Spark's errors without the values that they quote, for dbt and for people.

Spark names the kind of each of its errors; what else it says may be of a row. Called in
the process that has Spark's session.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from dbt.adapters.spark.connections import SparkConnectionManager
from dbt.adapters.spark.session import Cursor
from pyspark.errors import PySparkException
from pyspark.logger import PySparkLogger

from orchestration.errors import WardlineError

_handled_by_dbt = SparkConnectionManager.exception_handler
# The models' own words, which hold no value.
_OURS = "USER_RAISED_EXCEPTION"
_NO_JAVA = "JAVA_GATEWAY_EXITED"
_LOG_OF_ERRORS = "SQLQueryContextLogger"
LEFTOVER = "LOCATION_ALREADY_EXISTS"
"""Half a table, which its catalogue does not know, stands where one is to be."""


class SparkFaultError(WardlineError):
    """Spark refused what it was asked for, or could not do it."""


def withhold_values() -> None:
    """Let dbt see of Spark's errors only what may be told of it."""
    # dbt has no hook for it; they pass here, and where a select's rows are fetched.
    SparkConnectionManager.exception_handler = _handled  # type: ignore[method-assign,assignment]
    for name in ("fetchall", "fetchone"):
        setattr(Cursor, name, told()(getattr(Cursor, name)))
    # It writes them out whole, before anybody catches them.
    PySparkLogger.getLogger(_LOG_OF_ERRORS).disabled = True
    warnings.filterwarnings("ignore", module="pyspark")


@contextmanager
def _handled(manager: Any, sql: str) -> Iterator[None]:
    with _handled_by_dbt(manager, sql), told():
        yield


@contextmanager
def told() -> Iterator[None]:
    """Let no more out of an error of Spark than may be told of it.

    Raises:
        SparkFaultError: in place of an error of Spark.
    """
    try:
        yield
    except PySparkException as fault:
        raise SparkFaultError(sentence(fault)) from None


def sentence(fault: PySparkException) -> str:
    """What may be told of an error of Spark."""
    kind = fault.getCondition() or type(fault).__name__
    if kind.startswith(_OURS):
        said = (fault.getMessageParameters() or {}).get("errorMessage", "")
        return f"Spark stopped: {said}"
    if kind == LEFTOVER:
        return (
            "There is half a table in Spark's folder, of a refresh that was killed. "
            "Refresh again: that removes it."
        )
    if kind == _NO_JAVA:
        return (
            "Spark finds no Java: `apt-get install default-jre-headless`, or set "
            "JAVA_HOME."
        )
    return (
        f"Spark could not do its part ({kind}). See that its workers have memory and "
        "disk, and reach the warehouse; then refresh again."
    )
