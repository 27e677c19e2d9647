"""What Spark may be told by settings, and what may be told of its errors."""

import pytest

from orchestration import dbt
from orchestration.dbt_profile import write_profile
from orchestration.errors import UsageError, WardlineError
from orchestration.settings import Settings
from orchestration.spark.session import open_session, require_spark
from tests.remotes import free_port

spark = pytest.importorskip("pyspark.errors")

from orchestration.spark import errors  # noqa: E402

CATALOGUE = "spark.hadoop.javax.jdo.option.ConnectionURL"
JAVA_OPTIONS = "spark.driver.extraJavaOptions"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("spark.hadoop.fs.s3a.secret.key", "hush"),
        ("spark.hadoop.fs.s3a.access.key", "hush"),
        ("spark.hadoop.javax.jdo.option.ConnectionPassword", "hush"),
        ("spark.authenticate.secret", "hush"),
        ("spark.hadoop.fs.azure.account.key.lake", "hush"),
        ("spark.hadoop.fs.azure.sas.hospital.lake", "hush"),
        (CATALOGUE, "jdbc:mysql://meta/hive?user=hive&password=hush"),
        (CATALOGUE, "jdbc:sqlserver://meta;user=hive;pwd = hush"),
        (CATALOGUE, "jdbc:mysql://hive:hush@meta/hive"),
        (JAVA_OPTIONS, "-Xss4m -Djavax.net.ssl.trustStorePassword=hush"),
    ],
)
def test_a_secret_among_sparks_settings_is_refused(name, value, tmp_path):
    settings = Settings(home=tmp_path, spark_conf={name: value}, _env_file=None)
    with pytest.raises(UsageError, match=r"spark-defaults\.conf") as refused:
        require_spark(settings)
    assert name in str(refused.value)
    assert "hush" not in str(refused.value)


def test_other_settings_are_taken(tmp_path):
    conf = {
        "spark.executor.memory": "8g",
        "spark.sql.warehouse.dir": "abfss://files@lake.dfs.core.windows.net/w",
        CATALOGUE: "jdbc:postgresql://meta:5432/hive?user=hive&ssl=true",
        JAVA_OPTIONS: "-Djavax.net.ssl.trustStore=/etc/hive.jks @/etc/hive.options",
    }
    require_spark(Settings(home=tmp_path, spark_conf=conf, _env_file=None))


def test_a_server_of_sessions_that_is_not_there_is_told_without_its_token(tmp_path):
    address = f"sc://127.0.0.1:{free_port()}"
    settings = Settings(
        home=tmp_path, spark_master=f"{address}/;token=hush", _env_file=None
    )
    with pytest.raises(WardlineError, match="No Spark Connect server") as refused:
        open_session(settings)
    assert address in str(refused.value)
    assert "hush" not in str(refused.value)


@pytest.mark.parametrize(
    "address", ["sc://host:443;token=hush", "sc://u:hush@host", "SC://host;token=hush"]
)
def test_an_address_that_is_none_is_not_repeated(address, tmp_path):
    settings = Settings(home=tmp_path, spark_master=address, _env_file=None)
    with pytest.raises(WardlineError, match="as no address does") as refused:
        open_session(settings)
    assert "hush" not in str(refused.value)


def test_a_token_is_in_no_file_and_reaches_dbt_by_its_environment(tmp_path):
    settings = Settings(
        home=tmp_path,
        spark_master="sc://cluster:443/;token=hush",
        database_url="postgresql://nobody@nowhere/postgres",
        _env_file=None,
    )
    assert dbt.environment(settings)["SPARK_REMOTE"] == settings.spark_master
    assert "hush" not in write_profile(settings).read_text()


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("CAST_INVALID_INPUT", "CAST_INVALID_INPUT"),
        ("LOCATION_ALREADY_EXISTS", "Refresh again"),
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
