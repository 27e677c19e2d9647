"""Spark's session, set so that dbt's own in the same process is the same one."""

import re
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.errors import UsageError, WardlineError
from orchestration.settings import Settings
from orchestration.spark.remote import close_remote, is_remote, open_remote

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_SECRET = re.compile(
    r"secret|password|credential|token|access.?key|\bkey\b|\bsas\b", re.IGNORECASE
)
# In an address, or in one of Java's options.
_SECRET_VALUE = re.compile(
    r"(secret|password|passwd|pwd|token|key)\s*=|://[^/@]*:[^/@]*@", re.IGNORECASE
)
_REMOTE_SESSION = "session"
_ANY_SESSION = {
    # Timestamps are what a clock shows, and no zone is ever read into them.
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.session.timeZone": "UTC",
    # Merged patients are followed as far as they go: a circle ends by itself.
    "spark.sql.cteRecursionLevelLimit": "-1",
    "spark.sql.cteRecursionRowLimit": "-1",
}


def spark_home(settings: Settings) -> Path:
    """The folder of Spark's tables and their catalogue; raw is among them."""
    return settings.home / "spark"


def session_conf(settings: Settings) -> dict[str, str]:
    """What a session is made with, by Spark's own names."""
    own = {} if is_remote(settings) else _own_session(settings)
    return _ANY_SESSION | own | settings.spark_conf


def _own_session(settings: Settings) -> dict[str, str]:
    home = spark_home(settings)
    return {
        "spark.master": settings.spark_master,
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
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
    }


def require_spark(settings: Settings) -> None:
    """Make sure that the extra `spark` is installed, and no setting shows a secret.

    Raises:
        UsageError: it is not installed, or would show a secret to the machine's users.
    """
    for name, value in settings.spark_conf.items():
        if _SECRET.search(name) or _SECRET_VALUE.search(value):
            raise UsageError(
                f"WARDLINE_SPARK_CONF has a secret in {name}, which Spark would show "
                "in the list of processes; put it into the spark-defaults.conf of "
                "SPARK_CONF_DIR, or one of Java's options into a file named as @file."
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
    from pyspark.sql import SparkSession

    builder = SparkSession.builder
    # dbt's adapter sets the last one, whatever the profile says.
    conf = session_conf(settings) | {"spark.sql.ansi.enabled": "false"}
    for name, value in conf.items():
        builder = builder.config(name, value)
    # Patients' values lie in it, as in the server's own folder.
    spark_home(settings).mkdir(mode=0o700, parents=True, exist_ok=True)
    if is_remote(settings):
        return open_remote(settings, builder, spark_home(settings) / _REMOTE_SESSION)
    return _open_here(settings, builder.enableHiveSupport())


def close_session(settings: Settings, session: "SparkSession") -> None:
    """Let go of a session where others go on without it."""
    if is_remote(settings):
        close_remote(session, spark_home(settings) / _REMOTE_SESSION)


def _open_here(settings: Settings, builder: "SparkSession.Builder") -> "SparkSession":
    from py4j.protocol import Py4JJavaError

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
