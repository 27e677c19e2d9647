"""What can go wrong between Wardline and a source's database, in one sentence each.

Only the kind of a fault is told, never the driver's words: they may quote a login, a
statement or a value.
"""

from typing import Literal

from orchestration.extracts.errors import ExtractRefusedError

Kind = Literal[
    "unreachable",
    "lost",
    "slow",
    "login",
    "database",
    "permission",
    "table",
    "query",
    "changed",
    "driver",
    "other",
]

_SENTENCES: dict[Kind, str] = {
    "unreachable": (
        "{place}: expected a database that answers, but no connection could be made; "
        "see that it runs and can be reached from here, and refresh again."
    ),
    "lost": (
        "{place}: the connection was lost while it was read; nothing of this table was "
        "taken in. See that the database runs, and refresh again."
    ),
    "slow": (
        "{place}: not read to its end within {seconds:,} seconds; see what holds the "
        "database up, or raise WARDLINE_SOURCE_TIMEOUT, and refresh again."
    ),
    "login": (
        "{place}: the database refused the login; see the user in WARDLINE_SOURCE_URL "
        "and the password beside it, and refresh again."
    ),
    "database": (
        "{place}: the server has no such database; see WARDLINE_SOURCE_URL, and "
        "refresh again."
    ),
    "permission": (
        "{place}: the database's user may not read it; grant select to the user, and "
        "refresh again."
    ),
    "table": (
        "{place}: expected a table or view of this name, found none that the user may "
        "see; was it renamed or dropped? See database_table in the contract."
    ),
    "query": (
        "{place}: the database does not understand the select; see query, as_of_query "
        "and watermark in the contract: a column or function may be gone."
    ),
    "changed": (
        "{place}: the table was altered while it was read; nothing of it was taken in. "
        "Refresh again."
    ),
    "driver": (
        "{place}: the driver for this kind of database is not installed; install "
        "wardline[mysql], wardline[sqlserver] or wardline[oracle], and refresh again."
    ),
    "other": (
        "{place}: the database answered with an error ({code}); look it up in its "
        "manual and its log, and refresh again."
    ),
}


class SourceFaultError(ExtractRefusedError):
    """A database did not give what was asked of it."""

    def __init__(
        self, kind: Kind, place: str, *, seconds: int = 0, code: object = "unknown"
    ) -> None:
        super().__init__(
            _SENTENCES[kind].format(place=place, seconds=seconds, code=code)
        )
        self.kind = kind

    @property
    def is_unreachable(self) -> bool:
        """Whether the server as a whole was not there, so that a later try may help.

        A login that was refused is none of these: trying it again may lock it.
        """
        return self.kind in ("unreachable", "lost")


_MYSQL: dict[Kind, tuple[int, ...]] = {
    "unreachable": (1040, 1203, 2002, 2003, 2005),
    "lost": (
        0,
        1053,
        1152,
        1158,
        1159,
        1160,
        1161,
        1317,
        1927,
        2006,
        2013,
        2014,
        2027,
        2055,
    ),
    "slow": (1205, 1969, 3024),
    "login": (1044, 1045, 1130, 1251, 1698, 1862, 2059, 4151),
    "database": (1049,),
    "permission": (1142, 1143, 1227, 1356, 1370),
    "table": (1146, 1109),
    "query": (1054, 1064, 1305, 1060, 1052, 1248),
    "changed": (1412,),
}
_SQLSTATES: dict[Kind, tuple[str, ...]] = {
    "slow": ("57014", "55P03", "HYT00"),
    "lost": ("57P01", "57P02", "08S01", "08006", "08003"),
    "unreachable": ("57P03", "53300", "08001", "08004", "HYT01"),
    "login": ("28",),
    "database": ("3D", "4060"),
    "permission": ("42501",),
    "table": ("42P01", "3F", "42S02"),
    "query": ("42",),
    "changed": ("40001", "55000"),
}
_ORACLE: dict[Kind, tuple[str, ...]] = {
    "unreachable": ("12154", "12170", "12505", "12514", "12541", "12543", "12545"),
    "lost": ("03113", "03114", "03135", "01033", "01034", "01089"),
    "slow": ("01013", "03136"),
    "login": ("01017", "01005", "28000", "28001"),
    "permission": ("01031", "01045"),
    "table": ("00942", "04043"),
    "query": ("00904", "00933", "00936", "00907"),
    "changed": ("01466", "01555", "08103"),
}


def of_mysql(number: int) -> Kind:
    """The kind of a fault by the number that MySQL and MariaDB give it."""
    return next((kind for kind, them in _MYSQL.items() if number in them), "other")


def of_sqlstate(state: str) -> Kind:
    """The kind of a fault by its SQLSTATE: PostgreSQL's, and those of ODBC."""
    return next(
        (kind for kind, them in _SQLSTATES.items() if state.startswith(them)), "other"
    )


def of_oracle(number: str) -> Kind:
    """The kind of a fault by the digits of Oracle's ORA-nnnnn."""
    return next((kind for kind, them in _ORACLE.items() if number in them), "other")
