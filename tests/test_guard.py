"""The guard lets through what is named, whole, and in time; the rest never gets past it."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Sequence

import pytest
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send
from starlette.websockets import WebSocketDisconnect

from ui.guard import CHAT_WRITES, SAFE_HEADERS, Guard
from ui.login import Logins, read_logins

LOCAL = frozenset({"testserver"})
RIGHT = {"authorization": "Basic " + base64.b64encode(b"ada:secret").decode()}
RESET = "/gradio_api/reset"


class Behind:
    """What the guard stands before: notes what reaches it, and grants everything to everybody."""

    def __init__(self) -> None:
        self.reached: list[tuple[str, str, bytes]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = b""
        more = scope["type"] == "http"
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        self.reached.append((scope.get("method", scope["type"]), scope.get("path", ""), body))
        grants = {
            "access-control-allow-origin": "*",
            "access-control-allow-credentials": "true",
            "content-security-policy": "default-src *",
        }
        await PlainTextResponse("reached", headers=grants)(scope, receive, send)


@pytest.fixture
def behind() -> Behind:
    return Behind()


def make_client(
    behind: Behind, *, hosts: frozenset[str] = LOCAL, logins: Logins | None = None
) -> TestClient:
    guard = Guard(
        behind,
        hosts=hosts,
        writes={**CHAT_WRITES, "/library": 100},
        streams=("/upload",),
        events=frozenset({0}),
        logins=logins or read_logins([]),
    )
    return TestClient(guard)


@pytest.fixture
def client(behind: Behind) -> TestClient:
    return make_client(behind)


def test_every_answer_has_the_safety_headers_and_grants_nothing(client: TestClient) -> None:
    for path in ("/", "/gradio_api/file=x"):
        headers = client.get(path).headers

        assert {name: headers.get(name) for name in SAFE_HEADERS} == SAFE_HEADERS
        assert [name for name in headers if name.startswith("access-control-")] == []


@pytest.mark.parametrize("method", ["OPTIONS", "TRACE", "CONNECT"])
@pytest.mark.parametrize("path", ["/", RESET, "/gradio_api/queue/join", "/library", "/upload"])
def test_nobody_is_told_what_could_be_asked(
    client: TestClient, behind: Behind, method: str, path: str
) -> None:
    preflight = {"origin": "http://testserver", "access-control-request-method": "POST"}

    response = client.request(method, path, headers=preflight)

    assert (response.status_code, behind.reached) == (404, [])


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_only_what_is_named_is_written_to(client: TestClient, behind: Behind, method: str) -> None:
    for path in ("/", "/healthz", "/config", "/gradio_api/upload", "/gradio_api/call/other"):
        assert client.request(method, path).status_code == 404
    assert behind.reached == []


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    "path",
    [
        *("file=/etc/passwd", "file/etc/passwd", "proxy=http://x", "deep_link", "dev/reload"),
        *("stream/a/b/c/playlist.m3u8", "custom_component/a/client/b/c", "user", "token", "runs"),
        *("openapi.json", "vibe-code", "upload_progress", "profiling/traces", "login_check", ""),
    ],
)
def test_of_gradios_routes_only_those_that_are_used_can_be_read(
    client: TestClient, behind: Behind, method: str, path: str
) -> None:
    response = client.request(method, f"/gradio_api/{path}")

    assert (response.status_code, behind.reached) == (404, [])


@pytest.mark.parametrize(
    "path", ["info", "queue/data", "call/chat/1", "heartbeat/1", "startup-events", "theme.css"]
)
def test_those_that_are_used_can(client: TestClient, path: str) -> None:
    assert client.get(f"/gradio_api/{path}").text == "reached"


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example"},
        {"host": "testserver.evil.example"},
        {"host": "evil.example@testserver"},
        {"host": "testserver@evil.example"},
        {"host": "testserver/x"},
        {"host": "testserver?x"},
        {"host": "testserver#x"},
        {"host": "testserver:99999"},
        {"host": "testserver:x"},
        {"host": "[bad"},
        {"host": ""},
        {"x-forwarded-host": "evil.example"},
        {"x-forwarded-host": "evil.example, testserver"},
        {"x-forwarded-host": "[bad"},
        {"x-forwarded-host": ""},
        {"x-gradio-server": "http://evil.example"},
        {"x-gradio-server": "http://testserver"},
    ],
)
@pytest.mark.parametrize("hosts", [LOCAL, frozenset({"testserver", "other"})])
def test_a_server_that_is_called_by_another_name_does_not_answer(
    behind: Behind, headers: dict[str, str], hosts: frozenset[str]
) -> None:
    response = make_client(behind, hosts=hosts).get("/", headers=headers)

    assert (response.status_code, behind.reached) == (403, [])


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "TestServer:7860"},
        {"x-forwarded-host": "testserver:8443"},
        {"x-forwarded-host": "testserver, proxy.example"},
        {"origin": "https://testserver"},
    ],
)
def test_a_server_that_is_called_by_its_name_does(
    client: TestClient, headers: dict[str, str]
) -> None:
    assert client.get("/", headers=headers).text == "reached"


def test_without_names_any_is_answered_for_that_is_one(behind: Behind) -> None:
    client = make_client(behind, hosts=frozenset())

    assert client.get("/", headers={"host": "192.0.2.1:7860"}).text == "reached"
    assert client.get("/", headers={"host": "[2001:db8::1]:7860"}).text == "reached"
    assert client.get("/", headers={"host": "a/b"}).status_code == 403


def test_behind_a_proxy_a_page_may_be_of_the_public_name(behind: Behind) -> None:
    client = make_client(behind, hosts=frozenset())
    headers = {"x-forwarded-host": "docs.example", "origin": "https://docs.example"}

    assert client.get("/", headers=headers).text == "reached"
    assert client.get("/", headers={"origin": "https://docs.example"}).status_code == 403


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://[bad", "file://", ""])
def test_a_page_of_another_site_is_not_answered(
    client: TestClient, behind: Behind, origin: str
) -> None:
    response = client.post(RESET, json={"event_id": "e"}, headers={"origin": origin})

    assert (response.status_code, behind.reached) == (403, [])


def test_a_websocket_is_turned_away(client: TestClient, behind: Behind) -> None:
    with (
        pytest.raises(WebSocketDisconnect) as closed,
        client.websocket_connect("/gradio_api/queue/join"),
    ):
        pass

    assert closed.value.code == 1008
    assert behind.reached == []


def test_a_body_reaches_gradio_whole_or_not_at_all(client: TestClient, behind: Behind) -> None:
    pieces = [b'{"event_', b"", b'id":"e"}']

    assert client.post(RESET, content=iter(pieces)).text == "reached"
    assert client.post(RESET, content=iter(pieces[:2])).status_code == 422
    assert client.post(RESET, content=b"x" * 300_000).status_code == 413
    assert behind.reached == [("POST", RESET, b'{"event_id":"e"}')]


def test_the_bodies_of_other_pages_are_theirs_to_judge(client: TestClient, behind: Behind) -> None:
    client.post("/library", content=b"x=1")
    client.post("/upload", content=b"x" * 1000)

    assert [body for _, _, body in behind.reached] == [b"x=1", b"x" * 1000]
    assert client.post("/library", content=b"x" * 101).status_code == 413


@pytest.mark.parametrize("length", ["-1", "1e3", "x", "", "1" + "0" * 5000, "٣"])
def test_a_length_that_is_none_is_413(client: TestClient, behind: Behind, length: str) -> None:
    headers = [(b"content-length", length.encode())]

    response = client.post(RESET, content=b"{}", headers=headers)

    assert (response.status_code, behind.reached) == (413, [])


def test_a_body_that_does_not_come_is_408(behind: Behind) -> None:
    async def send_headers_only() -> list[Message]:
        sent: list[Message] = []
        waiting: list[Message] = [{"type": "http.request", "body": b"{", "more_body": True}]

        async def receive() -> Message:
            if not waiting:
                await asyncio.sleep(60)
            return waiting.pop()

        async def send(message: Message) -> None:
            sent.append(message)

        guard = Guard(behind, hosts=frozenset(), writes=CHAT_WRITES, body_seconds=0.05)
        scope = {"type": "http", "method": "POST", "path": RESET, "headers": [(b"host", b"a")]}
        await guard(scope, receive, send)
        return sent

    sent = asyncio.run(send_headers_only())

    assert [message.get("status") for message in sent] == [408, None]
    assert behind.reached == []


@pytest.fixture
def locked(behind: Behind) -> TestClient:
    return make_client(behind, logins=read_logins(["ada:secret"]))


ROUTES: Sequence[tuple[str, str]] = [
    ("GET", "/"),
    ("HEAD", "/"),
    ("GET", "/config"),
    ("GET", "/reports"),
    ("GET", "/assets/index.js"),
    ("GET", "/gradio_api/info"),
    ("GET", "/gradio_api/queue/data"),
    ("GET", "/gradio_api/file=/etc/passwd"),
    ("GET", "/nothing"),
    ("GET", "/healthz/"),
    ("GET", "/healthz/../config"),
    ("GET", "//healthz"),
    ("OPTIONS", "/"),
    ("TRACE", "/"),
    ("POST", "/gradio_api/queue/join"),
    ("POST", "/gradio_api/call/chat"),
    ("POST", "/gradio_api/run/predict"),
    ("POST", "/gradio_api/cancel"),
    ("POST", RESET),
    ("POST", "/library"),
    ("POST", "/upload"),
    ("PUT", "/upload"),
    ("POST", "/login"),
]


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_nothing_but_health_is_told_without_a_login(
    locked: TestClient, behind: Behind, method: str, path: str
) -> None:
    response = locked.request(method, path)

    assert response.status_code == 401
    assert response.headers["www-authenticate"].startswith("Basic realm=")
    assert behind.reached == []
    assert locked.request(method, path, headers=RIGHT).status_code != 401


def test_health_is_told_and_takes_nothing(locked: TestClient, behind: Behind) -> None:
    assert locked.get("/healthz").text == "reached"
    assert locked.post("/healthz", content=b"x").status_code == 404
    assert [path for _, path, _ in behind.reached] == ["/healthz"]


def test_another_sites_page_cannot_even_guess(locked: TestClient) -> None:
    codes = {
        locked.get("/", headers={"origin": "http://evil.example", "authorization": "Basic x"})
        for _ in range(30)
    }

    assert {response.status_code for response in codes} == {403}
    assert locked.get("/", headers=RIGHT).status_code == 200
