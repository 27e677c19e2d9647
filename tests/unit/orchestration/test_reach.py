"""How Spark's workers log in: as whom, and missed when their machine vanishes."""

from psycopg.conninfo import conninfo_to_dict

from orchestration.settings import Settings
from orchestration.spark.reach import reach_of
from orchestration.warehouse import SESSION, Role


def test_either_side_notices_that_the_other_vanished(tmp_path):
    settings = Settings(
        home=tmp_path,
        database_url="postgresql://owner@server/db?options=-c%20work_mem%3D1GB",
        database_password="hush @ward",
        _env_file=None,
    )
    found = conninfo_to_dict(reach_of(settings, Role.LOADER).conninfo)
    assert found == {
        "host": "server",
        "port": "5432",
        "user": "owner",
        "dbname": "db",
        "password": "hush @ward",
        "application_name": SESSION,
        "options": "-c work_mem=1GB -c role=wardline_loader"
        " -c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10"
        " -c tcp_keepalives_count=3",
        "keepalives_idle": "30",
        "keepalives_interval": "10",
        "keepalives_count": "3",
    }
