"""The extract contract: what one table's file must look like.

The types alone; they are read from dbt's sources in manifest.py.
"""

import hashlib
from dataclasses import dataclass
from typing import Literal, get_args

DataType = Literal[
    "text", "integer", "bigint", "numeric", "date", "timestamp", "time", "boolean"
]
DATA_TYPES = get_args(DataType)
FORMAT_PARTS = ("YYYY", "MM", "DD", "HH", "MI", "SS")
MODES = ("snapshot", "delta")
DELIMITERS = (",", ";", "\t", "|")
# As the contract calls them: (Python's codec, PostgreSQL's encoding).
ENCODINGS = {
    "utf-8": ("utf-8", "UTF8"),
    "latin-1": ("latin-1", "LATIN1"),
    "windows-1252": ("cp1252", "WIN1252"),
}


# How a number may be written: its thousands separator, if any, and its decimal sign.
NUMBER_FORMATS = (
    "1234.56", "1234,56", "1,234.56", "1.234,56", "1 234,56", "1'234.56"
)  # fmt: skip
# A row must fit on a page of PostgreSQL, 8 KiB. What is longer than 24 bytes can be
# kept beside it, so this many columns always fit, whatever is in them.
MOST_COLUMNS = 300
BLANKS = " \t\n\r\u00a0\u200b\ufeff"
"""What is cut off around a key and a column's name; staging cuts it off all values."""


@dataclass(frozen=True)
class Column:
    """One column of a source table; raw holds it as text, staging casts it."""

    name: str
    data_type: DataType = "text"
    format: str | None = None
    length: int | None = None
    """How many characters a text has; tells a code that lost its leading zeros."""
    max_bytes: int | None = None
    """The longest text taken, in bytes of UTF-8; None: staging's own limit."""
    values: tuple[str, ...] = ()
    min: int | float | str | None = None
    max: int | float | str | None = None
    is_required: bool = False
    """A row without a value here goes to quarantine."""
    is_optional: bool = False
    """The file's header may lack this column."""


@dataclass(frozen=True)
class DeletedMarker:
    """How a source says in a row that the row is void: a column and its values."""

    column: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class ExtractContract:
    """What one table's extract must look like, and how batches of it are judged.

    `key` is empty for a table without key: a row is then known by its content and its
    occurrence among equal rows. Thresholds are percentages, 0 to 100; None: the gate's.
    Staging alone reads `deleted_marker` and `reused_if_changed`, so they may change at
    any time.
    """

    source_system: str
    table: str
    columns: tuple[Column, ...]
    file: str = ""
    done: str | None = None
    """The file that says the extract is complete; `{file}` is the extract's name."""
    key: tuple[str, ...] = ()
    mode: Literal["snapshot", "delta"] = "snapshot"
    delimiter: str = ","
    encoding: str = "utf-8"
    null_markers: tuple[str, ...] = ()
    activity: tuple[str, ...] = ()
    deleted_marker: DeletedMarker | None = None
    reused_if_changed: tuple[str, ...] = ()
    history: bool = False
    is_optional: bool = False
    database_table: str = ""
    """The table of the source's database, as `schema.name`; empty: named like this."""
    query: str = ""
    """A select to read in place of a table."""
    watermark: str = ""
    """The column by whose moment a delta is read from a database."""
    watermark_overlap_hours: float = 24
    """How far before the greatest accepted moment of the watermark a read begins."""
    as_of_query: str = ""
    """A select of the moment that a read of the source's database speaks for."""
    max_malformed_pct: float | None = None
    min_rows_pct_of_last: float | None = None

    @property
    def subject(self) -> str:
        """What people call this table: `source_system.table`."""
        return f"{self.source_system}.{self.table}"

    @property
    def codec(self) -> str:
        """What Python calls the encoding."""
        return ENCODINGS[self.encoding][0]

    @property
    def thresholds(self) -> dict[str, float]:
        """The gate's thresholds that this contract sets, by name."""
        named = ("max_malformed_pct", "min_rows_pct_of_last")
        return {
            name: value for name in named if (value := getattr(self, name)) is not None
        }

    @property
    def raw_schema(self) -> str:
        """The schema of the raw table, which is named like the source's table."""
        return f"raw_{self.source_system}"

    @property
    def landing_table(self) -> str:
        """The landing table's name, in the schema landing."""
        return f"{self.source_system}__{self.table}"

    @property
    def column_names(self) -> tuple[str, ...]:
        """All declared columns, in the contract's order."""
        return tuple(column.name for column in self.columns)

    @property
    def must_have(self) -> tuple[str, ...]:
        """The columns that the file's header may not lack."""
        return tuple(column.name for column in self.columns if not column.is_optional)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of all that decides which raw rows a given file becomes."""
        read: tuple[object, ...] = (
            *(self.column_names, self.key, self.mode, self.delimiter, self.encoding),
        )
        if self.watermark:  # what was read by another is no measure for this one
            read += (self.watermark, self.query, self.database_table)
        return hashlib.sha256(repr(read).encode()).hexdigest()
