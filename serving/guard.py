"""What stands before every page and every answer: headers, origins, hosts and sessions.

Belongs here: whether a request may come in, and as whom. How one logs in stands in
login.py, keys of the API in api/access.py.
"""

from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from urllib.parse import quote, urlencode, urlsplit

from anyio import to_thread
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import (
    HTMLResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
)
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.database import READER, DatabaseUnavailableError, Marts
from serving.sessions import COOKIE, Sessions
from serving.users import User, find_user

LOGIN, HEALTH = "/login", "/health"
# The API asks for keys itself; these tell nothing of the hospital.
_OPEN_TO_ALL = frozenset({HEALTH, "/metrics", "/openapi.json", LOGIN})
_OPEN_BELOW = ("/api/", "/assets/")
_WAITING = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="5">
<title>Wardline</title><link rel="icon" href="data:,">
<link rel="stylesheet" href="/assets/wardline.css"></head>
<body><main class="login"><h1>Wardline</h1><p>The warehouse does not answer.
This page tries again every five seconds.</p></main></body></html>"""
_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
# The role that the present request reads as.
current_role: ContextVar[str] = ContextVar("current_role", default=READER)
# Whose it is, if he had to log in.
current_user: ContextVar[str | None] = ContextVar("current_user", default=None)


@dataclass(frozen=True)
class Door:
    """How the dashboard is entered.

    Attributes:
        sessions: of users with a password; None: open to all, for one's own machine.
        hosts: the names under which the server is reached; empty: any.
        user_header: a header in which the hospital's proxy names the user; None: off.
        proxies: the addresses of the hospital's proxies, which may say so, and for
            whom a request comes.
        is_behind_proxies: whether nobody else may come.
        is_https: whether cookies are for https alone.
        script_hashes: of the inline scripts that pages need.
    """

    sessions: Sessions | None
    hosts: Sequence[str] = ()
    user_header: str | None = None
    proxies: Sequence[str] = ()
    is_behind_proxies: bool = False
    is_https: bool = True
    script_hashes: Sequence[str] = ()


class Guard:
    """Lets requests in that may come in, and puts the security headers on answers."""

    def __init__(self, app: ASGIApp, door: Door, marts: Marts) -> None:
        self._app = app
        self._door = door
        self._marts = marts
        self._headers = _security_headers(door)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI: a request or a websocket."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        request = HTTPConnection(scope)

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        refusal = await self._refusal(request)
        if refusal is not None:
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
            else:
                await refusal(scope, receive, guarded)
            return
        self._name_client(request)
        await self._app(scope, receive, guarded)

    async def _refusal(self, request: HTTPConnection) -> Response | None:
        """What to answer instead; None lets the request in."""
        # never request.url.path, which a Host header with a slash in it shifts
        path: str = request.scope["path"]
        if path == HEALTH:
            return None  # those who watch the server know it by its address
        if refusal := self._stranger(request):
            return refusal
        if path in _OPEN_TO_ALL or path.startswith(_OPEN_BELOW):
            return None
        if self._door.sessions is None:
            return None
        return await self._logged_in(request)

    def _stranger(self, request: HTTPConnection) -> Response | None:
        """What to answer who does not even come by the right way; None if he does."""
        if self._door.is_behind_proxies and not self._is_from_proxy(request):
            return PlainTextResponse("Come in through the hospital's proxy.", 403)
        if self._door.hosts and _name(request) not in self._door.hosts:
            return PlainTextResponse("This server is not known by that name.", 400)
        if _method(request) not in _SAFE_METHODS and not same_origin(request.headers):
            return PlainTextResponse("This came from another site.", 403)
        return None

    async def _logged_in(self, request: HTTPConnection) -> Response | None:
        """Where to go to log in; None for a user, whose role is set."""
        try:
            user = await to_thread.run_sync(self._user, request)
        except DatabaseUnavailableError:
            return HTMLResponse(_WAITING, 503, {"Retry-After": "5"})
        if user is not None:
            current_role.set(user.role_name)
            current_user.set(user.user_name)
            return None
        is_page = "text/html" in request.headers.get("accept", "")
        if is_page and _method(request) == "GET":
            return RedirectResponse(_login_for(request), 303)
        return PlainTextResponse("Log in first.", 401)

    def _user(self, request: HTTPConnection) -> User | None:
        cookie = request.cookies.get(COOKIE)
        header = self._door.user_header
        with self._marts.read(None) as connection:
            if header and header in request.headers and self._is_from_proxy(request):
                found = find_user(connection, request.headers[header])
                return None if found is None or found.is_disabled else found
            if cookie and self._door.sessions:
                return self._door.sessions.user(connection, cookie)
        return None

    def _is_from_proxy(self, request: HTTPConnection) -> bool:
        return request.client is not None and request.client.host in self._door.proxies

    def _name_client(self, request: HTTPConnection) -> None:
        """Put the address that the proxy saw in place of its own, for rate limits."""
        forwarded = request.headers.get("x-forwarded-for", "").rpartition(",")[2]
        if forwarded.strip() and self._is_from_proxy(request):
            request.scope["client"] = (forwarded.strip(), 0)


def same_origin(headers: Headers) -> bool:
    """Whether a browser says that the request comes from this very site.

    Programs that are no browser send neither header, and carry no cookies by accident.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc == headers.get("host")


def _login_for(request: HTTPConnection) -> str:
    """The login that leads on to what was asked for."""
    asked = quote(request.scope["path"])
    if query := request.scope["query_string"].decode("latin-1"):
        asked += f"?{query}"
    return LOGIN if asked == "/" else f"{LOGIN}?{urlencode({'next': asked})}"


def _method(request: HTTPConnection) -> str:
    return str(request.scope.get("method", "websocket"))


def _name(request: HTTPConnection) -> str:
    """The name that it was reached by, without the port; "" if that is no name."""
    host = request.headers.get("host", "")
    try:
        parts = urlsplit(f"//{host}")
    except ValueError:
        return ""
    return (parts.hostname or "") if parts.netloc == host and "@" not in host else ""


def _security_headers(door: Door) -> dict[str, str]:
    scripts = " ".join(["'self'", *(f"{it}" for it in door.script_hashes)])
    policy = {
        "default-src": "'self'",
        "script-src": scripts,
        # charts set styles of their own while they draw
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "connect-src": "'self'",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    headers = {
        "Content-Security-Policy": "; ".join(f"{k} {v}" for k, v in policy.items()),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    }
    if door.is_https:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return headers
