"""The server lets through what the chat sends, turns the rest away early, and ends when told."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from rag.errors import RagError
from tests.fakes import fake_ask
from ui.features import Features
from ui.guard import MAX_BODY_BYTES
from ui.login import MOST_WRONG
from ui.serve import build_server, listen_on, serve

JOIN = "/gradio_api/queue/join"


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    async def build() -> FastAPI:  # gradio makes, and leaves, event loops where none runs
        return build_server(fake_ask, Features(hosts=frozenset({"localhost"})))

    with TestClient(asyncio.run(build()), base_url="http://localhost") as client:
        yield client


def test_health_is_told_and_how_much_is_answered_at_once(client: TestClient) -> None:
    told = client.get("/healthz").json()

    assert told == {"status": "ok", "capacity": Features().concurrency}


@pytest.mark.parametrize("path", ["/", "/healthz", "/nothing", "/monitoring"])
def test_every_response_carries_the_safety_headers(client: TestClient, path: str) -> None:
    headers = client.get(path).headers

    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "object-src 'none'" in policy
    assert "frame-ancestors 'self'" in policy
    assert "http" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize(
    ("size", "chunked", "refused"),
    [
        pytest.param(MAX_BODY_BYTES, False, False, id="at the limit"),
        pytest.param(MAX_BODY_BYTES + 1, False, True, id="one above, declared"),
        pytest.param(MAX_BODY_BYTES, True, False, id="at the limit, chunked"),
        pytest.param(MAX_BODY_BYTES + 1, True, True, id="one above, chunked"),
        pytest.param(5_000_000, False, True, id="5 MB"),
    ],
)
def test_a_body_over_the_limit_is_413(
    client: TestClient, size: int, chunked: bool, refused: bool
) -> None:
    body = b"x" * size
    pieces = (body[n : n + 65536] for n in range(0, size, 65536))

    response = client.post(JOIN, content=pieces if chunked else body)

    assert (response.status_code == 413) is refused


def test_a_length_that_is_no_number_is_413(client: TestClient) -> None:
    response = client.post(JOIN, content=b"{}", headers={"content-length": "-1"})

    assert response.status_code == 413


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/file=/etc/passwd",
        "/gradio_api/file=%2e%2e/%2e%2e/etc/passwd",
        "/gradio_api/file/etc/passwd",
        "/gradio_api/proxy=http://169.254.169.254/latest",
        "/gradio_api/proxy=file:///etc/passwd",
        "/static/../../etc/passwd",
        "/monitoring",
        "/monitoring/summary",
        "/docs",
        "/openapi.json",
        "/flag",
    ],
)
def test_a_route_that_is_not_needed_is_closed(client: TestClient, path: str) -> None:
    response = client.get(path)

    assert response.status_code in (403, 404)
    assert "root:" not in response.text


@pytest.mark.parametrize(
    "path", ["upload", "process_recording", "vibe-edit", "run/flag", "stream/x", "call/x"]
)
def test_nothing_can_be_written_but_questions(client: TestClient, path: str) -> None:
    assert client.post(f"/gradio_api/{path}", content=b"{}").status_code == 404


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://[bad", "file://"])
def test_a_page_of_another_site_is_not_answered(client: TestClient, origin: str) -> None:
    response = client.get("/config", headers={"origin": origin})

    assert response.status_code == 403
    assert "access-control-allow-origin" not in response.headers


def test_a_page_of_this_site_is_answered(client: TestClient) -> None:
    assert client.get("/healthz", headers={"origin": "http://localhost:9"}).status_code == 200


def test_another_host_name_is_not_answered(client: TestClient) -> None:
    assert client.get("/healthz", headers={"host": "evil.example"}).status_code == 403


def test_a_port_in_use_is_told_in_words() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(RagError, match=f"cannot listen on '127.0.0.1', port {port}"):
            serve(fake_ask, port=port)


def test_a_piece_of_an_answer_is_sent_at_once() -> None:
    """A reader alone waited twice as long for an answer as it took."""

    async def connect() -> int:
        delays = asyncio.Queue[int]()

        def note(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            taken: socket.socket = writer.get_extra_info("socket")
            delays.put_nowait(taken.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        with listen_on("127.0.0.1", 0) as listener:
            address = listener.getsockname()
            async with await asyncio.start_server(note, sock=listener):
                _, writer = await asyncio.open_connection(*address)
                writer.close()
                return await delays.get()

    assert asyncio.run(connect())


@pytest.mark.parametrize(
    ("proxies", "expected"),
    [
        pytest.param((), [401] * MOST_WRONG + [429] * 2, id="nobody is believed"),
        pytest.param(("127.0.0.0/8",), [401] * (MOST_WRONG + 2), id="a proxy that is named"),
        pytest.param(("192.0.2.1",), [401] * MOST_WRONG + [429] * 2, id="another proxy"),
    ],
)
def test_whom_a_request_says_it_is_for_counts_from_a_proxy_alone_that_is_named(
    proxies: tuple[str, ...], expected: list[int]
) -> None:
    """A header of its own for each guess let a reader guess passwords without end."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    code = (
        "from tests.fakes import *; from ui.features import *; from ui.login import *; "
        "from ui.serve import *; serve(fake_ask, Features(logins=read_logins(['ada:x'])), "
        f"port={port}, proxies={proxies})"
    )
    command = [sys.executable, "-c", code]
    root = Path(__file__).parent.parent
    address = f"http://127.0.0.1:{port}"
    environment = {**os.environ, "FORWARDED_ALLOW_IPS": "*"}
    with subprocess.Popen(command, cwd=root, stderr=subprocess.DEVNULL, env=environment) as process:  # noqa: S603
        wait_until_up(f"{address}/healthz")
        told = [
            httpx.get(
                address, auth=("ada", f"{n}"), headers={"x-forwarded-for": f"192.0.2.{n}"}
            ).status_code
            for n in range(MOST_WRONG + 2)
        ]
        process.terminate()

    assert told == expected


def test_sigterm_ends_the_server_soon_though_a_page_is_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    code = f"from tests.fakes import *; from ui.serve import *; serve(fake_ask, port={port})"
    command = [sys.executable, "-c", code]
    root = Path(__file__).parent.parent
    address = f"http://127.0.0.1:{port}"
    with subprocess.Popen(command, cwd=root, stderr=subprocess.DEVNULL) as process:  # noqa: S603
        wait_until_up(f"{address}/healthz")
        with httpx.stream("GET", f"{address}/gradio_api/heartbeat/x") as page:
            next(page.iter_raw())
            started = time.monotonic()
            os.kill(process.pid, signal.SIGTERM)
            process.wait(timeout=20)

    assert time.monotonic() - started < 10
    assert process.returncode in (0, -signal.SIGTERM)


def wait_until_up(address: str) -> None:
    for _ in range(600):
        try:
            if httpx.get(address).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    pytest.fail(f"{address} did not come up within a minute")
