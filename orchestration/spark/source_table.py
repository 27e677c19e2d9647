"""A table of the warehouse that Spark copies: its columns in both engines' types."""

from dataclasses import dataclass

from psycopg import sql

# By PostgreSQL's types: Spark's, and how a value is written for it. Columns of other
# types are read by no model.
TYPES = {
    "text": ("string", "{}"),
    "bigint": ("bigint", "{}"),
    "integer": ("int", "{}"),
    "boolean": ("boolean", "{}"),
    "bytea": ("binary", "encode({}, 'hex')"),
    "timestamp without time zone": ("timestamp_ntz", "{}"),
    "timestamp with time zone": ("timestamp_ltz", "{} at time zone 'UTC'"),
}


@dataclass(frozen=True)
class SourceTable:
    """A table to copy, and the columns that Spark has a type for."""

    schema: str
    name: str
    columns: dict[str, str]
    pages: int

    @property
    def full_name(self) -> str:
        """As Spark's catalogue and PostgreSQL call it."""
        return f"{self.schema}.{self.name}"

    @property
    def is_raw(self) -> bool:
        """Whether it is made of batches that stay as they are."""
        return self.schema.startswith("raw_")

    @property
    def definition(self) -> str:
        """Its columns for Spark, as it keeps them."""
        return ", ".join(
            f"`{name}` {TYPES[kind][0]}" for name, kind in self.columns.items()
        )

    @property
    def shape(self) -> str:
        """Its columns for Spark, as they arrive: what is binary as hexadecimal text."""
        return ", ".join(
            f"`{name}` {'string' if kind == 'bytea' else TYPES[kind][0]}"
            for name, kind in self.columns.items()
        )

    def select(self, condition: sql.Composable) -> sql.Composed:
        """The rows that meet a condition, in what Arrow reads."""
        return sql.SQL("select {} from {} where {}").format(
            sql.SQL(", ").join(
                sql.SQL(TYPES[kind][1]).format(sql.Identifier(name))
                for name, kind in self.columns.items()
            ),
            sql.Identifier(self.schema, self.name),
            condition,
        )
