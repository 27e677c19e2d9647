"""dbt's own pages: every model with its lineage, columns and SQL, as one static file.

They tell of the project and of tables' sizes, not of patients.
"""

import os
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from orchestration.dbt import EXECUTABLE, environment, manifest_path
from orchestration.errors import WardlineError
from orchestration.settings import Settings

PLACE = "models"
"""Their folder, beside those of the gates' pages."""


def write_docs(settings: Settings) -> Path:
    """Write dbt's pages for the project as it stands, in place of older ones.

    Returns:
        The page, a file without anything beside it.

    Raises:
        WardlineError: dbt cannot parse the project, or reach the warehouse.
    """
    manifest_path(settings)  # writes the profile that dbt needs, too
    page = settings.data_docs / PLACE / "index.html"
    page.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=page.parent) as folder:
        command = [EXECUTABLE, "--quiet", "docs", "generate", "--static"]
        written = subprocess.run(
            [*command, "--project-dir", str(settings.dbt_project)],
            env=os.environ | environment(settings) | {"DBT_TARGET_PATH": folder},
            capture_output=True,
            text=True,
            check=False,
        )
        if written.returncode:
            raise WardlineError(
                f"dbt cannot write its pages: {written.stdout.strip()} "
                "See that `wardline refresh` works, and try again."
            )
        Path(folder, "static_index.html").replace(page)
    return page
