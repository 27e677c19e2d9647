"""The gates' own pages (Data Docs) and dbt's, where this machine wrote any.

Only finding and handing them out; what is in them is the gates' and dbt's.
"""

from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from serving.api.problems import ProblemError
from serving.database import READER
from serving.guard import current_role

_PLACE = "/dashboard/data-docs"
_MODELS = "models"
# dbt's page is a program with its scripts inside. It gets an origin of its own, so it
# can read nothing of this site, and no way out.
_ALONE = (
    "sandbox allow-scripts; default-src 'none'; img-src data:; font-src data:;"
    " style-src 'unsafe-inline'; script-src 'unsafe-inline' 'unsafe-eval';"
    " frame-ancestors 'none'"
)


def sites(folder: Path | None) -> list[tuple[str, str]]:
    """The latest page of each gate, as its name and its address."""
    if folder is None:
        return []
    found = [("Data Docs of the mart gate", folder / "mart")]
    for system in sorted(folder.glob("extract/*")):
        latest = max((it for it in system.iterdir() if it.is_dir()), default=system)
        found.append((f"Data Docs of the extract gate, {system.name}", latest))
    found.append(("All models, by dbt", folder / _MODELS))
    return [
        (words, f"{_PLACE}/{place.relative_to(folder).as_posix()}/index.html")
        for words, place in found
        if (place / "index.html").is_file()
    ]


def router(folder: Path | None) -> APIRouter:
    """`/dashboard/data-docs/...`, for who sees the whole hospital."""
    routes = APIRouter(include_in_schema=False)
    files = StaticFiles(directory=folder or Path(), check_dir=False)

    @routes.get(_PLACE + "/{path:path}")
    async def page(path: str, request: Request) -> Response:
        if current_role.get() != READER:
            raise ProblemError(403, "These pages count the whole hospital.")
        if folder is None:
            raise ProblemError(404, "There are no such pages here.")
        try:
            answer = await files.get_response(path, request.scope)
        except HTTPException:
            raise ProblemError(404, "There is no such page.") from None
        if path.startswith(f"{_MODELS}/"):
            answer.headers["Content-Security-Policy"] = _ALONE
        return answer

    return routes
