"""A whole document is shown as it is, with the quote marked and in view, and no other text."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import lxml.html
import pytest
from starlette.testclient import TestClient

from rag.types import Document, Quote
from tests.fake_search import DAMAGED, LONG, fake_get_document
from tests.fake_site import open_client, serve_site
from tests.fakes import (
    BRIDGE_EN,
    BRIDGE_ZH,
    BROKEN,
    DOOR,
    REFUSED_EN,
    SECRET,
    WHEN_EN,
    fake_ask,
    make_quote,
)
from ui.address import locate
from ui.features import Features
from ui.whole import (
    BLOCK_CHARS,
    PART_CHARS,
    Wanted,
    cut_blocks,
    find_span,
    read_wanted,
    render_part,
    render_whole,
)
from ui.words import EN, ZH

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

BOX = "#cq-question textarea"
CUTE = Document("c", "Cute", "😀😀 大桥很长。😀\n完。", "c", "zh")
OFFERED = Features(get_document=fake_get_document, hosts=frozenset({"localhost", "127.0.0.1"}))
MOVED = "has changed since it was quoted"


def want(quote: Quote) -> Wanted:
    return Wanted(quote.document_id, (quote.start, quote.end))


def read_whole(document: Document, wanted: Wanted) -> Any:
    page = lxml.html.document_fromstring(render_whole(document, wanted, EN, links=[]))
    return page.find_class("cq-document")[0]


def read_full(article: Any) -> str:
    return str(article.find_class("cq-full")[0].text_content())


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with open_client(OFFERED) as client:
        yield client


@pytest.mark.parametrize("document", [BRIDGE_ZH, BRIDGE_EN, CUTE, LONG], ids=lambda d: d.id)
def test_the_whole_text_is_shown_as_it_is(document: Document) -> None:
    assert read_full(read_whole(document, Wanted(document.id))) == document.text


@pytest.mark.parametrize(
    ("document", "quoted"),
    [
        pytest.param(BRIDGE_ZH, "2021年5月18日上午，临河大桥正式通车。", id="within a line"),
        pytest.param(BRIDGE_EN, "planned.\n\nIt is", id="over lines"),
        pytest.param(CUTE, "大桥很长。😀", id="behind characters of two units"),
        pytest.param(CUTE, CUTE.text, id="all of it"),
        pytest.param(LONG, LONG.text[100_000:130_000], id="over blocks"),
        pytest.param(LONG, LONG.text[-6:], id="the end"),
    ],
)
def test_the_span_is_marked_by_code_points(document: Document, quoted: str) -> None:
    article = read_whole(document, want(make_quote(document, quoted)))

    marks = list(article.iter("mark"))
    assert "".join(mark.text_content() for mark in marks) == quoted
    assert [mark.get("id") for mark in marks] == ["quote", *[None] * (len(marks) - 1)]
    assert read_full(article) == document.text


@pytest.mark.parametrize(
    "span", [(-1, 5), (5, 5), (6, 5), (0, len(CUTE.text) + 1), (-1, -1), (10**9, 10**9 + 1)]
)
def test_a_span_that_does_not_fit_is_told_and_nothing_is_marked(span: tuple[int, int]) -> None:
    article = read_whole(CUTE, Wanted("c", span))

    assert MOVED in article.find_class("cq-moved")[0].text_content()
    assert list(article.iter("mark")) == []
    assert read_full(article) == CUTE.text


def test_a_document_that_was_changed_below_a_quote_is_not_marked() -> None:
    """The quote's place held another sentence, which would have been shown as the quote."""
    quote = make_quote(BRIDGE_EN, "It is 3.2 kilometers long.")
    wanted = read_wanted(dict(p.split("=") for p in locate(quote)[10:-6].split("&")))
    changed = replace(BRIDGE_EN, text=BRIDGE_EN.text.replace("3.2", "4.5"))

    assert find_span(BRIDGE_EN, wanted) == (quote.start, quote.end)
    assert find_span(changed, wanted) is None
    assert MOVED in read_whole(changed, wanted).text_content()


@pytest.mark.parametrize(
    ("query", "span"),
    [
        ({}, None),
        ({"start": "3", "end": "7"}, (3, 7)),
        ({"start": "3"}, (3, -1)),
        ({"start": "-3", "end": "7"}, (-1, 7)),
        ({"start": "x", "end": ""}, (-1, -1)),
        ({"start": "9" * 10, "end": "1" * 5000}, (-1, -1)),
        ({"start": "1e3", "end": "²"}, (-1, -1)),
    ],
)
def test_an_address_is_read_or_asks_for_less(
    query: dict[str, str], span: tuple[int, int] | None
) -> None:
    assert read_wanted({"id": "a", **query}) == Wanted("a", span)


