"""A cluster has many cores, and PostgreSQL's connections are few."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from orchestration.spark.carrying import Built, carry
from orchestration.spark.reach import Reach, reach_of, spread
from orchestration.spark.schemas import Catalogue, owner_of
from orchestration.warehouse import Role, Warehouse, open_warehouse

pytestmark = [pytest.mark.long, pytest.mark.usefixtures("java")]
FILES = 9


@pytest.fixture(scope="module")
def its_warehouse(spark_home) -> Warehouse:
    return open_warehouse(spark_home.settings)


@pytest.fixture
def reach(spark_home, its_warehouse) -> Reach:  # noqa: ARG001 (which has to run)
    return replace(reach_of(spark_home.settings, Role.TRANSFORMER), connections=8)


@pytest.fixture
def large(spark, its_warehouse) -> Iterator[Built]:
    """A table of which Spark would read each file by a task of its own."""
    spark.conf.set("spark.sql.files.maxPartitionBytes", "64k")
    with its_warehouse.connect(Role.TRANSFORMER) as connection:
        Catalogue(spark, owner_of(connection)).renew("candidate")
    spark.range(0, 90, 1, FILES).write.saveAsTable("candidate.large")
    assert spark.table("candidate.large").rdd.getNumPartitions() == FILES
    yield Built("candidate", "large", {})
    spark.sql("drop schema candidate cascade")
    spark.conf.unset("spark.sql.files.maxPartitionBytes")
    with its_warehouse.connect(Role.TRANSFORMER) as connection:
        connection.execute("drop table if exists candidate.large")


def test_a_table_on_its_way_back_takes_its_share(spark, its_warehouse, reach, large):
    """Four tables go at once, so of eight connections each has two."""
    with its_warehouse.connect(Role.TRANSFORMER) as connection:
        connection.autocommit = True
        assert carry(connection, spark, reach, [large]) == {"candidate.large": 90}
        found = connection.execute("select id, xmin from candidate.large").fetchall()
    assert sorted(number for number, _ in found) == list(range(90))
    # Each part is one transaction of one worker.
    assert len({transaction for _, transaction in found}) == 2


@pytest.mark.parametrize(("questions", "tasks"), [(1, 1), (8, 8), (99, 8)])
def test_what_workers_are_asked_goes_through_all_connections(
    spark, reach, questions, tasks
):
    frame = spread(spark, reach, [str(it) for it in range(questions)])
    assert frame.rdd.getNumPartitions() == tasks
    assert frame.count() == questions
