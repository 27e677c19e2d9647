"""A build on Spark that fails leaves the warehouse with what says why."""

import pytest

from orchestration.spark import child
from orchestration.warehouse import Role, open_warehouse

pytestmark = [pytest.mark.long, pytest.mark.usefixtures("java")]
COLUMNS = "source_system, table_name, raw_keys, staged_rows, quarantined_rows"
TONIGHT = ("his", "bills", 7, 5, 1)


def test_the_counts_that_do_not_add_up_are_tonights(spark, spark_home, monkeypatch):
    """Of an earlier night the warehouse has counts that do, and a candidate."""
    settings = spark_home.settings

    def failing():
        spark.sql(
            f"create table quarantine.accounting as select * from values {TONIGHT}"
            f" as counted ({COLUMNS})"
        )
        spark.sql("create table candidate.fct_admissions as select 1 as half")
        raise SystemExit(1)

    monkeypatch.setattr(child, "run_dbt", failing)
    with open_warehouse(settings).connect(Role.TRANSFORMER) as connection:
        connection.execute(
            "create table quarantine.accounting as select * from"
            f" (values ('his', 'bills', 6, 5, 1)) as counted ({COLUMNS});"
            " create table quarantine.quarantined_rows as select 'earlier' as night;"
            " create table candidate.fct_admissions as select 'earlier' as night"
        )
    with pytest.raises(SystemExit):
        child.build_models(settings, spark)
    with open_warehouse(settings).connect(Role.TRANSFORMER) as connection:
        read = "select * from {}"
        found = connection.execute(read.format("quarantine.accounting")).fetchall()
        assert found == [TONIGHT]
        # What was not built is as it was, and so is what only a whole night brings.
        for table in ("quarantine.quarantined_rows", "candidate.fct_admissions"):
            assert connection.execute(read.format(table)).fetchall() == [("earlier",)]
            connection.execute(f"drop table {table}")
        connection.execute("drop table quarantine.accounting")
