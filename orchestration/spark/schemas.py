"""Wardline's schemas in Spark's catalogue, where others may have theirs."""

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from psycopg import Connection
from pyspark.errors import AnalysisException

from orchestration.errors import WardlineError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_PATH_NOT_FOUND = "PATH_NOT_FOUND"


def owner_of(connection: Connection[Any]) -> str:
    """What a schema says of the warehouse that it was made for."""
    ((server, database),) = connection.execute(
        "select system_identifier, current_database() from pg_control_system()"
    ).fetchall()
    identity = sha256(f"{server}/{database}".encode()).hexdigest()[:16]
    return f"Made by Wardline for the warehouse {identity}"


@dataclass(frozen=True)
class Catalogue:
    """Spark's current catalogue, asked in SQL: its other ways look elsewhere first."""

    session: "SparkSession"
    owner: str
    """What the schemas of this warehouse say of themselves."""

    def claim(self, schema: str) -> None:
        """Make a schema, or see that it was made for this warehouse.

        Raises:
            WardlineError: it was not, or its folder is another's.
        """
        if not self._has(schema):
            self._require_empty_folder(schema)
            self.session.sql(f"create schema {schema} comment '{self.owner}'")
        elif self._comment(schema) != self.owner:
            raise WardlineError(
                f"Spark's catalogue has a schema {schema} that was not made for this "
                "warehouse, so it is left alone. Give Wardline a catalogue of its own, "
                "as spark.sql.defaultCatalog in WARDLINE_SPARK_CONF; or drop the "
                "schema, if it is of a warehouse that is gone."
            )

    def renew(self, schema: str) -> None:
        """Drop all that is in a schema, with what a killed refresh left in its folder.

        A table of which half is written stands in no catalogue, and is in the way.

        Raises:
            WardlineError: it was not made for this warehouse, or its folder was not.
        """
        self.claim(schema)
        self.session.sql(f"drop schema {schema} cascade")
        self.session.sql(f"create schema {schema} comment '{self.owner}'")

    def has_table(self, schema: str, name: str) -> bool:
        """Whether a schema, which has to be there, has a table."""
        found = self.session.sql(f"show tables in {schema}").collect()
        return any(it.tableName == name for it in found)

    def _has(self, schema: str) -> bool:
        return any(it[0] == schema for it in self.session.sql("show schemas").collect())

    def _comment(self, schema: str) -> str | None:
        told = self.session.sql(f"describe schema extended {schema}").collect()
        return next((it.info_value for it in told if it.info_name == "Comment"), None)

    def _require_empty_folder(self, schema: str) -> None:
        """What is dropped later takes its folder along, and all that lies in it."""
        tables = str(self.session.conf.get("spark.sql.warehouse.dir"))
        folder = f"{tables.rstrip('/')}/{schema}.db"
        files = self.session.read.format("binaryFile").options(
            recursiveFileLookup=True, ignoreMissingFiles=True
        )
        try:
            found = files.load(folder).select("path").limit(1).collect()
        except AnalysisException as fault:
            if fault.getCondition() == _PATH_NOT_FOUND:
                return
            raise
        if found:
            raise WardlineError(
                f"The folder {folder} holds tables that Spark's catalogue does not "
                "know. If they are Wardline's, whose catalogue is lost, remove the "
                "folder; if not, give Wardline another spark.sql.warehouse.dir."
            )
