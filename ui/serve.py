"""The HTTP server around the chat page: small requests, known routes, safe headers, a clean end.

Gradio's own routes take uploads, proxy addresses and edit apps; none of that is needed here, so
requests that write are let through only where the chat sends them.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import uvicorn
from fastapi import FastAPI
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.errors import RagError
from ui.chat import Ask, build_app, mount_chat, read_style
from ui.reports import ADDRESS, offer_reports

MAX_BODY_BYTES = 256 * 1024  # a question and its session fit in a few kilobytes
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_WRITES = (
    *("/gradio_api/queue/join", "/gradio_api/call/chat"),  # questions
    *("/gradio_api/run/predict", "/gradio_api/cancel", "/gradio_api/reset"),  # stop and clear
)
_CLOSED = ("/gradio_api/file", "/gradio_api/proxy=", "/gradio_api/stream/", "/monitoring")
_HEADERS = {
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


def serve(
    ask: Ask,
    *,
    host: str = "127.0.0.1",
    port: int = 7860,
    examples: Sequence[str] = (),
    concurrency: int = 4,
    max_waiting: int = 32,
    allowed_hosts: Sequence[str] = (),
    reports: Path | None = None,
    announce: Callable[[str], None] | None = None,
) -> None:
    """Serve the chat page until SIGINT or SIGTERM; questions in work get 3 seconds to end.

    Args:
        ask: Answers a question, given the last answer on the page; called from several threads.
        host: Address to listen on. On the loopback addresses only requests for them are
            answered, so that no page elsewhere can reach in by a name of its own.
        port: 0 takes any free port.
        examples: Questions offered while the page is empty.
        concurrency: How many questions are answered at the same time.
        max_waiting: How many more may wait.
        allowed_hosts: Further host names that the page is reached by, as behind a proxy.
        reports: Folder of evaluation runs, whose reports a link on the page leads to.
        announce: Called with the page's address, once it can be reached.

    Raises:
        RagError: If `host` and `port` cannot be listened on.
    """
    hosts = frozenset(allowed_hosts) | (_LOOPBACK if host in _LOOPBACK else frozenset())
    # uvicorn raises the signal again once it has stopped; Ctrl-C is no error
    with _listen(host, port) as listener, suppress(KeyboardInterrupt):
        app = build_server(
            ask, examples=examples, concurrency=concurrency, max_waiting=max_waiting, hosts=hosts,
            reports=reports,
        )  # fmt: skip
        if announce:
            name = f"[{host}]" if ":" in host else host
            announce(f"http://{name}:{listener.getsockname()[1]}")
        config = uvicorn.Config(
            app, access_log=False, server_header=False, timeout_graceful_shutdown=3
        )
        uvicorn.Server(config).run(sockets=[listener])


def build_server(
    ask: Ask,
    *,
    examples: Sequence[str] = (),
    concurrency: int = 4,
    max_waiting: int = 32,
    hosts: frozenset[str] = frozenset(),
    reports: Path | None = None,
) -> FastAPI:
    """Build the ASGI app: the page at `/`, `/healthz`, and the guard around both.

    Arguments are those of `serve`, but that only the names in `hosts` are answered for; an empty
    set answers for any.
    """
    server = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @server.get("/healthz")
    def report_health() -> dict[str, str]:
        return {"status": "ok"}

    if reports is not None:
        offer_reports(server, reports, style=read_style())
    server.add_middleware(Guard, hosts=hosts, max_body_bytes=MAX_BODY_BYTES)
    blocks = build_app(
        ask, examples=examples, concurrency=concurrency, max_waiting=max_waiting,
        reports=ADDRESS if reports is not None else "",
    )  # fmt: skip
    mount_chat(server, blocks)
    return server


class Guard:
    """Turn away what the chat never sends, before Gradio sees it; add the safety headers.

    403 for another site's page or an unknown host name, 404 for a route that is closed, 413 for
    a body over the limit. Bodies are counted as they come, whatever their headers say.
    """

    def __init__(self, app: ASGIApp, *, hosts: frozenset[str], max_body_bytes: int) -> None:
        self.app = app
        self.hosts = hosts
        self.max_body_bytes = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, or answer with a refusal."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        refusal = self._refuse(scope)
        body = None if refusal else await _read_body(scope, receive, self.max_body_bytes)
        if refusal is None and body is None:
            refusal = PlainTextResponse("the request is too large", 413)
        if refusal is not None:
            await refusal(scope, receive, send_safely)
        elif body is not None:
            await self.app(scope, _replay(body, receive), send_safely)

    def _refuse(self, scope: Scope) -> PlainTextResponse | None:
        headers, path = Headers(scope=scope), scope["path"]
        host = _name_host("//" + headers.get("host", ""))
        if self.hosts and host not in self.hosts:
            return PlainTextResponse("this host name is not served here", 403)
        origin = headers.get("origin")
        if origin is not None and _name_host(origin) not in {host, *self.hosts}:
            return PlainTextResponse("requests from other sites are not answered", 403)
        reads = scope["method"] in ("GET", "HEAD")
        if path.startswith(_CLOSED) or not (reads or path.startswith(_WRITES)):
            return PlainTextResponse("not found", 404)
        return None


async def _read_body(scope: Scope, receive: Receive, limit: int) -> bytes | None:
    """Read the whole body; None once it is known to be longer than `limit` bytes."""
    declared = Headers(scope=scope).get("content-length", "0")
    if not declared.isdecimal() or int(declared) > limit:
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


def _name_host(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except (OSError, OverflowError) as exc:
        raise RagError(
            f"cannot listen on {host!r}, port {port}: {exc}. Choose another port or end the "
            "program that holds it"
        ) from exc