@pytest.mark.parametrize("seed", range(100))
def test_blocks_leave_nothing_out_and_end_with_lines(seed: int) -> None:
    """A browser took 16 s over two megabytes in one block."""
    dice = random.Random(seed)  # noqa: S311 - a fixed seed
    sizes = [dice.choice([0, 1, 80, 5_000, 30_000]) for _ in range(dice.randrange(12))]
    text = "\n".join("x" * n if dice.random() < 0.5 else "word " * (n // 5) for n in sizes)
    first = dice.randrange(len(text) + 1)
    last = dice.randrange(first, len(text) + 1)

    blocks = list(cut_blocks(text, first, last))

    assert "".join(text[start:end] for start, end in blocks) == text[first:last]
    assert all(0 < end - start <= 2 * BLOCK_CHARS for start, end in blocks)
    for start, end in blocks[:-1]:
        assert end - start > BLOCK_CHARS
        assert text[end - 1] == "\n" or "\n" not in text[start + BLOCK_CHARS : end]


def test_a_document_says_where_and_when_it_is_from() -> None:
    document = replace(BRIDGE_EN, copies=("news/copy.txt", "https://example.org/copy"))
    article = read_whole(document, Wanted(document.id))

    meta = article.find_class("cq-meta")[0]
    assert [span.text_content() for span in meta.iterchildren()] == [
        "https://example.org/guide/bridges",
        "September 1, 2022",
        "English",
        "The same in: news/copy.txt, https://example.org/copy",
    ]
    assert [link.get("href") for link in meta.iter("a")] == [
        "https://example.org/guide/bridges",
        "https://example.org/copy",
    ]


def test_a_document_without_a_date_says_so_in_the_readers_language() -> None:
    page = render_whole(replace(BRIDGE_ZH, published=None), Wanted("x"), ZH, links=[])

    assert "<span>未注日期</span><span>中文</span>" in page
    assert '<html lang="zh-Hans">' in page
    assert date(2021, 5, 19).isoformat() not in page


@pytest.mark.parametrize(
    "source", ["javascript:alert(1)", "data:text/html,x", "vbscript:x", "https://a@b/", "//x"]
)
def test_a_source_that_is_no_plain_address_is_no_link(source: str) -> None:
    article = read_whole(replace(BRIDGE_EN, source=source), Wanted("x"))

    assert list(article.find_class("cq-meta")[0].iter("a")) == []
    assert source in article.text_content()


def test_a_hostile_document_stays_text() -> None:
    article = read_whole(DOOR, want(make_quote(DOOR, "window.pwned=1")))

    drawn = {element.tag for element in article.iter()}
    assert drawn == {"article", "h1", "p", "span", "bdi", "time", "a", "div", "mark"}
    assert read_full(article) == DOOR.text.replace("\ud800", "\ufffd")
    assert [a.get("href") for a in article.iter("a")] == ["#quote"]


def test_a_part_is_cut_around_the_quote_with_ways_to_the_whole() -> None:
    quote = make_quote(LONG, "Line 30000: the tide came in")

    part = lxml.html.fragment_fromstring(
        render_part(LONG, want(quote), EN), create_parent="section"
    )

    text = read_full(part)
    assert text in LONG.text
    assert len(text) == pytest.approx(PART_CHARS, abs=2)
    assert text.index(quote.text) == pytest.approx(PART_CHARS / 2, abs=100)
    assert [mark.text_content() for mark in part.iter("mark")] == [quote.text]
    assert [p.text_content() for p in part.find_class("cq-cut")] == ["… the whole document"] * 2
    assert {a.get("href") for a in part.iter("a")} == {locate(quote)}
    assert part.xpath(".//@id") == []  # it may stand on a page more than once


def test_a_short_document_is_a_part_of_itself() -> None:
    part = lxml.html.fragment_fromstring(
        render_part(BRIDGE_ZH, Wanted(BRIDGE_ZH.id, (0, 4)), ZH), create_parent="section"
    )

    assert part.text_content() == BRIDGE_ZH.text
    assert [mark.text_content() for mark in part.iter("mark")] == ["经过四年"]


def test_a_part_without_a_place_begins_at_the_beginning() -> None:
    part = lxml.html.fragment_fromstring(
        render_part(LONG, Wanted(LONG.id, (-1, 5)), EN), create_parent="section"
    )

    assert read_full(part) == LONG.text[:PART_CHARS]
    assert len(part.find_class("cq-moved")) == 1
    assert [a.get("href") for a in part.find_class("cq-cut")[0]] == ["/document?id=long.txt"]


def test_a_document_is_served_under_its_address(client: TestClient) -> None:
    reply = client.get(locate(make_quote(BRIDGE_ZH, "大桥全长3.2公里")))

    assert reply.status_code == 200
    assert '<mark id="quote" dir="auto">大桥全长3.2公里</mark>' in reply.text
    assert "default-src 'self'" in reply.headers["content-security-policy"]


@pytest.mark.parametrize("part", ["", "&part=1"])
@pytest.mark.parametrize(
    ("language", "words"), [("en", "does not hold this document"), ("zh-CN", "没有这篇文档")]
)
def test_an_unknown_document_is_told_in_words(
    client: TestClient, part: str, language: str, words: str
) -> None:
    for id_ in ("none", "", "../../etc/passwd", "%00", "x" * 5000):
        reply = client.get(f"/document?id={id_}{part}", headers={"accept-language": language})
        assert reply.status_code == 404
        assert words in reply.text
        assert ("<!doctype html>" in reply.text) is (part == "")


def test_an_index_that_fails_says_why_and_another_failure_gives_nothing_away(
    client: TestClient,
) -> None:
    told = client.get(f"/document?id={DAMAGED}")
    untold = client.get("/document", params={"id": BROKEN})

    assert (told.status_code, untold.status_code) == (503, 500)
    assert "is damaged. Rebuild it" in told.text
    assert SECRET not in untold.text


def test_without_documents_there_is_no_page() -> None:
    with open_client(Features(hosts=frozenset({"localhost"}))) as client:
        assert client.get("/document?id=x").status_code == 404


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serve_site(OFFERED) as address:
        yield address


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    contexts = []

    def open_in(url: str, **options: Any) -> Page:
        contexts.append(browser.new_context(**{"locale": "en-US", **options}))
        page = contexts[-1].new_page()
        page.set_default_timeout(20_000)
        page.goto(url)
        return page

    yield open_in
    for context in contexts:
        context.close()


def ask(page: Page, question: str) -> None:
    page.wait_for_selector(BOX)
    page.fill(BOX, question)
    page.press(BOX, "Enter")
    page.wait_for_selector("#t1 .cq-said")


@pytest.mark.browser
@pytest.mark.parametrize(
    "quote",
    [
        make_quote(BRIDGE_ZH, "通车首日，约4.6万人步行过桥。"),
        make_quote(LONG, "Line 45000: the tide came in, and went out again.\nLine 45001"),
    ],
    ids=["short", "three megabytes"],
)
@pytest.mark.parametrize("width", [390, 1200])
def test_the_quote_is_in_view_when_the_page_opens(
    address: str, open_page: Callable[..., Page], quote: Quote, width: int
) -> None:
    page = open_page(address[:-1] + locate(quote), viewport={"width": width, "height": 700})

    page.wait_for_function(
        """() => {
            const place = document.querySelector("#quote").getBoundingClientRect();
            return 0 < place.top && place.bottom < innerHeight;
        }"""
    )
    assert page.locator("mark").all_inner_texts() == [quote.text]
    assert page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.browser
def test_a_card_opens_its_document_and_closes_it_again(
    address: str, open_page: Callable[..., Page]
) -> None:
    page = open_page(address)
    ask(page, WHEN_EN)
    quotes = [c.quote.text for c in fake_ask(WHEN_EN).citations]
    link = page.locator("#t1-c3 a.cq-open")

    link.click()
    page.wait_for_selector("#t1-c3 .cq-whole mark")

    assert page.locator(".cq-whole mark").all_text_contents() == [quotes[2]]
    assert page.text_content("#t1-c3 .cq-whole") == BRIDGE_EN.text
    assert link.get_attribute("aria-expanded") == "true"
    assert page.locator(f"[id={link.get_attribute('aria-controls')}]").count() == 1
    assert page.url == address
    link.click()
    assert page.locator(".cq-whole").count() == 0
    assert link.get_attribute("aria-expanded") == "false"
    assert link.get_attribute("aria-controls") is None


@pytest.mark.browser
def test_the_keyboard_opens_a_document_scrolls_it_and_comes_back(
    address: str, open_page: Callable[..., Page]
) -> None:
    page = open_page(address)
    ask(page, WHEN_EN)
    page.focus("#t1-c1 a.cq-open")

    page.keyboard.press("Enter")
    page.wait_for_selector(".cq-whole mark")
    inside = page.evaluate("document.activeElement.className")
    page.keyboard.press("Escape")

    assert inside == "cq-whole"
    assert page.locator(".cq-whole").count() == 0
    assert page.evaluate("document.activeElement.closest('.cq-card').id") == "t1-c1"


@pytest.mark.browser
def test_a_passage_that_was_not_used_opens_its_document_too(
    address: str, open_page: Callable[..., Page]
) -> None:
    page = open_page(address, viewport={"width": 390, "height": 800})
    ask(page, REFUSED_EN)
    page.click(".cq-rest summary")

    page.click(".cq-hit:nth-child(2) a.cq-open")
    page.wait_for_selector(".cq-hit:nth-child(2) .cq-whole mark")

    assert page.text_content(".cq-whole mark") == BRIDGE_EN.text
    assert page.evaluate("document.documentElement.scrollWidth") == 390


@pytest.mark.browser
def test_a_document_that_cannot_be_loaded_is_told(
    address: str, open_page: Callable[..., Page]
) -> None:
    page = open_page(address)
    ask(page, WHEN_EN)
    page.context.set_offline(offline=True)

    page.click("#t1-c1 a.cq-open")

    page.wait_for_selector(".cq-whole:not([aria-busy])")
    assert page.inner_text(".cq-whole").startswith("The document could not be loaded.")


@pytest.mark.browser
def test_where_there_are_no_documents_no_card_leads_to_one(
    browser: Browser, open_page: Callable[..., Page]
) -> None:
    with serve_site(Features(hosts=frozenset({"127.0.0.1"}))) as address:
        page = open_page(address)
        ask(page, WHEN_EN)

        assert page.locator("a.cq-open").count() == 3 + 2
        assert page.locator("a.cq-open:visible").count() == 0
