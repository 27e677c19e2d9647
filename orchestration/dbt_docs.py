"""dbt's own pages: every model with its lineage, columns and SQL, as one static file.

They tell of the project and of tables' sizes, not of patients.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

from orchestration import dbt
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
    dbt.manifest_path(settings)  # writes the profile that dbt needs, too
    page = settings.data_docs / PLACE / "index.html"
    page.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=page.parent) as folder:
        written = dbt.run(settings, "docs", "generate", "--static", target=folder)
        if written.returncode:
            raise WardlineError(
                f"dbt cannot write its pages: {written.stdout.strip()} "
                "See that `wardline refresh` works, and try again."
            )
        Path(folder, "static_index.html").replace(page)
    return page
