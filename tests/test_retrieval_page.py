"""The page of the search legs answers, says why it does not, and works without its script."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import lxml.html
import pytest
from starlette.testclient import TestClient

from rag.errors import IndexDamagedError
from rag.legs import Search
from tests.fake_search import fake_get_document, fake_search
from tests.fake_site import open_client, serve_site
from tests.fakes import BRIDGE_EN, BROKEN, MAX_CHARS, SECRET
from ui import retrieval
from ui.features import Features
from ui.retrieval import PATIENCE_SECONDS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

TYPO = "When did the Linhe brigde open?"
HOSTS = frozenset({"localhost", "127.0.0.1"})
OFFERED = Features(search=fake_search, get_document=fake_get_document, hosts=HOSTS)


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with open_client(OFFERED) as client:
        yield client


def read(client: TestClient, query: str | None, language: str = "en") -> tuple[int, Any]:
    given = {} if query is None else {"q": query}
    reply = client.get("/search", params=given, headers={"accept-language": language})
    return reply.status_code, lxml.html.document_fromstring(reply.text)


def test_before_a_search_there_is_a_form(client: TestClient) -> None:
    status, page = read(client, None)

    assert status == 200
    assert page.find_class("cq-legs") == []
    (form,) = page.iter("form")
    assert (form.get("role"), form.get("action"), form.method) == ("search", "/search", "GET")
    assert [box.get("name") for box in form.iter("input")] == ["q"]
    assert [label.get("for") for label in form.iter("label")] == ["q"]


def test_a_search_shows_three_legs_and_what_is_kept(client: TestClient) -> None:
    _, page = read(client, TYPO)

    assert [h.text_content() for h in page.iter("h2")] == [
        *("By meaning", "By words", "By dictionary"),
        "Kept",
    ]
    assert page.get_element_by_id("q").get("value") == TYPO
    assert page.findtext("head/title") == f"{TYPO} · Search · Crossquote"


def test_the_page_says_how_the_query_was_understood(client: TestClient) -> None:
    _, page = read(client, TYPO)

    read_as = page.find_class("cq-read")[0]
    assert read_as.find_class("cq-as")[0].text_content() == (
        "Searched as: When did the Linhe bridge open?"
    )
    assert read_as.findall("p")[1].text_content() == (
        "Asked in English · 11 ms to read the question, 2 ms to search, 10 ms to choose"
    )
    terms = [term.text_content() for term in read_as.find_class("cq-term")]
    assert terms == ["linhe 2", "bridge 5", "zeppelin 0", "linh 2", "bridg 7"]
    assert [t.text_content() for t in read_as.find_class("cq-absent")] == ["zeppelin 0"]


def test_a_query_that_was_not_mended_is_not_told_again(client: TestClient) -> None:
    assert read(client, "bridge")[1].find_class("cq-as") == []


def test_a_chinese_reader_gets_chinese(client: TestClient) -> None:
    _, page = read(client, TYPO, "zh-CN,en;q=0.5")

    assert page.get("lang") == "zh-Hans"
    assert [h.text_content() for h in page.iter("h2")] == ["按语义", "按字词", "按词典", "留下的"]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        pytest.param("", "the question holds no words", id="empty"),
        pytest.param(" \n", "the question holds no words", id="blank"),
        pytest.param("x" * (MAX_CHARS + 1), f"at most {MAX_CHARS} fit", id="one above the limit"),
        pytest.param("桥" * 5000, f"at most {MAX_CHARS} fit", id="long"),
    ],
)
def test_what_cannot_be_searched_for_is_told(client: TestClient, query: str, words: str) -> None:
    status, page = read(client, query)

    assert status == 400
    (told,) = page.find_class("cq-told")
    assert words in told.text_content()
    assert told.get("role") == "alert"
    assert len(page.get_element_by_id("q").get("value")) <= 2000


def test_a_query_at_the_limit_is_searched_for(client: TestClient) -> None:
    assert read(client, "x" * MAX_CHARS)[0] == 200


def test_an_unexpected_failure_gives_nothing_away(client: TestClient) -> None:
    reply = client.get("/search", params={"q": BROKEN})

    assert reply.status_code == 500
    assert SECRET not in reply.text


def test_an_index_that_fails_says_why() -> None:
    def fail(_: str) -> Search:
        raise IndexDamagedError("the index is damaged. Rebuild it")

    with open_client(Features(search=fail, hosts=HOSTS)) as client:
        status, page = read(client, "bridge")

    assert status == 503
    assert "the index is damaged" in page.find_class("cq-told")[0].text_content()


def test_one_search_too_many_is_asked_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    began, go_on = threading.Event(), threading.Event()

    def wait(query: str) -> Search:
        began.set()
        go_on.wait(20)
        return fake_search(query)

    monkeypatch.setattr(retrieval, "PATIENCE_SECONDS", 0.05)
    with open_client(Features(search=wait, hosts=HOSTS, concurrency=1)) as client:
        first: list[int] = []
        thread = threading.Thread(target=lambda: first.append(read(client, "bridge")[0]))
        thread.start()
        began.wait(20)
        status, page = read(client, "bridge")
        go_on.set()
        thread.join()
        again, _ = read(client, "bridge")

    assert (status, first, again) == (503, [200], 200)
    assert "Try again in a moment" in page.find_class("cq-told")[0].text_content()


def test_searches_that_wait_keep_nobody_else_waiting() -> None:
    """Forty of them took every thread that there was, for as long as they waited."""
    began, go_on = threading.Event(), threading.Event()

    def wait(query: str) -> Search:
        began.set()
        go_on.wait(20)
        return fake_search(query)

    features = Features(search=wait, get_document=fake_get_document, hosts=HOSTS, concurrency=1)
    with open_client(features) as client, ThreadPoolExecutor(60) as readers:
        searches = [readers.submit(read, client, "bridge") for _ in range(60)]
        began.wait(20)
        time.sleep(0.5)  # until all have come
        asked = time.monotonic()
        health = client.get("/healthz").status_code
        seconds = time.monotonic() - asked
        go_on.set()
        codes = {search.result()[0] for search in searches}

    assert health == 200
    assert seconds < PATIENCE_SECONDS / 2
    assert 200 in codes


def test_the_pages_name_it_only_where_there_is_one(client: TestClient) -> None:
    with open_client(Features(hosts=HOSTS)) as without:
        assert without.get("/search").status_code == 404
    assert '<a href="/search" aria-current=page>Search</a>' in client.get("/search").text


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serve_site(OFFERED) as address:
        yield address


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="en-US", viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(20_000)
    yield page
    context.close()


@pytest.mark.browser
def test_a_passage_that_is_pointed_at_is_marked_in_every_column(address: str, page: Page) -> None:
    page.goto(f"{address}search?q=bridge")

    page.hover("#lexical [data-passage='1'] .cq-excerpt")
    same = page.locator(".cq-same").evaluate_all("all => all.map(e => e.dataset.passage)")
    page.focus("#dense [data-passage='2'] a")
    focused = page.locator(".cq-same").evaluate_all("all => all.map(e => e.dataset.passage)")

    assert same == ["1"] * 4
    assert focused == ["2"] * 3


@pytest.mark.browser
def test_the_keyboard_searches_and_follows_a_passage_to_its_document(
    address: str, page: Page
) -> None:
    page.goto(f"{address}search")

    page.keyboard.type(TYPO)
    page.keyboard.press("Enter")
    page.wait_for_selector(".cq-legs")
    page.focus("#dense .cq-kept >> nth=1")
    page.keyboard.press("Enter")
    target = page.evaluate("document.querySelector(':target').id")
    page.focus("#p1 .cq-of a")
    page.keyboard.press("Enter")
    page.wait_for_selector(".cq-document")

    assert target == "p1"
    assert page.inner_text("h1") == BRIDGE_EN.title
    assert page.inner_text("mark").startswith("The Linhe Bridge was opened to traffic")


@pytest.mark.browser
def test_without_any_script_it_searches(address: str, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}search")
    page.fill("#q", TYPO)
    page.click("form button")

    assert page.locator(".cq-column").count() == 4
    page.click("#lexical .cq-kept >> nth=0")
    assert page.url.endswith("#p1")
    context.close()


@pytest.mark.browser
def test_columns_stack_on_a_phone_and_stand_side_by_side_elsewhere(
    address: str, page: Page
) -> None:
    places = {}
    for width in (390, 800, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(f"{address}search?q=bridge")
        tops = page.locator(".cq-column").evaluate_all(
            "all => all.map(e => Math.round(e.getBoundingClientRect().top))"
        )
        places[width] = len(set(tops))
        assert page.evaluate("document.documentElement.scrollWidth") == width

    assert places == {390: 4, 800: 2, 1280: 1}
