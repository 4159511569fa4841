"""A model server on this machine that does what each test tells it to, well or badly."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

import pytest
from pydantic import SecretStr

from rag.errors import ModelFailedError
from rag.language_models.breaker import CircuitBreaker
from rag.language_models.model import Message
from rag.language_models.server import ServerModel

ASKED = (Message("system", "Answer."), Message("user", "什么时候?"))
KEY = "sk-very-secret-0123456789"

Reaction = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Keeps each request and lets the next reaction answer it; the last one answers the rest."""

    protocol_version = "HTTP/1.1"
    server: FakeServer

    def do_POST(self) -> None:
        size = int(self.headers.get("Content-Length", "0"))
        body = json.loads(self.rfile.read(size))
        self.server.requests.append((self.path, dict(self.headers.items()), body))
        n = min(len(self.server.requests), len(self.server.reactions)) - 1
        with suppress(ConnectionError):  # the client may have left
            self.server.reactions[n](self)

    do_GET = do_POST  # noqa: N815 - named by http.server

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - named there
        pass

    def send(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.start(status, {"Content-Length": str(len(body)), **headers})
        self.wfile.write(body)

    def start(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if not {"Content-Length", "Transfer-Encoding"} & headers.keys():
            self.close_connection = True
            self.send_header("Connection", "close")
        self.end_headers()


class FakeServer(ThreadingHTTPServer):
    """Attributes: `requests` as path, headers and body; `connections`, how many there were."""

    daemon_threads = True

    def __init__(self, reactions: Iterable[Reaction]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.reactions = list(reactions)
        self.requests: list[tuple[str, dict[str, str], Any]] = []
        self.stopped = Event()
        self.connections = 0

    def process_request(self, request: Any, client_address: Any) -> None:
        self.connections += 1
        super().process_request(request, client_address)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


@contextmanager
def serve(*reactions: Reaction) -> Iterator[FakeServer]:
    server = FakeServer(reactions)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.stopped.set()
        server.shutdown()
        thread.join()
        server.server_close()


def write_event(text: str, finish: str | None = None) -> bytes:
    delta = {"content": text} if text else {}
    record = {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}
    return b"data: " + json.dumps(record).encode() + b"\n\n"


def write_stream(*pieces: str) -> bytes:
    return b"".join(map(write_event, pieces)) + write_event("", "stop") + b"data: [DONE]\n\n"


def stream(*pieces: str) -> Reaction:
    """A whole reply, well formed."""
    return send_body(write_stream(*pieces), "text/event-stream")


def send_body(body: bytes, kind: str = "application/json") -> Reaction:
    return lambda handler: handler.send(200, {"Content-Type": kind}, body)


def send_status(status: int, words: str = "", **headers: str) -> Reaction:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    body = json.dumps({"error": {"message": words}}).encode() if words else b""
    return lambda handler: handler.send(status, named, body)


def cut_after(*pieces: str) -> Reaction:
    """A stream that promises more than it holds, and then the connection closes."""
    body = b"".join(map(write_event, pieces))

    def react(handler: Handler) -> None:
        handler.start(200, {"Content-Length": str(len(body) + 100)})
        handler.wfile.write(body)
        handler.close_connection = True

    return react


def trickle(piece: bytes, seconds: float) -> Reaction:
    """The same bytes again and again, until nobody listens."""

    def react(handler: Handler) -> None:
        handler.start(200, {"Content-Type": "text/event-stream"})
        while not handler.server.stopped.wait(seconds):
            handler.wfile.write(piece)

    return react


def stay_silent(handler: Handler) -> None:
    handler.server.stopped.wait(10)


def make_model(
    address: str, *, seconds: float = 5.0, breaker: CircuitBreaker | None = None
) -> ServerModel:
    return ServerModel(
        "tea-1",
        address,
        api_key=SecretStr(KEY),
        timeout_seconds=seconds,
        retry_seconds=0.01,
        breaker=breaker,
    )


def ask(*reactions: Reaction, seconds: float = 5.0, max_tokens: int = 50) -> tuple[list[str], int]:
    """The pieces of the reply, and how many requests it took."""
    with serve(*reactions) as server:
        model = make_model(server.address, seconds=seconds)
        return list(model.stream_reply(ASKED, max_tokens=max_tokens)), len(server.requests)


def fail(*reactions: Reaction, seconds: float = 5.0, max_tokens: int = 50) -> tuple[str, int]:
    """The message of the failure, and how many requests it took."""
    with serve(*reactions) as server:
        model = make_model(server.address, seconds=seconds)
        with pytest.raises(ModelFailedError) as caught:
            list(model.stream_reply(ASKED, max_tokens=max_tokens))
        assert str(caught.value).startswith(f"the model server at '{server.address}' failed: ")
        assert KEY not in str(caught.value)
        return str(caught.value), len(server.requests)
