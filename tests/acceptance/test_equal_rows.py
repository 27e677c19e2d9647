"""Rows of a model that are the same, many times, stay as many as its parents make."""

import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest

from simulator import simulate
from tests.conftest import Home
from tests.projects import copied_project

END = date(2026, 2, 1)
MODEL = """
{{ built_in_parts(['branch_id'], changed({'wards': 'branch_id'})) }}
select branch_id from {{ ref('wards') }} where {{ is_touched(['branch_id']) }}
"""


def project_with_equal_rows(folder: Path) -> Path:
    """A copy of the project with a model that has a row for each ward, all the same."""
    project = copied_project(folder)
    places = project / "models" / "intermediate" / "places"
    (places / "branches_of_wards.sql").write_text(MODEL)
    return project


@pytest.mark.long
def test_equal_rows_come_and_go_one_by_one(home: Home):
    project = project_with_equal_rows(home.path)
    written = simulate(home.path / "desk", end=END, days=20, beds=120).folder
    header, *wards = (written / "wards.csv").read_text().splitlines(keepends=True)
    assert len(wards) > 6
    for night, number in enumerate((len(wards), len(wards) - 1, len(wards))):
        folder = home.extracts / "his" / str(END + timedelta(days=night))
        shutil.copytree(written, folder)
        (folder / "wards.csv").write_text(header + "".join(wards[:number]))
        home.refresh(WARDLINE_DBT_PROJECT=str(project))
        counted = home.rows(
            "select count(*), count(distinct branch_id)"
            " from intermediate.branches_of_wards",
            None,
        )
        assert counted == [(number, 1)]
