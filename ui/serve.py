"""The HTTP server around the pages: what is put together, where it listens, a clean end."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from ipaddress import ip_address
from typing import Any

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse

from rag.errors import RagError
from ui.chat import build_app, mount_chat
from ui.conversations import WRITES as CONVERSATION_WRITES
from ui.conversations import offer_conversations
from ui.documents.page import DOCUMENTS
from ui.documents.routes import STREAMS, offer_documents
from ui.documents.routes import WRITES as DOCUMENT_WRITES
from ui.features import Features
from ui.guard import CHAT_WRITES, HEALTH, SAFE_HEADERS, Guard
from ui.pages import CHAT, Link
from ui.protocols import Ask
from ui.reports import REPORTS, offer_reports
from ui.retrieval import SEARCH, offer_search
from ui.tell import note_failure
from ui.whole import offer_whole
from ui.words import read_words

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def serve(
    ask: Ask,
    features: Features = Features(),  # noqa: B008 - frozen
    *,
    host: str = "127.0.0.1",
    port: int = 7860,
    proxies: Sequence[str] = (),
    announce: Callable[[str], None] | None = None,
) -> None:
    """Serve the pages until SIGINT or SIGTERM; questions in work get 3 seconds to end.

    Args:
        ask: Answers a question, given the last answer on the page; called from several threads.
        features: What is offered beside. On the loopback addresses only requests for these and
            for `features.hosts` are answered, so that no page elsewhere can reach in by a name of
            its own.
        host: Address to listen on.
        port: 0 takes any free port.
        proxies: Addresses, or networks, of proxies that are believed whom they ask for. Whoever is
            not named comes from where the connection does, whatever its headers say.
        announce: Called with the page's address, once it can be reached.

    Raises:
        RagError: If `host` and `port` cannot be listened on.
    """
    if is_local(host):
        features = replace(features, hosts=features.hosts | LOOPBACK | {host})
    # uvicorn raises the signal again once it has stopped; Ctrl-C is no error
    with listen_on(host, port) as listener, suppress(KeyboardInterrupt):
        app = build_server(ask, features)
        if announce:
            name = f"[{host}]" if ":" in host else host
            announce(f"http://{name}:{listener.getsockname()[1]}")
        config = uvicorn.Config(
            app, access_log=False, server_header=False, timeout_graceful_shutdown=3,
            forwarded_allow_ips=list(proxies),  # None would be whom the environment names
        )  # fmt: skip
        uvicorn.Server(config).run(sockets=[listener])


def build_server(ask: Ask, features: Features = Features()) -> FastAPI:  # noqa: B008 - frozen
    """Build the ASGI app: the chat at `/`, pages beside it, `/healthz`, and the guard around all.

    Arguments are those of `serve`; only the names in `features.hosts` are answered for.
    """
    server = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @server.api_route(HEALTH, methods=["GET", "HEAD"])
    async def report_health() -> dict[str, str | int]:
        return {"status": "ok", "capacity": features.concurrency}

    @server.exception_handler(Exception)
    def report_failure(request: Request, failure: Exception) -> PlainTextResponse:
        reference = note_failure(failure)
        words = read_words(request.headers)
        return PlainTextResponse(words.failed.format(reference=reference), 500, SAFE_HEADERS)

    chat = build_app(ask, features, list_links(features))
    server.add_middleware(
        Guard,
        hosts=features.hosts,
        events=frozenset(chat.fns),
        logins=features.logins,
        **_offer_pages(server, features),
    )
    mount_chat(server, chat, features, list_links(features))
    return server


def _offer_pages(server: FastAPI, features: Features) -> dict[str, Any]:
    """Put up the pages beside the chat; return what may be written to, as `Guard` takes it."""
    links, writes, streams = list_links(features), {**CHAT_WRITES}, tuple[str, ...]()
    if features.reports is not None:
        offer_reports(server, features.reports, links)
    if features.search is not None:
        offer_search(server, features.search, links, concurrency=features.concurrency)
    if features.get_document is not None:
        offer_whole(server, features.get_document, links)
    if features.kept is not None:
        offer_conversations(server, features.kept)
        writes |= CONVERSATION_WRITES
    if features.library is not None:
        offer_documents(server, features.library, may_add=features.may_add, links=links)
        if features.may_add:
            writes, streams = {**writes, **DOCUMENT_WRITES}, STREAMS
    return {"writes": writes, "streams": streams}


def list_links(features: Features) -> list[Link]:
    """The pages that there are, in the order in which they are named."""
    beside = (
        (DOCUMENTS, features.library is not None),
        (SEARCH, features.search is not None),
        (REPORTS, features.reports is not None),
    )
    return [CHAT, *(link for link, offered in beside if offered)]


def is_local(host: str) -> bool:
    """Whether an address can be reached from this machine only."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def listen_on(host: str, port: int) -> socket.socket:
    """A socket whose connections send small pieces at once.

    asyncio asks that of those alone that name TCP as their protocol. Any other waits for the client
    to confirm the piece before, which clients put off by 40 ms.

    Raises:
        RagError: If `host` and `port` cannot be listened on.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        plain = socket.create_server((host, port), family=family)
    except (OSError, OverflowError) as exc:
        raise RagError(
            f"cannot listen on {host!r}, port {port}: {exc}. Choose another port or end the "
            "program that holds it"
        ) from exc
    return socket.socket(plain.family, plain.type, socket.IPPROTO_TCP, fileno=plain.detach())
