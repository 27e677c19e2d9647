"""Spark's session, set so that dbt's own in the same process is the same one."""

import re
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.errors import UsageError, WardlineError
from orchestration.settings import Settings

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_SECRET = re.compile("secret|password|access.?key|token", re.IGNORECASE)


def spark_home(settings: Settings) -> Path:
    """The folder of Spark's tables and their catalogue; raw is among them."""
    return settings.home / "spark"


def session_conf(settings: Settings) -> dict[str, str]:
    """What a session is made with, by Spark's own names."""
    home = spark_home(settings)
    return {
        "spark.master": settings.spark_master,
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        # Timestamps are what a clock shows, and no zone is ever read into them.
        "spark.sql.timestampType": "TIMESTAMP_NTZ",
        "spark.sql.session.timeZone": "UTC",
        # What its logs and its scratch files hold may be of a patient.
        "spark.log.level": "OFF",
        "spark.executor.syncLogLevel.enabled": "true",
        "spark.local.dir": str(home / "scratch"),
        "spark.io.encryption.enabled": "true",
        # Its catalogue's log, too, belongs into the home.
        "spark.driver.extraJavaOptions": f'-Dderby.system.home="{home}"',
        "spark.sql.warehouse.dir": str(home / "tables"),
        "spark.hadoop.javax.jdo.option.ConnectionURL": (
            f"jdbc:derby:;databaseName={home / 'catalogue'};create=true"
        ),
    } | settings.spark_conf


def require_spark(settings: Settings) -> None:
    """Make sure that the extra `spark` is installed, and no setting shows a secret.

    Raises:
        UsageError: it is not installed, or would show a secret to the machine's users.
    """
    for name in settings.spark_conf:
        if _SECRET.search(name):
            raise UsageError(
                f"WARDLINE_SPARK_CONF names {name}, which Spark would show in the list "
                "of processes; put it into the spark-defaults.conf of SPARK_CONF_DIR."
            )
    if find_spec("pyspark") is None or find_spec("pyarrow") is None:
        raise UsageError(
            "WARDLINE_ENGINE is spark, which is not installed: `pip install "
            "'wardline[spark]'`, or set WARDLINE_ENGINE=postgres."
        )


def open_session(settings: Settings) -> "SparkSession":
    """The session of this process, which dbt's adapter takes for its own.

    Raises:
        WardlineError: there can be none by these settings.
    """
    from py4j.protocol import Py4JJavaError
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.enableHiveSupport()
    # dbt's adapter sets the last one, whatever the profile says.
    conf = session_conf(settings) | {"spark.sql.ansi.enabled": "false"}
    for name, value in conf.items():
        builder = builder.config(name, value)
    # Patients' values lie in it, as in the server's own folder.
    spark_home(settings).mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        session = builder.getOrCreate()
    except Py4JJavaError:  # what it says goes over pages
        raise WardlineError(
            f"Spark does not start with WARDLINE_SPARK_MASTER={settings.spark_master}: "
            "see that this is the address of a master that can be reached, and what "
            "WARDLINE_SPARK_CONF sets."
        ) from None
    # Its log quotes values of rows.
    session.sparkContext.setLogLevel("OFF")
    return session
