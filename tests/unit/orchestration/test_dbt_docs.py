"""dbt's pages: those of the project as it stands, and not written without need."""

import os
from pathlib import Path

import pytest

from orchestration import dbt
from orchestration.dbt_docs import keep_current
from orchestration.settings import Settings
from orchestration.warehouse import Role, Warehouse
from tests.dbt_page import inlined
from tests.parsed import take_over_parsed
from tests.projects import copied_project

PLANTED = "model.wardline.planted"
SQL = "select 1 as one -- </script><b>planted</b>"


@pytest.fixture
def project(settings: Settings, tmp_path: Path) -> Settings:
    """A project that may be changed, on the warehouse of all tests."""
    made = Settings(
        home=settings.home, dbt_project=copied_project(tmp_path), _env_file=None
    )
    take_over_parsed(made)
    (made.data_docs / "models" / "index.html").unlink(missing_ok=True)
    return made


def test_the_page_is_written_anew_when_the_models_have_changed_and_only_then(
    project: Settings, warehouse: Warehouse
):
    with warehouse.connect(Role.TRANSFORMER) as connection:
        page = keep_current(project, connection)
        manifest, catalog = inlined(page.read_text())
        assert PLANTED not in manifest["nodes"]
        batches = catalog["sources"]["source.wardline.ops.batches"]
        assert batches["columns"]["batch_id"]["type"] == "bigint"

        first = page.stat()
        keep_current(project, connection)
        assert page.stat() == first

        model = project.dbt_project / "models" / "intermediate" / "planted.sql"
        model.write_text(SQL)
        keep_current(project, connection)
    html = page.read_text()
    assert inlined(html)[0]["nodes"][PLANTED]["raw_code"] == SQL
    assert "</script><b>" not in html
    assert [it.name for it in page.parent.iterdir()] == ["index.html"]


def test_sql_of_a_model_that_has_changed_since_it_was_built_is_not_shown(
    project: Settings, warehouse: Warehouse
):
    model = project.dbt_project / "models" / "intermediate" / "planted.sql"
    model.write_text(SQL)
    place = Path("wardline", "models", "intermediate", "planted.sql")
    built = dbt.target_path(project) / "compiled" / place
    built.parent.mkdir(parents=True)
    built.write_text("select 2")
    with warehouse.connect(Role.TRANSFORMER) as connection:
        for age, shown in ((-1, None), (0, "select 2")):
            parsed = dbt.manifest_path(project).stat().st_mtime_ns
            os.utime(built, ns=(parsed + age, parsed + age))
            page = keep_current(project, connection)
            manifest, _ = inlined(page.read_text())
            assert manifest["nodes"][PLANTED].get("compiled_code") == shown
            page.unlink()
