"""Nights of a warehouse, built from what changed, and the same built from nothing.

Belongs here: loading, building by dbt, and the comparison. What happens in the hospital
stands in living_hospital.py.
"""

import csv
import os
from collections.abc import Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from unittest.mock import patch

import psycopg
from dbt.cli.main import dbtRunner
from psycopg import sql

from orchestration import changes, dbt
from orchestration.dbt_profile import write_profile
from orchestration.extracts.batches import append
from orchestration.extracts.landing import land
from orchestration.extracts.manifest import load_contracts
from orchestration.extracts.raw_tables import ensure_raw_tables
from orchestration.warehouse import Role, open_warehouse
from simulator import LAYOUT
from tests.acceptance.incremental.living_hospital import Tables
from tests.conftest import Home, forget_batches
from tests.published import publish_whole

LAYERS = ["staging", "quarantine", "intermediate", "candidate"]
# They tell of the publications themselves, of which a rebuild finds one more.
OF_PUBLICATIONS = "%publication%"


class Nights:
    """A warehouse that takes in one hospital's extracts, without gates."""

    def __init__(self, home: Home) -> None:
        self.home, self.settings = home, home.settings
        self.manifest = dbt.manifest(self.settings)
        self.warehouse = open_warehouse(self.settings)
        contracts = load_contracts(self.manifest)
        self.contracts = {it.table: it for it in contracts["his"]}
        self.marts = dbt.marts(self.manifest)
        self.in_parts = {
            node["name"]
            for node in self.manifest["nodes"].values()
            if node["config"].get("incremental_strategy") == "touched"
        }
        with self.warehouse.connect(Role.LOADER) as loader:
            ensure_raw_tables(
                loader, [it for all_ in contracts.values() for it in all_]
            )
        write_profile(self.settings)

    def forget(self) -> None:
        """Make it a warehouse that has received nothing."""
        with self.warehouse.connect() as owner:
            for table in self.contracts:
                owner.execute(f"truncate raw_his.{table}".encode())
            forget_batches(owner)
            for table in (
                "_built",
                "_kept",
                "_changed",
                "_taken",
                "_published",
                "_accounts",
            ):
                owner.execute(f"delete from changes.{table}".encode())

    def load(self, tables: Tables, as_of: datetime) -> None:
        """Take in an extract of every table."""
        with self.warehouse.connect(Role.LOADER) as loader:
            loader.autocommit = True
            for table, rows in tables.items():
                file = self.home.path / f"{table}.csv"
                with file.open("w", newline="") as text:
                    writer = csv.DictWriter(text, LAYOUT[table])
                    writer.writeheader()
                    writer.writerows(rows.values())
                contract = self.contracts[table]
                landed = land(loader, contract, file)
                append(loader, contract, landed, as_of, "run")

    def build(self, *arguments: str, untested: Sequence[str] = ("unit_test",)) -> bool:
        """Let dbt build and test the models; False if not all of them came out well."""
        with self.warehouse.connect(Role.TRANSFORMER) as connection:
            changes.begin(connection, changes.meanings(self.manifest))
        with patch.dict(os.environ, dbt.environment(self.settings)):
            ran = dbtRunner().invoke(
                [
                    *("--quiet", "--no-write-json", "build", *arguments),
                    *("--exclude-resource-types", *untested),
                    *("--project-dir", str(self.settings.dbt_project)),
                ]
            )
        return ran.success

    def publish(self) -> None:
        """Merge what changed into the marts, and let go of it."""
        with self.warehouse.connect(Role.TRANSFORMER) as connection:
            changes.finish(connection)
            publish_whole(connection, self.marts, keep=1)

    def tables(self) -> dict[str, int]:
        """The tables of the models built in parts; one built as a whole is another."""
        found = self.rows(
            "select relname, pg_class.oid from pg_class join pg_namespace"
            " on pg_namespace.oid = relnamespace where relkind = 'r' and nspname in"
            f" {(*LAYERS,)}"
        )
        return {name: oid for name, oid in found if name in self.in_parts}

    def changed(self) -> set[str]:
        """The models built in parts of which a row changed since the publication."""
        found = {name for (name,) in self.rows("select model from changes._changed")}
        return found & self.in_parts

    def places(self, table: str, where: str) -> set[str]:
        """Where some rows of a table lie: another place means it was written anew."""
        found = self.rows(f"select ctid::text || xmin from {table} where {where}")
        return {place for (place,) in found}

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with self.warehouse.connect() as owner:
            return owner.execute(query.encode()).fetchall()

    def difference(self) -> dict[str, list[tuple[Any, ...]]]:
        """By table, rows that a rebuild from nothing brings (+) or has not (-).

        Of a night that is published: its marts are compared as well.
        """
        with self.kept_aside() as tables:
            assert self.build("--full-refresh", untested=("unit_test", "test"))
            with self.warehouse.connect() as owner:
                pairs = {
                    f"{schema}.{table}": (
                        sql.Identifier(schema, table),
                        sql.Identifier("kept_aside", f"{schema}__{table}"),
                    )
                    for schema, table in tables
                } | {
                    f"marts.{name}": (
                        sql.Identifier("candidate", name),
                        sql.Identifier("marts", name),
                    )
                    for schema, name in tables
                    if schema == "candidate"
                }
                found = {
                    name: rows
                    for name, (now, before) in pairs.items()
                    if (rows := _difference(owner, now, before))
                }
                # It is what the night built, so its changes are as well known.
                owner.execute(
                    "insert into changes._kept select model from changes._built"
                    " on conflict do nothing"
                )
        return found

    @contextmanager
    def kept_aside(self) -> Any:
        """Copies of all tables, for as long as they are looked at."""
        with self.warehouse.connect() as owner:
            tables: Sequence[tuple[str, str]] = owner.execute(
                "select schemaname, tablename from pg_tables"
                " where schemaname = any(%s) and tablename not like %s order by 1, 2",
                [LAYERS, OF_PUBLICATIONS],
            ).fetchall()
            owner.execute("create schema kept_aside")
            for schema, table in tables:
                owner.execute(
                    sql.SQL("create table {} as table {}").format(
                        sql.Identifier("kept_aside", f"{schema}__{table}"),
                        sql.Identifier(schema, table),
                    )
                )
        try:
            yield tables
        finally:
            with self.warehouse.connect() as owner:
                owner.execute("drop schema kept_aside cascade")


def _difference(
    owner: psycopg.Connection[Any], now: sql.Identifier, before: sql.Identifier
) -> list[tuple[Any, ...]]:
    return [
        (sign, *row)
        for sign, one, other in (("+", now, before), ("-", before, now))
        for row in owner.execute(
            sql.SQL(
                "select * from (select * from {} except all select * from {}) as rows"
                " limit 5"
            ).format(one, other)
        )
    ]
