"""PostgreSQL: COPY out of the source, straight towards COPY into the warehouse.

Only reading. What is read stands in selects.py, what may go wrong in faults.py.
"""

import os
import socket
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from threading import Timer

import psycopg

from orchestration.extracts.contract import ExtractContract
from orchestration.extracts.database.columns import Family, SourceColumn
from orchestration.extracts.database.faults import Kind, SourceFaultError, of_sqlstate
from orchestration.extracts.database.selects import SESSIONS
from orchestration.extracts.database.source import GRACE_SECONDS, SourceDatabase
from orchestration.extracts.database.texts import batches_of

_FAMILIES: dict[str, Family] = {
    "int2": "integer", "int4": "integer", "int8": "integer", "numeric": "number",
    "float4": "number", "float8": "number", "bool": "boolean", "date": "date",
    "timestamp": "moment", "timestamptz": "moment", "time": "time", "text": "text",
    "varchar": "text", "bpchar": "text", "bytea": "binary",
}  # fmt: skip
_SETTINGS = {
    "application_name": "wardline",
    "client_encoding": "utf8",
    "datestyle": "iso, ymd",
    "intervalstyle": "postgres",
    "bytea_output": "hex",
    # Rows come in the same order as long as nobody writes.
    "synchronize_seqscans": "off",
}
_NONE = "SQL_ASCII"  # says PostgreSQL of bytes of which it knows no encoding
# A server that vanished without a word is noticed within a minute or so.
_KEPT_ALIVE = {
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}


class PostgresSnapshot:
    """A transaction of PostgreSQL that only reads, from one moment."""

    def __init__(self, database: SourceDatabase) -> None:
        self.dialect = database.url.get_dialect()()
        self._database = database
        self._has_waited_enough = False
        _, asked = self.dialect.create_connect_args(database.url)
        settings = _SETTINGS | {"statement_timeout": f"{database.timeout_seconds}s"}
        ours = {"connect_timeout": database.connect_seconds} | _KEPT_ALIVE
        with self._told(database.address, is_connecting=True):
            self._connection = psycopg.connect(**ours | dict(asked), autocommit=True)
            if self._connection.info.parameter_status("server_encoding") == _NONE:
                # It would refuse the whole table for one byte that is not UTF-8.
                settings["client_encoding"] = _NONE
            for name, value in settings.items():
                self._connection.execute(
                    "select set_config(%s, %s, false)", [name, value]
                )
            for statement in SESSIONS["postgresql"]:
                self._connection.execute(statement.encode())

    def columns(
        self, contract: ExtractContract, select: str, place: str
    ) -> list[SourceColumn]:
        """The columns of a select that gives no rows."""
        del contract
        with self._told(place):
            described = self._connection.execute(select.encode()).description or ()
        return [self._column(it.name, it.type_code) for it in described]

    def batches(
        self, select: str, columns: Sequence[SourceColumn], place: str
    ) -> Generator[list[bytes], None, None]:
        """The rows of a select, as they arrive."""
        del columns
        # libpq hands out a row at a time, with its line end.
        with (
            self._told(place),
            self._connection.cursor() as cursor,
            cursor.copy(f"copy ({select}) to stdout (null '')".encode()) as rows,
        ):
            yield from batches_of(bytes(row)[:-1] for row in rows)

    def value(self, select: str, place: str) -> object:
        """The one value that a select gives."""
        with self._told(place):
            row = self._connection.execute(select.encode()).fetchone()
        answer = row[0] if row else None
        if isinstance(answer, bytes):
            return answer.decode("ascii", "replace")
        return answer

    def close(self) -> None:
        """Leave the database, whatever state the session is in."""
        with suppress(psycopg.Error):
            self._connection.close()

    def _column(self, name: str, oid: int) -> SourceColumn:
        known = self._connection.adapters.types.get(oid)
        kind = known.name if known else "a type of its own"
        quoted = self.dialect.identifier_preparer.quote(name)
        # As whoever works with the source sees it, without an offset behind it.
        local = f"cast({quoted} as timestamp)" if kind == "timestamptz" else quoted
        return SourceColumn(name, kind, _FAMILIES.get(kind), local)

    @contextmanager
    def _told(self, place: str, is_connecting: bool = False) -> Iterator[None]:
        seconds = self._database.timeout_seconds
        watch = Timer(seconds + GRACE_SECONDS, self._hang_up)
        watch.daemon = True
        try:
            if not is_connecting:
                watch.start()
                # One table's fault must not end the moment that all are read at.
                self._connection.execute("savepoint before_table")
            yield
        except GeneratorExit:
            self._go_back()
            raise
        except psycopg.Error as fault:
            if not is_connecting:
                self._go_back()
            lost: Kind = "unreachable" if is_connecting else "lost"
            kind = of_sqlstate(fault.sqlstate) if fault.sqlstate else lost
            if fault.sqlstate is None and is_connecting:
                kind = _kind_of_words(str(fault))
            if self._has_waited_enough:
                kind = "slow"
            code = fault.sqlstate or type(fault).__name__
            raise SourceFaultError(kind, place, seconds=seconds, code=code) from None
        finally:
            watch.cancel()

    def _go_back(self) -> None:
        with suppress(psycopg.Error):
            self._connection.execute("rollback to savepoint before_table")

    def _hang_up(self) -> None:
        """End a wait for a server that neither answers nor goes away."""
        self._has_waited_enough = True
        with suppress(OSError, psycopg.Error):
            ours = socket.socket(fileno=os.dup(self._connection.fileno()))
            with ours:
                ours.shutdown(socket.SHUT_RDWR)


def _kind_of_words(message: str) -> Kind:
    """The kind of a refused connection, for which libpq gives words and no code."""
    if "password" in message or "authentication" in message or "pg_hba" in message:
        return "login"
    if "role" in message and "does not exist" in message:
        return "login"
    if "database" in message and "does not exist" in message:
        return "database"
    return "unreachable"
