"""A Spark Connect server, as a cluster runs one, over the tables of a home."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyspark

from orchestration.settings import Settings
from orchestration.spark.session import session_conf
from tests.remotes import free_port, running

SPARK = Path(pyspark.__file__).parent


@contextmanager
def connect_server(settings: Settings) -> Iterator[str]:
    """A server with the home's catalogue and tables; its address.

    Args:
        settings: of the home, with the master that the server computes on.
    """
    port = free_port()
    conf = session_conf(settings) | {
        "spark.sql.catalogImplementation": "hive",
        "spark.connect.grpc.binding.address": "127.0.0.1",
        "spark.connect.grpc.binding.port": str(port),
    }
    with running(
        str(SPARK / "bin" / "spark-submit"),
        "--class=org.apache.spark.sql.connect.service.SparkConnectServer",
        *(f"--conf={name}={value}" for name, value in conf.items()),
        port=port,
        SPARK_HOME=str(SPARK),
        PYSPARK_PYTHON=sys.executable,
    ):
        yield f"sc://127.0.0.1:{port}"
