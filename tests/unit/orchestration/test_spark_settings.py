"""What Spark may be told by settings, and what may be told of its errors."""

import pytest

from orchestration.errors import UsageError
from orchestration.settings import Settings
from orchestration.spark.session import require_spark

spark = pytest.importorskip("pyspark.errors")

from orchestration.spark import errors  # noqa: E402


@pytest.mark.parametrize(
    "name",
    [
        "spark.hadoop.fs.s3a.secret.key",
        "spark.hadoop.fs.s3a.access.key",
        "spark.hadoop.javax.jdo.option.ConnectionPassword",
        "spark.authenticate.secret",
    ],
)
def test_a_secret_among_sparks_settings_is_refused(name, tmp_path):
    settings = Settings(home=tmp_path, spark_conf={name: "hush"}, _env_file=None)
    with pytest.raises(UsageError, match=r"spark-defaults\.conf") as refused:
        require_spark(settings)
    assert name in str(refused.value)
    assert "hush" not in str(refused.value)


def test_other_settings_are_taken(tmp_path):
    conf = {"spark.executor.memory": "8g", "spark.sql.warehouse.dir": "s3a://h/w"}
    require_spark(Settings(home=tmp_path, spark_conf=conf, _env_file=None))


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("CAST_INVALID_INPUT", "CAST_INVALID_INPUT"),
        ("LOCATION_ALREADY_EXISTS", "Remove the folder"),
        ("JAVA_GATEWAY_EXITED", "default-jre-headless"),
    ],
)
def test_of_sparks_errors_the_kind_is_told_and_no_value(kind, told):
    class Fault(spark.PySparkException):
        def __init__(self):
            super().__init__("the value 'Anna Musterfrau' cannot be cast")

        def getCondition(self):  # noqa: N802 (Spark's own name)
            return kind

    with pytest.raises(errors.SparkFaultError) as found, errors.told():
        raise Fault
    assert told in str(found.value)
    assert "Anna" not in str(found.value)
    assert found.value.__suppress_context__
