"""Schemas of Spark's catalogue: Wardline's are made anew, others' are left alone."""

from pathlib import Path

import pytest

from orchestration.errors import WardlineError
from orchestration.spark.schemas import Catalogue, owner_of
from orchestration.warehouse import Role, open_warehouse

pytestmark = [pytest.mark.long, pytest.mark.usefixtures("java")]


@pytest.fixture
def catalogue(spark_home, spark):
    with open_warehouse(spark_home.settings).connect(Role.TRANSFORMER) as connection:
        yield Catalogue(spark, owner_of(connection))
    for schema in ("mine", "theirs"):
        spark.sql(f"drop schema if exists {schema} cascade")


def folder_of(catalogue: Catalogue, schema: str) -> Path:
    tables = catalogue.session.conf.get("spark.sql.warehouse.dir")
    return Path(tables.removeprefix("file:")) / f"{schema}.db"


def test_a_schema_is_made_anew_with_what_was_left_in_its_folder(catalogue):
    catalogue.claim("mine")
    catalogue.session.sql("create table mine.whole as select 1 as a")
    half = folder_of(catalogue, "mine") / "half" / "part-0.parquet"
    half.parent.mkdir()
    half.write_bytes(b"PAR1")
    catalogue.renew("mine")
    assert not half.exists()
    assert not catalogue.has_table("mine", "whole")
    catalogue.session.sql("create table mine.half as select 1 as a")
    assert catalogue.has_table("mine", "half")
    catalogue.claim("mine")


@pytest.mark.parametrize("comment", ["", "comment 'Made by Wardline for another one'"])
def test_a_schema_of_others_is_left_alone(catalogue, comment):
    catalogue.session.sql(f"create schema theirs {comment}")
    catalogue.session.sql("create table theirs.kept as select 1 as a")
    for taken in (catalogue.claim, catalogue.renew):
        with pytest.raises(WardlineError, match="has a schema theirs that was not"):
            taken("theirs")
    assert catalogue.has_table("theirs", "kept")


def test_a_folder_of_tables_that_no_catalogue_knows_is_left_alone(catalogue):
    kept = folder_of(catalogue, "theirs") / "kept" / "part-0.parquet"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"PAR1")
    for taken in (catalogue.claim, catalogue.renew):
        with pytest.raises(WardlineError, match=r"theirs\.db holds tables"):
            taken("theirs")
    assert kept.exists()
    kept.unlink()


def test_warehouses_are_told_apart(catalogue, warehouse):
    with warehouse.connect(Role.TRANSFORMER) as connection:
        assert owner_of(connection) != catalogue.owner
