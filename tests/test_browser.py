"""In a real browser: a marker leads to its quote, and what documents hold stays text."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser import BOX, Open, ask, expect
from tests.fake_site import serve_site
from tests.fakes import (
    BROKEN,
    CONFLICT,
    EXAMPLES,
    FOLLOW_UP,
    HOSTILE,
    REFUSED_EN,
    SECRET,
    SLOW,
    UNDERSTOOD,
    WHEN_EN,
    WHEN_ZH,
    fake_ask,
)
from ui.features import Features

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    features = Features(examples=EXAMPLES, hosts=frozenset({"127.0.0.1"}))
    with serve_site(features) as address:
        yield address


def is_in_view(page: Page, selector: str) -> bool:
    """Whether the middle of an element is on the screen, above the question bar."""
    return bool(
        page.evaluate(
            """([selector]) => {
                const place = document.querySelector(selector).getBoundingClientRect();
                const bar = document.querySelector("#cq-bar").getBoundingClientRect();
                const middle = (place.top + place.bottom) / 2;
                return 0 < middle && middle < bar.top;
            }""",
            [selector],
        )
    )


def wait_in_view(page: Page, selector: str) -> None:
    for _ in range(50):
        if is_in_view(page, selector):
            return
        page.wait_for_timeout(100)
    pytest.fail(f"{selector} did not come into view")


def test_a_marker_brings_its_quote_into_view_and_selects_it(open_page: Open) -> None:
    page = open_page(viewport={"width": 1100, "height": 500})
    ask(page, WHEN_EN)
    answer = fake_ask(WHEN_EN)

    page.click("#t1-r3")

    wait_in_view(page, "#t1-c3 mark")
    assert page.locator(".cq-card[aria-current=true]").evaluate_all(
        "all => all.map(e => e.id)"
    ) == ["t1-c3"]
    assert page.locator("mark").all_text_contents() == [c.quote.text for c in answer.citations]
    assert page.locator("#t1 .cq-statement").all_text_contents() == answer.text.split("\n")


def test_the_link_of_a_marker_names_its_card_without_any_script(open_page: Open) -> None:
    page = open_page()
    ask(page, WHEN_EN)

    page.evaluate("location.hash = document.querySelector('#t1-r2').hash")

    assert page.evaluate("document.querySelector(':target').id") == "t1-c2"


def test_the_keyboard_alone_asks_opens_a_source_and_comes_back(open_page: Open) -> None:
    page = open_page()
    page.focus(BOX)
    page.keyboard.type(WHEN_EN)
    page.keyboard.press("Enter")
    page.wait_for_selector("#t1 .cq-said")

    page.focus("#t1-r2")
    page.keyboard.press("Enter")
    focused = [page.evaluate("document.activeElement.id")]
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    focused.append(page.evaluate("document.activeElement.id"))

    assert focused == ["t1-c2", "t1-r2"]


def test_markers_of_each_turn_lead_to_the_sources_of_that_turn(open_page: Open) -> None:
    """A reader of other chats saw the sources of the last question under the next answer."""
    page = open_page()
    ask(page, WHEN_EN)
    ask(page, CONFLICT, turn=2)

    page.click("#t2-r1")
    second = page.text_content(".cq-card[aria-current=true] mark")
    page.click("#t1-r1")
    first = page.text_content(".cq-card[aria-current=true] mark")

    assert second == fake_ask(CONFLICT).citations[0].quote.text
    assert first == fake_ask(WHEN_EN).citations[0].quote.text
    assert page.locator(".cq-conflict td").all_text_contents()[0] == "1.2 million"


def test_hostile_text_runs_nothing_fetches_nothing_and_draws_nothing(open_page: Open) -> None:
    page = open_page()
    connected: list[object] = []
    with closing(watch_connections(connected)):
        ask(page, HOSTILE)
        ask(page, f"{HOSTILE} <img src=x onerror=window.pwned=1> ![x](http://203.0.113.7/)", turn=2)
        page.click("#t1 .cq-rest summary")
        page.click("#t1-r1")
        page.wait_for_timeout(500)

    assert page.evaluate("window.pwned") is None
    drawn = "#cq-page :is(img, video, script, style, form, input, iframe, object, svg)"
    assert page.locator(drawn).count() == 0
    quote = fake_ask(HOSTILE).citations[0].quote.text.replace("\ud800", "\ufffd")
    assert page.text_content("#t1-c1 mark") == quote
    assert page.locator("[id=t1-c1]").count() == 1
    assert page.locator("#t1-c1 .cq-source a").count() == 0
    assert connected == []


def watch_connections(connected: list[object]) -> _Watch:
    """Note every address outside this machine that this process connects to, until closed."""
    watch = _Watch(connected)
    sys.addaudithook(watch)
    return watch


class _Watch:
    def __init__(self, connected: list[object]) -> None:
        self.connected: list[object] | None = connected

    def __call__(self, event: str, args: tuple[Any, ...]) -> None:
        if self.connected is not None and event == "socket.connect":
            self.connected += [args[1]] if "127.0.0.1" not in str(args[1]) else []

    def close(self) -> None:  # an audit hook cannot be taken off
        self.connected = None


def test_a_refusal_shows_no_source_and_folds_the_closest_passages(open_page: Open) -> None:
    page = open_page()
    ask(page, REFUSED_EN)

    assert page.locator(".cq-card, .cq-marker, mark").count() == 0
    assert page.inner_text(".cq-notice") == (
        "Not in the documents\n\nThe documents do not answer this question."
    )
    assert not page.is_visible(".cq-hit")
    page.click(".cq-rest summary")
    assert page.is_visible(".cq-hit")


def test_a_failure_is_a_sentence_and_the_next_question_is_answered(open_page: Open) -> None:
    page = open_page()
    ask(page, BROKEN)
    ask(page, WHEN_EN, turn=2)

    assert "Something went wrong on this side." in page.inner_text("#t1")
    assert SECRET not in page.content()
    assert "May 18, 2021" in page.inner_text("#t2")


def test_a_follow_up_tells_what_it_was_understood_as(open_page: Open) -> None:
    page = open_page()
    ask(page, WHEN_EN)
    ask(page, FOLLOW_UP, turn=2)

    assert page.inner_text("#t2 .cq-understood") == f"Understood as: {UNDERSTOOD}"
    page.click("#cq-clear")
    page.wait_for_selector(".cq-example")
    ask(page, FOLLOW_UP)
    assert page.locator(".cq-understood").count() == 0


def test_another_page_follows_nothing(open_page: Open) -> None:
    first, second = open_page(), open_page()
    ask(first, WHEN_EN)
    ask(second, FOLLOW_UP)

    assert second.locator(".cq-understood").count() == 0


def test_the_words_of_a_quote_in_the_other_language_can_be_folded_away(open_page: Open) -> None:
    page = open_page()
    ask(page, WHEN_EN)

    assert page.inner_text("#t1-c1 .cq-word >> nth=1").split("\n") == ["上午", "morning"]
    page.click("#t1-c1 .cq-gloss summary")
    assert not page.is_visible("#t1-c1 .cq-word >> nth=1")
    assert page.locator("#t1-c2 .cq-gloss").count() == 0


def test_stop_ends_a_search_and_the_page_can_be_cleared(open_page: Open) -> None:
    page = open_page()
    page.fill(BOX, SLOW)
    page.press(BOX, "Enter")
    expect(page, ".cq-state").to_have_text("Searching the documents")

    page.click("#cq-stop")
    page.wait_for_selector("#t1 .cq-notice")

    assert page.inner_text(".cq-notice").split("\n\n") == [
        "No answer this time", "Stopped before there was an answer.",
    ]  # fmt: skip
    page.wait_for_selector("#cq-ask")
    page.click("#cq-clear")
    page.wait_for_selector(".cq-example")
    expect(page, ".cq-turn").to_have_count(0)


def test_a_chinese_browser_gets_a_chinese_page(open_page: Open) -> None:
    page = open_page(locale="zh-CN")
    example = page.locator(".cq-example", has_text=WHEN_ZH)

    expect(page, BOX).to_have_attribute("placeholder", "就这些文档提问")
    expect(page, "#cq-ask").to_have_text("提问")
    assert page.locator("#cq-head p:visible").all_inner_texts() == ["每个回答，都有原文为证。"]
    example.click()
    page.wait_for_selector("#t1 .cq-said")
    assert page.inner_text("#t1-s") == "出处"
    assert page.locator("#t1 .cq-meta").nth(0).inner_text().split("\n") == [
        "临河日报",
        "2021年5月19日",
        "中文",
    ]
    assert page.evaluate("document.documentElement.lang") == "zh-Hans"


def test_a_phone_shows_all_of_it_without_sideways_scrolling(open_page: Open) -> None:
    page = open_page(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    widths = [page.evaluate("document.documentElement.scrollWidth")]
    for turn, question in enumerate([WHEN_EN, CONFLICT, HOSTILE, REFUSED_EN], start=1):
        ask(page, question, turn=turn)
        widths.append(page.evaluate("document.documentElement.scrollWidth"))

    page.tap("#t1-r2")

    wait_in_view(page, "#t1-c2 mark")
    assert widths == [390] * 5
    assert page.is_visible(BOX)
    assert page.is_visible("#cq-ask")


def test_the_answer_can_be_copied_with_its_sources(open_page: Open) -> None:
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    ask(page, WHEN_EN)

    page.click(".cq-copy")
    page.wait_for_function("document.querySelector('.cq-copy').textContent === 'Copied'")

    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("May 18, 2021 [1][2]\nIt is 3.2 kilometers long. [3]\n\n[1] “2021年")
    assert "<" not in copied


def test_the_page_is_dark_where_the_reader_wants_it_dark(open_page: Open) -> None:
    colors = [
        open_page(color_scheme=scheme).evaluate("getComputedStyle(document.body).backgroundColor")
        for scheme in ("light", "dark")
    ]

    assert colors == ["rgb(250, 249, 246)", "rgb(21, 23, 26)"]
