"""Copies of the dbt project, for tests that change it."""

import shutil
from pathlib import Path

from orchestration.settings import REPOSITORY


def copied_project(folder: Path, *without: str) -> Path:
    """Copy the dbt project into a folder, without what dbt made of it.

    Args:
        folder: to put it into, as `dbt_project`.
        without: names of more files and folders to leave out.
    """
    project = folder / "dbt_project"
    ignored = shutil.ignore_patterns("target", "logs", "profiles.yml", *without)
    shutil.copytree(REPOSITORY / "dbt_project", project, ignore=ignored)
    return project
