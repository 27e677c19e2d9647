"""Any other database that SQLAlchemy has a dialect for: values turned into texts.

Written for SQL Server and Oracle. Only reading; what is read stands in selects.py.
"""

import datetime as dt
import re
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, NoSuchTableError, SQLAlchemyError

from orchestration.extracts.contract import ExtractContract
from orchestration.extracts.database.columns import Family, SourceColumn
from orchestration.extracts.database.faults import (
    Kind,
    SourceFaultError,
    of_oracle,
    of_sqlstate,
)
from orchestration.extracts.database.selects import MSSQL_ALLOWS_SNAPSHOT, SESSIONS
from orchestration.extracts.database.source import SourceDatabase, name_of
from orchestration.extracts.database.texts import batches_of, line_of

_ROWS_AT_ONCE = 1_000
_FAMILIES: tuple[tuple[Family, type[sa.types.TypeEngine[Any]]], ...] = (
    ("boolean", sa.Boolean),
    ("integer", sa.Integer),
    ("number", sa.Numeric),
    ("moment", sa.DateTime),
    ("date", sa.Date),
    ("time", sa.Time),
    ("text", sa.String),
    ("binary", sa.LargeBinary),
)


class OtherSnapshot:
    """A transaction by SQLAlchemy; from one moment where the database has such."""

    def __init__(self, database: SourceDatabase) -> None:
        self._database = database
        self._engine = sa.create_engine(
            database.url,
            poolclass=sa.NullPool,
            hide_parameters=True,
            connect_args=_connect_args(database),
        )
        self.dialect = self._engine.dialect
        with self._told(database.address, is_connecting=True):
            self._connection = self._engine.connect()
            driver: Any = self._connection.connection.driver_connection
            if hasattr(driver, "call_timeout"):  # Oracle's, in milliseconds
                driver.call_timeout = database.timeout_seconds * 1000
            if self.dialect.name == "mssql":
                driver.timeout = database.timeout_seconds
            for statement in self._session():
                self._connection.exec_driver_sql(statement)

    def columns(
        self, contract: ExtractContract, select: str, place: str
    ) -> list[SourceColumn]:
        """The columns of a select that gives no rows; types are known of a table."""
        with self._told(place):
            names = list(self._connection.exec_driver_sql(select).keys())
            types: dict[str, sa.types.TypeEngine[Any]] = {}
            if not contract.query:
                schema, _, table = name_of(contract).rpartition(".")
                with suppress(NoSuchTableError):
                    found = sa.inspect(self._connection).get_columns(
                        table, schema or None
                    )
                    types = {it["name"].lower(): it["type"] for it in found}
        return [self._column(name, types.get(name.lower())) for name in names]

    def batches(
        self, select: str, columns: Sequence[SourceColumn], place: str
    ) -> Generator[list[bytes], None, None]:
        """The rows of a select, as they arrive."""
        is_date = [column.family == "date" for column in columns]
        with self._told(place):
            rows = self._connection.execution_options(
                stream_results=True, max_row_buffer=_ROWS_AT_ONCE
            ).exec_driver_sql(select)
            many = rows.yield_per(_ROWS_AT_ONCE)
            yield from batches_of(
                line_of([text_of(*it) for it in zip(row, is_date, strict=True)])
                for row in many
            )

    def value(self, select: str, place: str) -> object:
        """The one value that a select gives."""
        with self._told(place):
            return self._connection.exec_driver_sql(select).scalar()

    def close(self) -> None:
        """Leave the database, whatever state the session is in."""
        with suppress(SQLAlchemyError):
            self._connection.close()
        self._engine.dispose()

    def _session(self) -> tuple[str, ...]:
        if self.dialect.name == "mssql":
            allowed = self._connection.exec_driver_sql(MSSQL_ALLOWS_SNAPSHOT).scalar()
            self._connection.rollback()
            if not allowed:
                return ()
        return SESSIONS.get(self.dialect.name, ())

    def _column(
        self, name: str, kind: "sa.types.TypeEngine[Any] | None"
    ) -> SourceColumn:
        quoted = self.dialect.identifier_preparer.quote(name)
        family = next((it for it, them in _FAMILIES if isinstance(kind, them)), None)
        shown = str(kind).partition("(")[0].lower() if family else "unknown"
        return SourceColumn(name, shown, family, quoted)

    @contextmanager
    def _told(self, place: str, is_connecting: bool = False) -> Iterator[None]:
        seconds = self._database.timeout_seconds
        try:
            yield
        except ImportError:
            raise
        except DBAPIError as fault:
            kind, code = kind_of(fault.orig)
            if is_connecting and kind in ("lost", "other"):
                kind = "unreachable"
            elif fault.connection_invalidated and kind == "other":
                kind = "lost"
            raise SourceFaultError(kind, place, seconds=seconds, code=code) from None
        except (SQLAlchemyError, OSError) as fault:
            code = type(fault).__name__
            raise SourceFaultError("other", place, code=code) from None


def kind_of(fault: BaseException | None) -> tuple[Kind, str]:
    """The kind of a driver's fault and its code: Oracle's number, or a SQLSTATE."""
    if found := re.search(r"\b(?:ORA|DPY)-(\d{4,5})\b", str(fault)):
        return of_oracle(found[1].zfill(5)), found[0]
    for argument in getattr(fault, "args", ()):
        if isinstance(argument, str) and re.fullmatch("[0-9A-Z]{5}", argument):
            return of_sqlstate(argument), argument
    return "other", type(fault).__name__


def text_of(value: object, is_date: bool = False) -> bytes | None:
    """A value as a text that staging reads, in UTF-8; None for none.

    Days and moments in ISO 8601, numbers without an exponent, bytes in hexadecimal.

    Args:
        value: as the driver gives it.
        is_date: of a day, though the driver gives a moment.
    """
    if value is None:
        return None
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex().encode()
    return _words(value, is_date).encode("utf-8", "surrogatepass")


def _words(value: object, is_date: bool) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float | Decimal):
        number = Decimal(repr(value)) if isinstance(value, float) else value
        return f"{number:f}" if number.is_finite() else str(number)
    if isinstance(value, dt.datetime):
        local = value.replace(tzinfo=None)
        return str(local.date()) if is_date else local.isoformat(" ")
    if isinstance(value, dt.timedelta):
        return _clock(value)
    # Oracle's large objects have to be read; all else says what it is.
    return str(value.read() if hasattr(value, "read") else value)


def _clock(length: dt.timedelta) -> str:
    """A length of time as a time of day, where a driver gives one for the other."""
    sign = "-" if length < dt.timedelta() else ""
    minutes, seconds = divmod(abs(length).seconds, 60)
    hours, minutes = divmod(minutes, 60)
    hours += 24 * abs(length).days
    part = f".{abs(length).microseconds:06d}" if length.microseconds else ""
    return f"{sign}{hours:02d}:{minutes:02d}:{seconds:02d}{part}"


def _connect_args(database: SourceDatabase) -> dict[str, Any]:
    name = {"mssql": "timeout", "oracle": "tcp_connect_timeout", "sqlite": "timeout"}
    if database.product in name:
        return {name[database.product]: database.connect_seconds}
    return {}
