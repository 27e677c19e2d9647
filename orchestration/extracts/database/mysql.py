"""MySQL and MariaDB through PyMySQL: the server's own texts, row by row, unconverted.

Only reading. What is read stands in selects.py, what may go wrong in faults.py.
"""

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import pymysql
from pymysql.constants import FIELD_TYPE
from pymysql.converters import encoders
from pymysql.cursors import SSCursor

from orchestration.extracts.contract import ExtractContract
from orchestration.extracts.database.columns import Family, SourceColumn
from orchestration.extracts.database.faults import SourceFaultError, of_mysql
from orchestration.extracts.database.selects import SESSIONS
from orchestration.extracts.database.source import GRACE_SECONDS, SourceDatabase
from orchestration.extracts.database.texts import batches_of, line_of

_BINARY = 63  # the number of the character set that is none
_FAMILIES: dict[Family, tuple[int, ...]] = {
    "integer": (
        FIELD_TYPE.TINY,
        FIELD_TYPE.SHORT,
        FIELD_TYPE.LONG,
        FIELD_TYPE.INT24,
        FIELD_TYPE.LONGLONG,
        FIELD_TYPE.YEAR,
        FIELD_TYPE.BIT,
    ),
    "number": (
        FIELD_TYPE.DECIMAL,
        FIELD_TYPE.NEWDECIMAL,
        FIELD_TYPE.FLOAT,
        FIELD_TYPE.DOUBLE,
    ),
    "date": (FIELD_TYPE.DATE, FIELD_TYPE.NEWDATE),
    "moment": (FIELD_TYPE.DATETIME, FIELD_TYPE.TIMESTAMP),
    "time": (FIELD_TYPE.TIME,),
}
_NAMES = {
    value: name.lower() for name, value in vars(FIELD_TYPE).items() if name.isupper()
} | {FIELD_TYPE.LONG: "int", FIELD_TYPE.LONGLONG: "bigint", FIELD_TYPE.TINY: "tinyint"}


class MySQLSnapshot:
    """A transaction of MySQL or MariaDB that only reads, from one moment."""

    def __init__(self, database: SourceDatabase) -> None:
        self.dialect = database.url.get_dialect()()
        self._database = database
        seconds = database.timeout_seconds
        _, asked = self.dialect.create_connect_args(database.url)
        ours = {
            "charset": "utf8mb4",
            "use_unicode": False,
            "conv": encoders,  # none that decodes
            "cursorclass": SSCursor,
            "local_infile": False,
            "read_timeout": seconds + GRACE_SECONDS,
            "write_timeout": seconds + GRACE_SECONDS,
        }
        with self._told(database.address, is_connecting=True):
            self._connection = pymysql.connect(
                **{"connect_timeout": database.connect_seconds} | dict(asked) | ours
            )
            is_mariadb = "MariaDB" in self._connection.get_server_info()
            limit = (
                f"max_statement_time = {seconds}"
                if is_mariadb
                else f"max_execution_time = {seconds * 1000}"
            )
            for statement in (
                f"set session {limit}",
                # The server must not hang up while the warehouse writes.
                f"set session net_write_timeout = {seconds}",
                *SESSIONS[database.product],
            ):
                with self._connection.cursor() as cursor:
                    cursor.execute(statement)

    def columns(
        self, contract: ExtractContract, select: str, place: str
    ) -> list[SourceColumn]:
        """The columns of a select that gives no rows."""
        del contract
        with self._asked(select, place) as cursor:
            return [self._column(field) for field in cursor._result.fields]

    def batches(
        self, select: str, columns: Sequence[SourceColumn], place: str
    ) -> Generator[list[bytes], None, None]:
        """The rows of a select, as they arrive."""
        del columns
        with self._asked(select, place) as cursor:
            yield from batches_of(map(line_of, iter(cursor.fetchone, None)))

    def value(self, select: str, place: str) -> object:
        """The one value that a select gives, as the server writes it."""
        with self._asked(select, place) as cursor:
            row = cursor.fetchone()
        return row[0].decode() if row and row[0] is not None else None

    def close(self) -> None:
        """Leave the database, whatever state the session is in."""
        with suppress(pymysql.Error, OSError):
            self._connection.close()

    def _column(self, field: Any) -> SourceColumn:
        quoted = self.dialect.identifier_preparer.quote(field.name)
        kind, name = field.type_code, _NAMES.get(field.type_code, "unknown")
        for family, kinds in _FAMILIES.items():
            if kind in kinds:
                # Eight bits may be any byte; as a number they are a number.
                number = f"{quoted} + 0" if kind == FIELD_TYPE.BIT else quoted
                return SourceColumn(field.name, name, family, number)
        if kind == FIELD_TYPE.GEOMETRY or (
            field.charsetnr == _BINARY
            and kind not in (FIELD_TYPE.JSON, FIELD_TYPE.NULL)
        ):
            return SourceColumn(field.name, "binary", "binary", f"hex({quoted})")
        return SourceColumn(field.name, "text", "text", quoted)

    @contextmanager
    def _asked(self, select: str, place: str) -> Iterator[Any]:
        """A cursor after a select; what is left of its rows is read to the end."""
        cursor = self._connection.cursor()
        try:
            with self._told(place):
                try:
                    cursor.execute(select)
                    yield cursor
                finally:
                    cursor.close()
        finally:
            # PyMySQL would read from a lost connection when it is collected.
            cursor.connection = None
            if cursor._result is not None:
                cursor._result.unbuffered_active = False

    @contextmanager
    def _told(self, place: str, is_connecting: bool = False) -> Iterator[None]:
        seconds = self._database.timeout_seconds
        try:
            yield
        except pymysql.Error as fault:
            number = fault.args[0] if fault.args else 0
            kind = "slow" if "timed out" in str(fault) else of_mysql(number)
            if is_connecting and kind in ("lost", "slow"):
                kind = "unreachable"
            raise SourceFaultError(kind, place, seconds=seconds, code=number) from None
        except (OSError, AttributeError):  # a socket that is no more
            kind = "unreachable" if is_connecting else "lost"
            raise SourceFaultError(kind, place) from None
