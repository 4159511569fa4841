"""A server that really listens, on a port of its own, in a thread of this process."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from fastapi import FastAPI

from ui.features import Features
from ui.protocols import Ask
from ui.serve import build_server

LOCAL = frozenset({"127.0.0.1", "localhost", "testserver"})


def build_app(ask: Ask, features: Features) -> FastAPI:
    """The whole app; Gradio makes, and leaves, event loops where none runs."""

    async def build() -> FastAPI:
        return build_server(ask, features)

    return asyncio.run(build())


@contextmanager
def run_server(ask: Ask, features: Features) -> Iterator[str]:
    """Serve until left; gives the address, without a slash at its end."""
    servers: list[uvicorn.Server] = []
    started = threading.Event()
    ports: list[int] = []

    async def run() -> None:
        config = uvicorn.Config(
            build_server(ask, features),
            host="127.0.0.1",
            port=0,
            log_level="critical",
            timeout_graceful_shutdown=1,
        )
        servers.append(_Server(config, started, ports))
        await servers[0].serve()

    thread = threading.Thread(target=asyncio.run, args=[run()])
    thread.start()
    try:
        assert started.wait(60), "the server did not come up within a minute"
        yield f"http://127.0.0.1:{ports[0]}"
    finally:
        servers[0].should_exit = True
        thread.join(30)


class _Server(uvicorn.Server):
    """Tells where it listens, and leaves the signals of the process alone."""

    def __init__(self, config: uvicorn.Config, started: threading.Event, ports: list[int]) -> None:
        super().__init__(config)
        self._told = started
        self._ports = ports

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        self._ports.append(self.servers[0].sockets[0].getsockname()[1])
        self._told.set()


class Connections:
    """Notes every address outside this machine that this process connects to or looks up."""

    def __init__(self) -> None:
        self.noted: list[object] | None = []
        sys.addaudithook(self._note)

    def _note(self, event: str, args: tuple[Any, ...]) -> None:
        if self.noted is None or event not in ("socket.connect", "socket.getaddrinfo"):
            return
        place = str(args[1] if event == "socket.connect" else args[0])
        if not any(name in place for name in ("127.0.0.1", "localhost", "None")):
            self.noted.append((event, place))

    def close(self) -> None:
        """Note no more; an audit hook cannot be taken off."""
        self.noted = None
