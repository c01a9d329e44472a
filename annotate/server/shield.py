"""What every request passes before it is looked at, and what every answer carries.

Each check is here because a browser can be made to send requests that its user did not mean: by a
page of another site (cross-site forgery), or by a name that resolves to this machine (rebinding).
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from annotate.server.problems import Problem
from annotate.server.services import Services
from annotate.server.settings import LOCAL_NAMES

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self' 'wasm-unsafe-eval'",  # the mesh decoder is WebAssembly
        "style-src 'self'",
        "img-src 'self' blob: data:",
        "connect-src 'self' blob: data:",  # textures of a GLB are fetched from blob: addresses
        "worker-src 'self'",
        "font-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "object-src 'none'",
        "base-uri 'none'",
    )
)

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


class Shield:
    """Checks Host, size and origin, and adds the headers of `HEADERS`."""

    def __init__(self, app: ASGIApp, services: Services) -> None:
        self._app = app
        self._services = services
        names = (*LOCAL_NAMES, services.settings.host, *services.settings.hosts)
        self._hosts = frozenset(name.lower() for name in names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        send = _with_headers(send, secure=self._services.settings.secure_cookies)
        limit = self._services.settings.limits.body_bytes
        problem = (
            unknown_host(headers, self._hosts)
            or climbing_path(scope["path"])
            or too_large(headers, limit)
            or cross_site(scope["method"], headers)
        )
        if problem is None:
            await self._app(scope, _limited(receive, limit), send)
            return
        connection = HTTPConnection(scope)
        await run_in_threadpool(self._services.note_refusal, problem, connection)
        await problem.response()(scope, receive, send)


def unknown_host(headers: Headers, known: frozenset[str]) -> Problem | None:
    """Refuse names that are not ours: a foreign name may have been made to point to us."""
    host = headers.get("host", "")
    name = urlsplit(f"//{host}").hostname if _is_plain(host) else None
    if name is not None and name in known:
        return None
    return Problem("unknown_host", "this server does not answer under that name; see --name")


def climbing_path(path: str) -> Problem | None:
    """Refuse ways out of a folder before anything looks at files; no honest address has them."""
    steps = path.replace("\\", "/").split("/")
    if ".." not in steps and "\\" not in path and path.isprintable():
        return None
    return Problem("bad_path", "an address has no `..`, no backslash and no control character")


def _is_plain(host: str) -> bool:
    return bool(host) and not set(host) & set("/?#@\\ ")


def too_large(headers: Headers, limit: int) -> Problem | None:
    """Refuse what announces too much; what announces less than it sends is cut while reading."""
    announced = headers.get("content-length", "0")
    if announced.isdecimal() and int(announced) <= limit:
        return None
    return _too_large(limit)


def cross_site(method: str, headers: Headers) -> Problem | None:
    """Refuse changes that a page of another site asked for.

    Browsers say where a request comes from in `Sec-Fetch-Site`; older ones in `Origin`. A request
    with neither is no browser's, and holds no cookie that its user did not put there.
    """
    if method in SAFE:
        return None
    site = headers.get("sec-fetch-site")
    if site is not None:
        fine = site in ("same-origin", "none")
    else:
        origin = headers.get("origin")
        fine = origin is None or urlsplit(origin).netloc == headers.get("host")
    return None if fine else Problem("cross_site", "changes are accepted from our own page alone")


def _too_large(limit: int) -> Problem:
    return Problem("too_large", f"a request has at most {limit} bytes; send less at once")


def _limited(receive: Receive, limit: int) -> Receive:
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise _too_large(limit)
        return message

    return counted


def _with_headers(send: Send, *, secure: bool) -> Send:
    async def added(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            if secure:
                headers["Strict-Transport-Security"] = "max-age=31536000"
            headers.setdefault("Cache-Control", "no-store")
        await send(message)

    return added
