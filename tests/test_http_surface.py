"""Over real sockets: nothing is read, reached, run or told that is not the chat's to give."""

from __future__ import annotations

import base64
import gc
import json
import logging
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from gradio_client import Client
from pydantic import SecretStr
from starlette.routing import Route
from starlette.testclient import TestClient

from eval.bench.timing import read_memory_bytes
from rag.config import Settings
from rag.types import Answer
from tests.fake_library import FakeLibrary
from tests.fake_search import fake_get_document, fake_search
from tests.fake_server import LOCAL, Connections, build_app, run_server
from tests.fakes import BROKEN, SECRET, WHEN_EN, WHEN_ZH, fake_ask
from ui.features import Features
from ui.guard import CHAT_WRITES
from ui.login import read_logins

KEY, PASSWORD = "sk-not-for-anybody", "correct horse"
LOGIN = f"ada:{PASSWORD}"
RIGHT = {"authorization": "Basic " + base64.b64encode(LOGIN.encode()).decode()}
JOIN, CALL = "/gradio_api/queue/join", "/gradio_api/call/chat"
MB = 2**20


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Of a server without logins."""
    with run_server(fake_ask, Features(hosts=LOCAL)) as address:
        yield address


@pytest.fixture(scope="module")
def locked() -> Iterator[str]:
    """Of a server with a login."""
    with run_server(fake_ask, Features(hosts=LOCAL, logins=read_logins([LOGIN]))) as address:
        yield address


@pytest.fixture
def outside() -> Iterator[list[object]]:
    """What this process connects to or looks up outside this machine."""
    connections = Connections()
    assert connections.noted is not None
    with closing(connections):
        yield connections.noted


def send_raw(address: str, target: str, *, method: str = "GET") -> tuple[int, bytes]:
    """Status and answer to a request whose target is sent as it stands, tidied by no client."""
    host = address.removeprefix("http://")
    name, _, port = host.partition(":")
    with socket.create_connection((name, int(port)), timeout=20) as line:
        head = f"{method} {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        line.sendall(head.encode("latin-1"))
        said = b"".join(iter(lambda: line.recv(65536), b""))
    return int(said.split(b" ", 2)[1]), said


TARGETS = [
    "/gradio_api/file=/etc/passwd",
    "/gradio_api/file=..%2f..%2f..%2fetc%2fpasswd",
    "/gradio_api/file=%252e%252e%252fetc%252fpasswd",
    "/gradio_api/file=%c0%ae%c0%ae/etc/passwd",
    "/gradio_api/file=....//....//etc/passwd",
    "/gradio_api/file=..\\..\\etc\\passwd",
    "/gradio_api/file=C:\\Windows\\win.ini",
    "/gradio_api/file=\\\\203.0.113.7\\share",
    "/gradio_api/file=file:///etc/passwd",
    "/gradio_api/file=http://169.254.169.254/latest/meta-data/",
    "/gradio_api/file=http://127.0.0.1:9/x",
    "/gradio_api/%66ile=/etc/passwd",
    "/gradio_api/file%3d/etc/passwd",
    "/gradio_api/file/etc/passwd",
    "/gradio_api%2ffile=/etc/passwd",
    "/gradio_api/./file=/etc/passwd",
    "/x/../gradio_api/file=/etc/passwd",
    "//gradio_api/file=/etc/passwd",
    "/gradio_api//file=/etc/passwd",
    "/GRADIO_API/FILE=/etc/passwd",
    "/file=/etc/passwd",
    "/proxy=http://169.254.169.254/",
    "/gradio_api/proxy=http://169.254.169.254/latest",
    "/gradio_api/proxy=http://[::ffff:169.254.169.254]/",
    "/gradio_api/proxy=http://2852039166/",
    "/gradio_api/proxy=http://0x7f000001/",
    "/gradio_api/proxy=http://127.1:9/",
    "/gradio_api/proxy=http://localhost:9/",
    "/gradio_api/proxy=file:///etc/passwd",
    "/gradio_api/proxy=https://huggingface.co/",
    "/gradio_api/pr%6fxy=http://203.0.113.7/",
    "/static/../../../../etc/passwd",
    "/static/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    "/static/..%5c..%5cetc%5cpasswd",
    "/static//etc/passwd",
    "/static/%2fetc%2fpasswd",
    "/static/file:///etc/passwd",
    "/assets/../../../../etc/passwd",
    "/assets/%2e%2e%2f%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "/assets//etc/passwd",
    "/svelte/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "/gradio_api/custom_component/../../etc/passwd",
    "/gradio_api/custom_component/0/client/component/..%2f..%2f..%2fetc%2fpasswd",
    "/gradio_api/stream/../../etc/passwd",
    "/gradio_api/deep_link?session_hash=../../etc",
    "/pwa_icon/..%2f..%2fetc",
    "/monitoring/..%2f..%2fetc%2fpasswd",
    "http://169.254.169.254/latest/meta-data/",
    "/\xff\xfe",
]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_no_address_reads_a_file_or_reaches_another_host(
    address: str, outside: list[object], method: str
) -> None:
    answers = {target: send_raw(address, target, method=method) for target in TARGETS}

    codes = {target: code for target, (code, _) in answers.items()}
    assert {t: c for t, c in codes.items() if c not in (400, 403, 404, 405)} == {}
    assert [target for target, (_, said) in answers.items() if b"root:" in said] == []
    assert outside == []


@pytest.mark.parametrize(
    "query", ["deep_link=../../x", "page=../../etc", "%70age=x", "__theme=%2e%2e/", "a=%00"]
)
def test_no_query_of_the_page_reads_a_file(address: str, outside: list[object], query: str) -> None:
    for path in ("/", "/config", "/gradio_api/info"):
        code, said = send_raw(address, f"{path}?{query}")

        assert code in (200, 400, 404)
        assert b"root:" not in said
    assert outside == []


@pytest.mark.parametrize(
    "place",
    ["/etc/passwd", "http://169.254.169.254/x", "http://203.0.113.7/x", "file:///etc/passwd"],
)
@pytest.mark.parametrize("field", ["path", "url"])
def test_no_question_can_name_a_file_to_fetch(
    address: str, outside: list[object], place: str, field: str
) -> None:
    named = {"path": "x", field: place, "meta": {"_type": "gradio.FileData"}, "orig_name": place}
    body = {"data": [named, None], "fn_index": 0, "session_hash": "files"}

    for path in (JOIN, CALL, "/gradio_api/run/predict"):
        assert httpx.post(address + path, json=body).status_code == 422
    assert outside == []


def list_routes(routes: Iterable[Any]) -> Iterator[tuple[str, str]]:
    """Every method and path that any app below answers, the parameters filled in."""
    for route in routes:
        if isinstance(route, Route):
            path = re.sub(r"\{[^}]*\}", "x", route.path)
            yield from ((method, path) for method in sorted(route.methods or {"GET"}))
        else:  # an app that is mounted, or a router that FastAPI keeps as it is
            yield from list_routes(getattr(route, "original_router", route).routes)


def test_without_a_login_every_route_is_401_and_with_one_none(tmp_path: Path) -> None:
    features = Features(
        logins=read_logins([LOGIN]),
        reports=Path("/nowhere"),
        kept=tmp_path,
        search=fake_search,
        get_document=fake_get_document,
        library=FakeLibrary(tmp_path, []),
        may_add=True,
    )
    app = build_app(fake_ask, features)
    routes = set(list_routes(app.routes))
    endless = {r for r in routes if r[1].endswith("/heartbeat/x")}

    with TestClient(app, raise_server_exceptions=False) as client:
        shut = {r: client.request(*r).status_code for r in routes}
        open_ = {r: client.request(*r, headers=RIGHT).status_code for r in routes - endless}

    assert len(routes) > 80
    ours = {"/judge", "/search", "/document", "/documents", "/documents/job", "/reports"}
    assert ours <= {path for _, path in routes}
    assert {r for r, code in shut.items() if code != 401} == {
        ("GET", "/healthz"),
        ("HEAD", "/healthz"),
    }
    assert {r for r, code in open_.items() if code == 401} == set()
    assert {r: code for r, code in open_.items() if code >= 500} == {}


def read_events(client: TestClient) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = client.get("/config", headers=RIGHT).json()["dependencies"]
    return events


def test_no_event_runs_without_a_login() -> None:
    asked: list[str] = []

    def ask(question: str, previous: Answer | None = None) -> Answer:
        asked.append(question)
        return fake_ask(question, previous)

    with TestClient(build_app(ask, Features(logins=read_logins([LOGIN])))) as client:
        codes = []
        for event in read_events(client):
            body = {"data": [WHEN_EN, None], "fn_index": event["id"], "session_hash": "s"}
            runs = [f"/gradio_api/run/{name}" for name in ("predict", event["api_name"])]
            codes += [client.post(path, json=body).status_code for path in (JOIN, *runs)]
        codes.append(client.post(CALL, json={"data": [WHEN_EN]}).status_code)

    assert set(codes) == {401}
    assert asked == []


def test_without_logins_there_are_only_events_that_ask_stop_and_clear() -> None:
    asked: list[str] = []

    def ask(question: str, previous: Answer | None = None) -> Answer:
        asked.append(question)
        return fake_ask(question, previous)

    with TestClient(build_app(ask, Features(examples=[WHEN_ZH]))) as client:
        events = read_events(client)
        queued, direct, scripts = set(), {}, set()
        for event in events:
            data = [WHEN_EN, None][: len(event["inputs"])]
            body = {"data": data, "fn_index": event["id"], "session_hash": "s"}
            reply = client.post("/gradio_api/run/predict", json=body)
            if event["queue"]:
                queued.add(reply.status_code)
            elif event["backend_fn"]:
                direct[event["api_name"]] = reply.status_code
            else:
                scripts.add(reply.text)
            client.post(JOIN, json=body).raise_for_status()
            told = client.get("/gradio_api/queue/data", params={"session_hash": "s"}).text
            assert SECRET not in told
        unknown = [
            client.post(path, json={"data": [], "fn_index": n, "session_hash": "s"}).status_code
            for path in (JOIN, "/gradio_api/run/predict")
            for n in (-1, len(events) + 100, 10**12)
        ]

    assert queued == {404}  # past the queue
    assert direct == dict.fromkeys(("describe_page", "halt", "renew", "restore"), 200)
    assert scripts == {'{"error":null}'}  # only the page's own script runs
    assert set(asked) == {WHEN_EN}
    assert unknown == [422] * 6


@pytest.mark.parametrize("size", [5 * MB, 60 * MB])
@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_too_large_is_413_and_takes_no_memory(
    address: str, size: int, chunked: bool
) -> None:
    host = address.removeprefix("http://")
    name, _, port = host.partition(":")
    piece = b"x" * 65536
    coding = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {size}"
    gc.collect()
    before = read_memory_bytes()
    with socket.create_connection((name, int(port)), timeout=20) as line:
        head = f"POST {JOIN} HTTP/1.1\r\nHost: {host}\r\n{coding}\r\n\r\n".encode()
        line.sendall(head)
        try:
            for _ in range(size // len(piece)):
                line.sendall(b"10000\r\n" + piece + b"\r\n" if chunked else piece)
        except OSError:  # it hung up on us, which is right
            pass
        try:
            said = line.recv(65536)
        except ConnectionResetError:
            said = b""

    assert said[:12] in (b"HTTP/1.1 413", b"")
    assert read_memory_bytes() - before < 20e6
    assert httpx.get(f"{address}/healthz").status_code == 200


NESTED = json.dumps({"data": [], "fn_index": 0, "session_hash": "s"}).encode()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'{"data": "x"}',
        b'{"fn_index": 0}',
        NESTED.replace(b"[]", b"[" * 100 + b"]" * 100),
        NESTED.replace(b"[]", b'[{"a":' * 100 + b"1" + b"}]" * 100),
        NESTED.replace(b"0", b"99"),
        NESTED.replace(b'"s"', b'["s"]'),
        NESTED.replace(b"[]", b'["\\ud800"]'),
    ],
)
@pytest.mark.parametrize("path", sorted(CHAT_WRITES))
def test_a_body_of_another_form_is_422(address: str, path: str, body: bytes) -> None:
    headers = {"content-type": "application/json"}

    response = httpx.post(address + path, content=body, headers=headers)

    assert response.status_code == 422
    assert "Traceback" not in response.text


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded"])
def test_what_a_form_of_another_site_can_send_asks_nothing(address: str, content_type: str) -> None:
    headers = {"content-type": content_type}

    response = httpx.post(address + CALL, content=b'{"data": ["x"]}', headers=headers)

    assert response.status_code == 422


def test_gradio_itself_is_never_asked_what_it_grants(address: str) -> None:
    """It granted any other port of this machine to read answers, with credentials."""
    origin = {"origin": "http://localhost:9"}
    asked = {**origin, "access-control-request-method": "POST"}

    for response in (
        httpx.options(address + JOIN, headers=asked),
        httpx.get(address + "/config", headers=origin),
        httpx.post(address + CALL, json={"data": [WHEN_EN]}, headers=origin),
    ):
        assert [h for h in response.headers if h.startswith("access-control-")] == []


@pytest.mark.parametrize("path", ["/", "/config", "/reports", "/gradio_api/info", "/nothing"])
def test_no_page_can_be_framed_elsewhere(address: str, path: str) -> None:
    headers = httpx.get(address + path).headers

    assert "frame-ancestors 'self'" in headers["content-security-policy"]
    assert headers["x-frame-options"] == "SAMEORIGIN"


def test_health_can_be_asked_for_by_its_head(locked: str) -> None:
    assert httpx.head(f"{locked}/healthz").status_code == 200


def test_a_client_that_never_sends_its_body_holds_up_nobody(address: str) -> None:
    host = address.removeprefix("http://")
    name, _, port = host.partition(":")
    head = f"POST {CALL} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 1000\r\n\r\n{{".encode()
    with ExitStack() as lines:
        for _ in range(100):
            line = lines.enter_context(socket.create_connection((name, int(port)), timeout=20))
            line.sendall(head)
        began = time.monotonic()
        started = httpx.post(address + CALL, json={"data": [WHEN_EN]})
        told = httpx.get(f"{address}{CALL}/{started.json()['event_id']}").text

    assert "event: complete" in told
    assert time.monotonic() - began < 5


def fail(question: str, previous: Answer | None = None) -> Answer:
    raise RuntimeError(f"cannot open {SECRET} with {KEY}")


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_a_page_that_fails_tells_a_reference_and_the_log_the_rest(
    caplog: pytest.LogCaptureFixture, language: str
) -> None:
    app = build_app(fail, Features())

    @app.get("/library/broken")
    def break_() -> None:
        fail("")

    app.router.routes.insert(0, app.router.routes.pop())  # before the chat, which is at the root
    with TestClient(app, raise_server_exceptions=False) as client:
        response = client.get("/library/broken", headers={"accept-language": language})

    (record,) = [r for r in caplog.records if r.name == "ui.tell"]
    reference = record.getMessage().split()[-1]
    assert response.status_code == 500
    assert reference in response.text
    assert SECRET not in response.text
    assert KEY not in response.text
    assert response.headers["x-content-type-options"] == "nosniff"
    assert SECRET in caplog.text


def ask_over(client: httpx.Client, question: str) -> str:
    """All that is said to a question, event by event."""
    started = client.post(CALL, json={"data": [question]}).raise_for_status()
    return client.get(f"{CALL}/{started.json()['event_id']}").text


def test_a_question_that_fails_tells_a_reference_and_the_log_the_rest(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], address: str
) -> None:
    with httpx.Client(base_url=address) as client, caplog.at_level(logging.ERROR):
        told = ask_over(client, BROKEN)

    reference = caplog.records[-1].getMessage().split()[-1]
    assert f"quote {reference} to whoever runs this page" in told
    assert SECRET not in told
    assert SECRET in caplog.text
    assert "Traceback" not in told


def test_no_password_and_no_key_is_told_or_logged(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], locked: str
) -> None:
    settings = Settings(api_key=SecretStr(KEY))
    with caplog.at_level(logging.DEBUG), httpx.Client(base_url=locked, headers=RIGHT) as client:
        told = [
            client.get(path).text for path in ("/", "/config", "/gradio_api/info", "/theme.css")
        ]
        told += [ask_over(client, question) for question in (WHEN_EN, BROKEN)]
        wrong = {"authorization": "Basic " + base64.b64encode(b"ada:oh horse").decode()}
        told.append(httpx.get(locked, headers=wrong).text)
    logged = [
        r.getMessage() for r in caplog.records if not r.name.startswith(("httpx", "httpcore"))
    ]
    told += [*logged, *capfd.readouterr()]

    secrets = (PASSWORD, RIGHT["authorization"], RIGHT["authorization"][6:], "oh horse")
    assert [secret for secret in secrets for text in told if secret in text] == []
    dumped = (repr(settings), str(settings), settings.model_dump_json(), str(settings.model_dump()))
    assert [text for text in dumped if KEY in text] == []


def test_httpx_and_curl_get_an_answer_with_a_login(locked: str) -> None:
    with httpx.Client(base_url=locked, auth=("ada", PASSWORD)) as client:
        assert "May 18, 2021" in ask_over(client, WHEN_EN)
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("curl is not installed")
    command = [curl, "-s", "-u", LOGIN, f"{locked}/config"]
    done = subprocess.run(command, capture_output=True, check=True)  # noqa: S603 - our own words
    assert json.loads(done.stdout)["title"] == "Crossquote"


def test_gradios_own_client_gets_an_answer_with_a_login(locked: str) -> None:
    client = Client(locked, headers=dict(RIGHT), verbose=False, analytics_enabled=False)
    try:
        text = client.predict(WHEN_EN, api_name="/chat")
        record = client.predict(WHEN_EN, api_name="/ask")
    finally:
        client.close()

    assert text == record["text"] == fake_ask(WHEN_EN).text


def test_gradios_own_client_is_let_in_no_other_way(locked: str) -> None:
    with pytest.raises(Exception, match=r"401|[Aa]uth|login"):
        Client(locked, verbose=False, analytics_enabled=False)


Browse = Callable[..., Any]


@pytest.fixture
def browse() -> Iterator[Browse]:
    """Opens a page in a browser of its own."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    names = ("chromium", "chromium-browser", "google-chrome", "chrome", "chromium-headless-shell")
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None:
        pytest.skip(f"none of {', '.join(names)} is installed")
    with playwright.sync_playwright() as driver:
        # a container's root has no sandbox; the only page opened is our own
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield lambda **options: browser.new_context(locale="en-US", **options).new_page()
        browser.close()


@pytest.mark.browser
def test_a_browser_gets_an_answer_with_a_login_and_no_request_of_its_page_is_refused(
    browse: Browse, locked: str
) -> None:
    page = browse(http_credentials={"username": "ada", "password": PASSWORD})
    refused: list[tuple[int, str]] = []
    page.on("response", lambda r: refused.append((r.status, r.url)) if r.status >= 400 else None)
    page.goto(locked)
    box = "#cq-question textarea"
    page.wait_for_selector(box, timeout=20_000)
    page.fill(box, WHEN_EN)
    page.press(box, "Enter")
    page.wait_for_selector("#t1 .cq-said", timeout=20_000)
    page.click("#cq-clear")
    page.wait_for_selector(".cq-turn", state="detached", timeout=20_000)

    # the first request of a browser carries no login
    assert {(code, url) for code, url in refused} <= {(401, f"{locked}/")}


@pytest.mark.browser
def test_a_browser_gets_nothing_without_a_login(browse: Browse, locked: str) -> None:
    page = browse()

    with pytest.raises(Exception, match="ERR_INVALID_AUTH_CREDENTIALS"):
        page.goto(locked)
