"""The pages served for real, for a browser or a client: on a port of this machine."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI
from starlette.testclient import TestClient

from tests.fakes import fake_ask
from ui.features import Features
from ui.protocols import Ask
from ui.serve import build_server, listen_on


@contextmanager
def open_client(features: Features) -> Iterator[TestClient]:
    """Ask the pages without a network; `features.hosts` holds `localhost`."""

    async def build() -> FastAPI:  # gradio makes, and leaves, event loops where none runs
        return build_server(fake_ask, features)

    app = asyncio.run(build())
    with TestClient(app, base_url="http://localhost", raise_server_exceptions=False) as client:
        yield client


@contextmanager
def serve_site(features: Features, ask: Ask = fake_ask) -> Iterator[str]:
    """Serve the pages on a free port, and give the address of the first, with a `/` at its end."""
    with listen_on("127.0.0.1", 0) as listener:
        servers: list[uvicorn.Server] = []

        async def run() -> None:
            config = uvicorn.Config(
                build_server(ask, features), log_level="critical", timeout_graceful_shutdown=1
            )
            servers.append(uvicorn.Server(config))
            await servers[0].serve(sockets=[listener])

        thread = threading.Thread(target=asyncio.run, args=[run()])
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        finally:
            while not servers and thread.is_alive():
                thread.join(0.1)  # it is still being built
            servers[0].should_exit = True
            thread.join()
