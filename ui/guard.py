"""What stands before every request: known names, logins, known routes, small bodies, safe headers.

Gradio's own routes take uploads, proxy addresses and edit apps, and keep states in files; none of
that is needed here, so of its routes only those are open that the page and its clients use.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders, QueryParams
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.bodies import find_flaw
from ui.login import ANYBODY, Door, Logins

MAX_BODY_BYTES = 256 * 1024  # a question and its session fit in a few kilobytes
MAX_DIGITS = 18  # of a length; Python reads no number of thousands
BODY_SECONDS = 20.0  # for all of a body; a slow line sends those bytes in a tenth of it
CHAT_WRITES: Mapping[str, int] = dict.fromkeys(
    (
        "/gradio_api/queue/join",  # questions
        *("/gradio_api/call/chat", "/gradio_api/call/ask", "/gradio_api/call/follow"),
        *("/gradio_api/run/predict", "/gradio_api/cancel", "/gradio_api/reset"),  # stop and clear
    ),
    MAX_BODY_BYTES,
)
HEALTH = "/healthz"
_GRADIO = "/gradio_api/"
_GRADIO_READS = tuple(
    _GRADIO + name
    for name in (
        *("info", "app_id", "startup-events", "theme.css"),  # the page, and clients
        *("queue/data", "call/", "heartbeat/"),  # answers
    )
)
_ROOTS = ("/", "/config", "/config/", "/gradio_api/info", "/gradio_api/info/")
_STORED = frozenset({"deep_link", "page"})  # of these, in their queries: there are none
_CLOSED = ("/monitoring", "/login", "/logout")
_GRANTS = ("access-control-allow-origin", "access-control-allow-credentials")
SAFE_HEADERS = {
    # Gradio's page needs inline scripts and styles, and compiles its templates
    "content-security-policy": "default-src 'self'; script-src 'self' 'unsafe-inline' "
    "'unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'self'; "
    "object-src 'none'; frame-ancestors 'self'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "SAMEORIGIN",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}


class Guard:
    """Turn away what the chat never sends, before Gradio sees it; add the safety headers.

    403 for another site's page or an unknown host name, 401 and 429 as `Door` says but for
    `HEALTH`, 404 for a route that is closed, 408 for a body that does not come, 413 for one over
    the limit, 422 for one to Gradio that `find_flaw` finds a flaw in. Bodies are counted as they
    come, whatever their headers say. There are no websockets, and other sites are granted nothing.

    Args:
        app: Is called for what is let through.
        hosts: Names that are answered for; none: any.
        writes: Start of a path that may be written to -> the bytes that a body may have. Bodies
            are read before they are passed on, so that a request is refused whole.
        streams: Starts of paths whose bodies are passed on as they come, and counted by whoever
            takes them.
        events: Numbers of Gradio's events.
        logins: That are let in; none: everybody is.
        body_seconds: Longest wait for all of a body.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        hosts: frozenset[str],
        writes: Mapping[str, int],
        streams: tuple[str, ...] = (),
        events: Collection[int] = (),
        logins: Logins = ANYBODY,
        body_seconds: float = BODY_SECONDS,
    ) -> None:
        self.app = app
        self.hosts = hosts
        self.writes = writes
        self.streams = streams
        self.events = events
        self.door = Door(logins)
        self.body_seconds = body_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, or answer with a refusal."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(SAFE_HEADERS)
                for grant in _GRANTS:
                    del headers[grant]
            await send(message)

        refusal = self._refuse(scope)
        if refusal is None and scope["path"].startswith(self.streams):
            await self.app(scope, receive, send_safely)
            return
        body = refusal or await self._read_body(scope, receive)
        if isinstance(body, Response):
            await body(scope, receive, send_safely)
        else:
            await self.app(scope, _replay(body, receive), send_safely)

    def _refuse(self, scope: Scope) -> Response | None:
        headers, path = Headers(scope=scope), scope["path"]
        names = {_name_host("//" + name) for name in _list_names(headers)}
        if None in names or (self.hosts and not names <= self.hosts):
            return PlainTextResponse("this host name is not served here", 403)
        origin = headers.get("origin")
        if origin is not None and _name_host(origin) not in {*names, *self.hosts}:
            return PlainTextResponse("requests from other sites are not answered", 403)
        if path != HEALTH:
            address = (scope.get("client") or ("",))[0]
            refusal = self.door.refuse(address, headers.get("authorization"))
            if refusal is not None:
                return refusal
        stored = path in _ROOTS and not _STORED.isdisjoint(QueryParams(scope["query_string"]))
        if stored or not self._is_open(scope["method"], path):
            return PlainTextResponse("not found", 404)
        return None

    def _is_open(self, method: str, path: str) -> bool:
        if method in ("GET", "HEAD"):
            known = not path.startswith(_GRADIO) or path.startswith(_GRADIO_READS)
            return known and not path.startswith(_CLOSED)
        asks = method in ("OPTIONS", "TRACE", "CONNECT")  # about the server, not for anything here
        return not asks and path.startswith((*self.writes, *self.streams))

    async def _read_body(self, scope: Scope, receive: Receive) -> bytes | Response:
        try:
            async with asyncio.timeout(self.body_seconds):
                body = await _read_body(scope, receive, self._limit(scope["path"]))
        except TimeoutError:
            return PlainTextResponse("the request took too long to come", 408)
        if body is None:
            return PlainTextResponse("the request is too large", 413)
        if scope["method"] == "POST" and scope["path"].startswith(_GRADIO):
            flaw = find_flaw(scope["path"], body, self.events)
            if flaw:
                return PlainTextResponse(flaw, 422)
        return body

    def _limit(self, path: str) -> int:
        return max((n for start, n in self.writes.items() if path.startswith(start)), default=0)


async def _read_body(scope: Scope, receive: Receive, limit: int) -> bytes | None:
    """Read the whole body; None once it is known to be longer than `limit` bytes."""
    declared = Headers(scope=scope).get("content-length", "0")
    if not declared.isdecimal() or len(declared) > MAX_DIGITS or int(declared) > limit:
        return None
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > limit:
            return None
        if not message.get("more_body", False):  # the end, or the client is gone
            return bytes(body)


def _replay(body: bytes, receive: Receive) -> Receive:
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_again() -> Message:
        return waiting.pop() if waiting else await receive()

    return receive_again


def _list_names(headers: Headers) -> list[str]:
    """Every name that the server is called by; Gradio builds addresses from each of them."""
    forwarded = headers.get("x-forwarded-host")
    named = [] if forwarded is None else [forwarded.split(",")[0].strip()]
    return [headers.get("host", ""), *named, *headers.getlist("x-gradio-server")]


def _name_host(address: str) -> str | None:
    """The name in `scheme://name:port`; None if there is none, or anything beside."""
    try:
        parts = urlsplit(address)
        whole = parts.port is None or parts.port > 0  # reading it checks it
    except ValueError:
        return None
    beside = parts.path or parts.query or parts.fragment or "@" in parts.netloc
    return parts.hostname if whole and not beside else None
