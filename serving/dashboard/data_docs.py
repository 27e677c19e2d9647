"""The gates' own pages (Data Docs), where the refresh of this machine wrote any.

Only finding and handing them out; what is in them is the gates'.
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


def sites(folder: Path | None) -> list[tuple[str, str]]:
    """The latest page of each gate, as its name and its address."""
    if folder is None:
        return []
    found = [("Data Docs of the mart gate", folder / "mart")]
    for system in sorted(folder.glob("extract/*")):
        latest = max((it for it in system.iterdir() if it.is_dir()), default=system)
        found.append((f"Data Docs of the extract gate, {system.name}", latest))
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
            return await files.get_response(path, request.scope)
        except HTTPException:
            raise ProblemError(404, "There is no such page.") from None

    return routes
