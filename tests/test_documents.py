"""The page lists documents; who may adds and removes them, and nobody else can."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from tests.fake_folder import write_texts
from tests.fake_library import BrokenLibrary, FakeLibrary, make_listed
from tests.fakes import fake_ask
from ui.documents.intake import Limits
from ui.documents.page import DOCUMENTS, describe_state, render_script
from ui.documents.routes import HEADER, STREAMS, WRITES, offer_documents
from ui.features import Features
from ui.guard import Guard
from ui.pages import CHAT
from ui.serve import build_server
from ui.words import EN

NAMES = frozenset({"localhost"})
OURS = {HEADER: "1"}
CHINESE = {"accept-language": "zh-CN,zh;q=0.9"}
HOSTILE = '<img src=x onerror="pwned=1">'


@contextmanager
def serve(library: FakeLibrary) -> Iterator[TestClient]:
    """The page and its routes alone, behind the guard."""
    server = FastAPI()
    offer_documents(server, library, may_add=True, links=[CHAT, DOCUMENTS])
    server.add_middleware(Guard, hosts=NAMES, writes=WRITES, streams=STREAMS)
    with TestClient(server, base_url="http://localhost") as client:
        yield client


@contextmanager
def serve_all(library: FakeLibrary, *, may_add: bool = True) -> Iterator[TestClient]:
    """The whole server."""

    async def build() -> FastAPI:  # gradio makes, and leaves, event loops where none runs
        return build_server(fake_ask, Features(hosts=NAMES, library=library, may_add=may_add))

    with TestClient(asyncio.run(build()), base_url="http://localhost") as client:
        yield client


@pytest.fixture
def library(tmp_path: Path) -> FakeLibrary:
    return FakeLibrary(tmp_path, [make_listed("tea.txt", "Tea")])


@pytest.fixture
def client(library: FakeLibrary) -> Iterator[TestClient]:
    with serve(library) as client:
        yield client


def put(client: TestClient, name: str, body: Any = b"Some text.", **headers: str) -> Any:
    return client.put(f"/documents/files/{name}", content=body, headers={**OURS, **headers})


def finish(client: TestClient) -> dict[str, Any]:
    """Start the job and wait for its end."""
    assert client.post("/documents/index", headers=OURS).status_code == 202
    for _ in range(2_000):
        state: dict[str, Any] = client.get("/documents/job").json()
        if not state["running"]:
            return state
        time.sleep(0.005)
    pytest.fail(f"it did not end: {state}")


def test_a_document_is_listed_with_what_is_known_of_it(tmp_path: Path) -> None:
    documents = [
        make_listed("/added/boats.jsonl#r1", "船", source="临河日报", language="zh", passages=1),
        make_listed("a/tea.txt", "Tea", copy_of="/added/x.txt", passages=12_345, published=None),
    ]
    with serve(FakeLibrary(tmp_path, documents)) as client:
        page = client.get("/documents").text

    assert '<h1 tabindex="-1">Documents</h1>' in page
    assert (
        '<p class="cq-doc-title" lang="zh-Hans" dir="auto">'
        '<a href="/document?id=%2Fadded%2Fboats.jsonl%23r1">船</a></p>'
    ) in page
    assert (
        "<span><bdi>boats.jsonl#r1</bdi></span><span><bdi>临河日报</bdi></span>"
        '<span>Chinese</span><span><time datetime="2021-05-18">May 18, 2021</time></span>'
        "<span>1 passage</span><span>added here</span>"
    ) in page
    assert (
        "<span><bdi>a/tea.txt</bdi></span><span>English</span><span>12,345 passages</span>"
        "<span>same text as <bdi>x.txt</bdi></span></p>"
    ) in page
    assert "2 documents</p>" in page


def test_what_documents_say_of_themselves_is_text_and_no_markup(tmp_path: Path) -> None:
    hostile = make_listed(f"/added/{HOSTILE}", HOSTILE, source=HOSTILE, copy_of=HOSTILE)
    with serve(FakeLibrary(tmp_path, [hostile])) as client:
        page = client.get("/documents", params={"q": HOSTILE}).text

    assert "<img" not in page
    assert page.count("&lt;img src=x onerror=&quot;pwned=1&quot;&gt;") == 7


def test_the_page_speaks_chinese_to_a_chinese_browser(client: TestClient) -> None:
    page = client.get("/documents", headers=CHINESE).text

    assert '<html lang="zh-Hans">' in page
    for said in ("1 篇文档", "选择文件", "移除", "英文", "2021年5月18日", "3 个段落"):
        assert said in page


def test_a_long_list_comes_in_pages_and_stays_small(tmp_path: Path) -> None:
    many = [make_listed(f"{n:05}.txt", f"Boat {n}") for n in range(30_000)]
    with serve(FakeLibrary(tmp_path, many)) as client:
        first = client.get("/documents").text
        middle = client.get("/documents", params={"page": 2}).text
        beyond = client.get("/documents", params={"page": 10**9}).text
        found = client.get("/documents", params={"q": "Boat 299", "page": 1}).text

    assert len(first) < 150_000
    assert "30,000 documents" in first
    assert "Page 1 of 300" in first
    assert 'rel="prev"' not in first
    assert ">Boat 99<" in first
    assert ">Boat 100<" in middle
    assert 'rel="prev" href="/documents?page=1"' in middle
    assert ">Boat 29999<" in beyond
    assert 'rel="next"' not in beyond
    assert "111 documents found" in found
    assert 'rel="next" href="/documents?q=Boat+299&amp;page=2"' in found


def test_where_nothing_is_found_the_page_says_so(client: TestClient) -> None:
    page = client.get("/documents", params={"q": "coffee"}).text

    assert "0 documents found" in page
    assert "No title or file name holds that." in page


def test_without_documents_the_page_says_how_to_begin(tmp_path: Path) -> None:
    with serve(FakeLibrary(tmp_path)) as client:
        first = client.get("/documents").text
    with serve_all(FakeLibrary(tmp_path), may_add=False) as client:
        elsewhere = client.get("/documents").text

    assert "There are no documents yet</h1><p>Add some, and ask about them" in first
    assert "There are no documents yet</h1><p>Whoever runs this page adds them with</p>" in (
        elsewhere
    )
    assert "<pre>crossquote index FOLDER</pre>" in elsewhere


def test_an_index_that_cannot_be_read_is_told_on_the_page(tmp_path: Path) -> None:
    with serve_all(BrokenLibrary(tmp_path), may_add=False) as client:
        reply = client.get("/documents")

    assert reply.status_code == 503
    assert "cannot be read: &lt;b&gt;torn&lt;/b&gt;" in reply.text


def test_an_index_that_cannot_be_read_does_not_keep_the_server_from_starting(
    tmp_path: Path,
) -> None:
    library = BrokenLibrary(tmp_path)
    write_texts(library.added, {"mill.txt": "A mill."})
    with serve(library) as client:
        assert client.get("/documents/job").json()["number"] == 0


def test_a_file_is_copied_and_then_taken_in(library: FakeLibrary, client: TestClient) -> None:
    replies = [put(client, "mill.txt"), put(client, "mill.txt"), put(client, "bad%20one.txt")]
    state = finish(client)

    assert [reply.status_code for reply in replies] == [201, 200, 201]
    assert [reply.json() for reply in replies] == [
        {"name": "mill.txt", "replaced": False},
        {"name": "mill.txt", "replaced": True},
        {"name": "bad one.txt", "replaced": False},
    ]
    assert state["added"] == {
        "count": 1,
        "first": [{"id": "/added/mill.txt", "file": "mill.txt", "title": "mill", "language": "en"}],
    }
    assert state["skipped"] == {
        "count": 1, "first": [{"name": "bad one.txt", "reason": "the file is no text"}],
    }  # fmt: skip
    assert (state["error"], state["name"], state["done"], state["total"]) == ("", "", 2, 2)
    assert ">mill<" in client.get("/documents").text


@pytest.mark.parametrize(
    ("name", "status", "said"),
    [
        pytest.param("..%2f..%2fx.txt", 400, "no name", id="traversal"),
        pytest.param("%2fetc%2fpasswd.txt", 400, "no name", id="absolute"),
        pytest.param("%2e%2e%5cx.txt", 400, "no name", id="traversal on Windows"),
        pytest.param("setup.exe", 415, "cannot be read; md, txt can", id="a program"),
        pytest.param("x" * 300 + ".txt", 400, "longer than 255 bytes", id="a long name"),
    ],
)
def test_a_name_that_cannot_be_kept_is_told(
    library: FakeLibrary, client: TestClient, name: str, status: int, said: str
) -> None:
    reply = put(client, name)

    assert reply.status_code == status
    assert said in reply.text
    assert not library.added.exists()


@pytest.mark.parametrize("declared", [True, False], ids=["declared", "not declared"])
def test_a_body_over_the_limit_is_413_and_leaves_nothing(
    library: FakeLibrary, client: TestClient, declared: bool
) -> None:
    body = b"x" * 1_001
    pieces = (body[n : n + 100] for n in range(0, len(body), 100))

    reply = put(client, "book.txt", body if declared else pieces)

    assert (reply.status_code, reply.text) == (413, "it is larger than 0 MB; split it")
    assert list(library.added.iterdir()) == list(library.incoming.iterdir()) == []


def test_a_length_that_is_not_true_is_not_believed(
    library: FakeLibrary, client: TestClient
) -> None:
    def send() -> Iterator[bytes]:
        yield b"x" * 2_000

    reply = put(client, "book.txt", send(), **{"content-length": "5"})

    assert reply.status_code == 413
    assert list(library.added.iterdir()) == []


def test_a_refusal_is_told_in_the_language_of_the_reader(client: TestClient) -> None:
    reply = put(client, "setup.exe", **CHINESE)

    assert reply.text == "不能读取这种类型的文件；可以读取 md, txt"


def test_an_added_document_is_removed_with_its_file(
    library: FakeLibrary, client: TestClient
) -> None:
    put(client, "mill.txt")
    finish(client)

    reply = client.delete("/documents/files", params={"id": "/added/mill.txt"}, headers=OURS)

    assert (reply.status_code, reply.json()) == (200, {"removed": 1})
    assert list(library.held) == ["tea.txt"]
    assert list(library.added.iterdir()) == []


def test_an_unknown_document_is_told_and_nothing_is_removed(
    library: FakeLibrary, client: TestClient
) -> None:
    reply = client.delete("/documents/files", params={"id": "../tea.txt"}, headers=OURS)

    assert (reply.status_code, reply.text) == (409, "the index holds no document '../tea.txt'")
    assert list(library.held) == ["tea.txt"]


def test_nothing_is_removed_while_documents_are_read(
    library: FakeLibrary, client: TestClient
) -> None:
    library.gate.clear()
    put(client, "mill.txt")
    client.post("/documents/index", headers=OURS)

    reply = client.delete("/documents/files", params={"id": "tea.txt"}, headers=OURS)
    page = client.get("/documents").text
    library.gate.set()

    assert (reply.status_code, reply.text) == (
        409, "Documents are being read now. Remove it when that is done.",
    )  # fmt: skip
    assert 'data-running="1"' in page
    assert next(iter(library.held)) == "tea.txt"
    finish(client)


CHANGES = [
    ("PUT", "/documents/files/x.txt"),
    ("POST", "/documents/index"),
    ("DELETE", "/documents/files?id=tea.txt"),
]


@pytest.mark.parametrize(("method", "address"), CHANGES)
@pytest.mark.parametrize("origin", ["http://evil.example", "null"])
def test_a_page_of_another_site_changes_nothing(
    library: FakeLibrary, client: TestClient, method: str, address: str, origin: str
) -> None:
    reply = client.request(method, address, content=b"x", headers={**OURS, "origin": origin})

    assert reply.status_code == 403
    assert (library.runs, list(library.held)) == (0, ["tea.txt"])
    assert not library.added.exists()


@pytest.mark.parametrize(("method", "address"), CHANGES)
def test_a_request_without_our_header_changes_nothing(
    library: FakeLibrary, client: TestClient, method: str, address: str
) -> None:
    reply = client.request(method, address, content=b"x")

    assert reply.status_code == 403
    assert (library.runs, list(library.held)) == (0, ["tea.txt"])
    assert not library.added.exists()


@pytest.mark.parametrize(("method", "address"), [*CHANGES, ("GET", "/documents/job")])
def test_where_adding_is_not_allowed_there_is_no_way_to(
    library: FakeLibrary, method: str, address: str
) -> None:
    with serve_all(library, may_add=False) as client:
        body = None if method == "GET" else b"x"
        reply = client.request(method, address, content=body, headers=OURS)
        page = client.get("/documents").text

    assert reply.status_code in (403, 404)
    assert (library.runs, list(library.held)) == (0, ["tea.txt"])
    assert not library.added.exists()
    assert ">Tea<" in page
    assert not any(name in page for name in ("data-remove", "cq-files", "<script"))


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("POST", "/documents/files/x.txt"), ("DELETE", "/documents/files/x.txt"),
        ("PATCH", "/documents/index"), ("PUT", "/documents/files"),
    ],
)  # fmt: skip
def test_other_methods_change_nothing(
    library: FakeLibrary, client: TestClient, method: str, address: str
) -> None:
    reply = client.request(method, address, content=b"x", headers=OURS)

    assert reply.status_code in (404, 405)
    assert list(library.held) == ["tea.txt"]


def test_a_server_that_starts_goes_on_with_what_another_left(library: FakeLibrary) -> None:
    write_texts(library.added, {"mill.txt": "A mill."})
    with serve_all(library) as client:
        state = client.get("/documents/job").json()
        for _ in range(2_000):
            if not state["running"]:
                break
            time.sleep(0.005)
            state = client.get("/documents/job").json()

    assert (state["number"], state["added"]["count"]) == (1, 1)


def test_a_server_that_starts_with_all_in_line_does_nothing(
    library: FakeLibrary, client: TestClient
) -> None:
    assert client.get("/documents/job").json()["number"] == 0
    assert library.runs == 0


def test_of_many_documents_the_first_are_named_and_all_counted(tmp_path: Path) -> None:
    from ui.documents.job import State

    documents = tuple(make_listed(f"/added/{n:04}.txt") for n in range(1_000))

    told = describe_state(State(documents=documents), EN)["added"]

    assert isinstance(told, dict)
    assert (told["count"], len(told["first"])) == (1_000, 200)


def test_the_script_can_stand_on_any_page() -> None:
    script = render_script([".md", "</script>"], Limits())

    assert "</script>" not in script
    assert '"fileBytes": 52428800' in script


def test_the_whole_server_lets_files_in_and_leads_to_their_list(library: FakeLibrary) -> None:
    with serve_all(library) as client:
        reply = put(client, "mill.txt", (b"x" * 100 for _ in range(9)))
        too_large = put(client, "book.txt", (b"x" * 100 for _ in range(11)))
        state = finish(client)
        front = client.get("/").text

    assert (reply.status_code, too_large.status_code) == (201, 413)
    assert state["added"]["count"] == 1
    assert 'href=\\"/documents\\"' in front
