"""The login page: a form without scripts, and the way out.

Whether a password is right is users.py's, what stays open sessions.py's.
"""

import re
from collections.abc import Mapping
from html import escape
from string import Template
from typing import Annotated
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from serving.database import Marts
from serving.guard import LOGIN
from serving.sessions import COOKIE, LIFETIME_SECONDS, Sessions
from serving.users import find_user, is_password_of

_TRIES = parse("10/minute")
_LONGEST_FORM = 4096
# A page of this very site, with its filters: two slashes would name another, and
# browsers take a backslash for one. The form has room for it three times over.
_PAGE_HERE = re.compile(r"/(?!/)[!-\[\]-~]{0,1000}")
_PAGE = Template(
    """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Log in to Wardline</title><link rel="icon" href="data:,">
<link rel="stylesheet" href="/assets/wardline.css">
</head><body><main class="login"><h1>Wardline</h1>
<form method="post" action="/login">
<p role="alert" class="complaint">$complaint</p>
<label for="name">Name</label>
<input id="name" name="name" autocomplete="username" required autofocus>
<label for="password">Password</label>
<input id="password" name="password" type="password"
 autocomplete="current-password" required>
<input type="hidden" name="token" value="$token">
<input type="hidden" name="next" value="$next">
<button>Log in</button>
</form></main></body></html>"""
)


async def _form(request: Request) -> Mapping[str, str]:
    """The fields of a form as browsers send it, of what is no form none."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _LONGEST_FORM:
            return {}
    fields = parse_qs(body.decode(errors="replace").replace("\0", ""))
    return {name: values[0] for name, values in fields.items()}


def _page_here(asked: str) -> str:
    """The page to go on to after the login; the first, if it is none of this site."""
    return asked if _PAGE_HERE.fullmatch(asked) else "/"


def router(marts: Marts, sessions: Sessions, *, is_https: bool) -> APIRouter:
    """`/login` and `/logout`."""
    routes = APIRouter(include_in_schema=False)
    limiter = MovingWindowRateLimiter(MemoryStorage())

    def page(asked: str, complaint: str = "", status: int = 200) -> HTMLResponse:
        text = _PAGE.substitute(
            complaint=escape(complaint),
            token=escape(sessions.form_token()),
            next=escape(asked),
        )
        return HTMLResponse(text, status, {"Cache-Control": "no-store"})

    @routes.get(LOGIN)
    def form(request: Request) -> Response:
        return page(_page_here(request.query_params.get("next", "")))

    @routes.post(LOGIN)
    def enter(
        request: Request, sent: Annotated[Mapping[str, str], Depends(_form)]
    ) -> Response:
        address = request.client.host if request.client else ""
        name, password = sent.get("name", ""), sent.get("password", "")
        asked = _page_here(sent.get("next", ""))
        if not sessions.is_form_token(sent.get("token", "")):
            return page(asked, "This form was open for too long; try again.", 400)
        # both, so that neither one account nor one machine can be tried for ever
        if not all([limiter.hit(_TRIES, address), limiter.hit(_TRIES, f"user {name}")]):
            return page(asked, "Too many tries; wait for a minute.", 429)
        with marts.read(None) as connection:
            user = find_user(connection, name)
        if not is_password_of(user, password) or user is None:
            return page(asked, "Name or password is wrong.", 401)
        response = RedirectResponse(asked, 303)
        response.set_cookie(
            COOKIE,
            sessions.open(user),
            max_age=LIFETIME_SECONDS,
            httponly=True,
            samesite="lax",
            secure=is_https,
        )
        return response

    @routes.post("/logout")
    def leave() -> Response:
        response = RedirectResponse(LOGIN, 303)
        response.delete_cookie(COOKIE)
        return response

    return routes
