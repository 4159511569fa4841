"""In a real browser: what a reader opened, chose and typed outlasts the next question."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rag.types import Answer
from tests.browser import BOX, Open, ask, begin, expect, open_pages, read_questions
from tests.fake_search import fake_get_document
from tests.fake_site import serve_site
from tests.fakes import CONFLICT, REFUSED_EN, SLOW, WHEN_EN, fake_ask
from ui.features import Features

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    features = Features(
        kept=tmp_path_factory.mktemp("kept"),
        hosts=frozenset({"127.0.0.1"}),
        get_document=fake_get_document,
    )
    with serve_site(features) as address:
        yield address


def test_what_is_open_in_a_turn_outlasts_the_next_question(open_page: Open) -> None:
    """Whole documents, folds, a chosen source and half a reason were gone with every question."""
    page = open_page()
    ask(page, WHEN_EN)
    page.click("#t1 .cq-rest summary")
    page.click("#t1-c1 a.cq-open")
    page.wait_for_selector("#t1-c1 .cq-whole mark")
    page.click("#t1-r2")
    page.click("#t1 [data-verdict=dislike]")
    page.fill("#t1 .cq-why textarea", "half a rea")
    page.evaluate("window.first = document.querySelector('#t1')")

    ask(page, CONFLICT, turn=2)

    assert page.evaluate("window.first === document.querySelector('#t1')")
    assert page.is_visible("#t1 .cq-hit >> nth=0")
    assert page.is_visible("#t1-c1 .cq-whole mark")
    assert page.get_attribute("#t1-c2", "aria-current") == "true"
    assert page.input_value("#t1 .cq-why textarea") == "half a rea"
    assert read_questions(page) == [WHEN_EN, CONFLICT]


def test_the_next_answer_leaves_a_reader_where_they_are(open_page: Open) -> None:
    page = open_page(viewport={"width": 1100, "height": 500})
    ask(page, WHEN_EN)
    begin(page, SLOW, turn=2)

    page.click("#t1-r1")
    page.wait_for_timeout(900)  # until it has scrolled there
    before = page.evaluate("window.scrollY")
    page.wait_for_selector("#t2.cq-is-refused")
    page.wait_for_timeout(900)

    assert page.evaluate("window.scrollY") == before
    assert page.evaluate("document.activeElement.id") == "t1-c1"


def test_what_grows_keeps_the_sources_that_are_open_in_it(browser: Browser) -> None:
    go_on = threading.Event()

    class Growing:
        def __call__(self, question: str, previous: Answer | None = None) -> Answer:
            return fake_ask(question, previous)

        def stream(self, question: str, previous: Answer | None = None) -> Iterator[Answer]:
            whole = replace(fake_ask(question, previous), model="tiny")
            cited = whole.statements[0].quotes
            citations = tuple(c for c in whole.citations if c.quote in cited)
            yield replace(whole, statements=whole.statements[:1], citations=citations)
            assert go_on.wait(20)
            yield whole

    features = Features(get_document=fake_get_document, hosts=frozenset({"127.0.0.1"}))
    with serve_site(features, Growing()) as address, open_pages(browser, address) as open_in:
        page = open_in()
        ask(page, WHEN_EN)
        page.click("#t1-c2 a.cq-open")
        page.wait_for_selector("#t1-c2 .cq-whole mark")
        page.click("#t1 .cq-rest summary")
        go_on.set()
        page.wait_for_selector("#t1-c3")

        assert page.is_visible("#t1-c2 .cq-whole mark")
        assert page.is_visible("#t1 .cq-hit >> nth=0")
        assert page.locator("#t1 .cq-statement").all_text_contents() == fake_ask(
            WHEN_EN
        ).text.split("\n")


def test_a_page_that_has_lost_a_turn_gets_it_again(open_page: Open) -> None:
    page = open_page()
    ask(page, WHEN_EN)
    ask(page, CONFLICT, turn=2)
    page.evaluate("document.querySelector('#t1').remove()")

    ask(page, REFUSED_EN, turn=3)
    page.wait_for_selector("#t1 .cq-card")

    assert read_questions(page) == [WHEN_EN, CONFLICT, REFUSED_EN]


def hold_replies(page: Page) -> list[Callable[[], None]]:
    """Let the server answer what is no question; keep the answers, each sent on by a call."""
    held: list[Callable[[], None]] = []

    def hold(route: Route) -> None:
        reply = route.fetch()
        held.append(lambda: route.fulfill(response=reply))

    page.route("**/run/predict", hold)
    return held


def test_turns_that_come_late_leave_the_answer_that_came_meanwhile(browser: Browser) -> None:
    """They were taken as they had been on their way, and the page went on searching for ever."""
    go_on = threading.Event()

    def wait(question: str, previous: Answer | None = None) -> Answer:
        assert question != REFUSED_EN or go_on.wait(20)
        return fake_ask(question, previous)

    features = Features(hosts=frozenset({"127.0.0.1"}))
    with serve_site(features, wait) as address, open_pages(browser, address) as open_in:
        page = open_in()
        ask(page, WHEN_EN)
        ask(page, CONFLICT, turn=2)
        held = hold_replies(page)
        page.evaluate("document.querySelector('#t1').remove()")
        begin(page, REFUSED_EN, turn=3)
        while not held:
            page.wait_for_timeout(50)
        go_on.set()
        page.wait_for_selector("#t3.cq-is-refused")
        page.wait_for_selector("#cq-ask")

        held[0]()
        page.wait_for_selector("#t1 .cq-card")

        assert page.locator("#t3.cq-is-refused").count() == 1
        assert read_questions(page) == [WHEN_EN, CONFLICT, REFUSED_EN]


def test_a_step_that_comes_behind_the_reply_to_a_stop_is_passed_over(open_page: Open) -> None:
    """The page went back to searching, until Stop was pressed once more."""
    page = open_page()
    page.evaluate(
        """() => {
            const { show } = crossquote;
            window.steps = [];
            crossquote.show = (...step) => { steps.push(step); show(...step); };
        }"""
    )
    begin(page, SLOW)
    page.click("#cq-stop")
    page.wait_for_selector("#t1 .cq-notice")

    page.evaluate("crossquote.show(...steps.find(([, step]) => step.busy))")

    assert page.inner_text("#t1 .cq-notice .cq-statement") == "Stopped before there was an answer."
    expect(page, "#cq-ask").to_be_visible()


def test_what_is_asked_while_the_page_is_loaded_outlasts_the_turns_of_before(
    open_page: Open,
) -> None:
    """The answer was gone as soon as the conversation of before had come."""
    page = open_page()
    ask(page, WHEN_EN)
    held = hold_replies(page)
    page.reload()
    while not held:
        page.wait_for_timeout(50)

    page.fill(BOX, CONFLICT)
    page.press(BOX, "Enter")
    page.wait_for_timeout(1500)  # time for an answer, if it does not wait
    held[0]()
    page.wait_for_selector("#t1 .cq-card")
    page.wait_for_selector("#t2.cq-is-found")

    assert read_questions(page) == [WHEN_EN, CONFLICT]
    expect(page, BOX).to_have_value("")
    expect(page, "#cq-note").to_have_count(0)


def test_a_verdict_is_shown_again_after_a_reload(open_page: Open) -> None:
    page = open_page()
    ask(page, WHEN_EN)
    page.click("#t1 [data-verdict=like]")
    page.wait_for_selector("#t1 [data-verdict=like][aria-pressed=true]")

    page.reload()
    page.wait_for_selector("#t1 [data-verdict=like][aria-pressed=true]")
    pressed = page.get_attribute("#t1 [data-verdict=dislike]", "aria-pressed")
    page.click("#t1 [data-verdict=like]")
    page.wait_for_selector("#t1 [data-verdict=like][aria-pressed=false]")
    page.reload()
    page.wait_for_selector("#t1 .cq-judge")

    assert pressed == "false"
    assert page.locator("#t1 .cq-judge[aria-pressed=true]").count() == 0


def test_a_page_loaded_again_in_the_middle_of_an_answer_tells_so_at_once(
    browser: Browser, tmp_path: Path
) -> None:
    """The question was gone, and came up as stopped with a later reload."""
    free = threading.Event()

    def wait(question: str, previous: Answer | None = None) -> Answer:
        assert free.wait(20)
        return fake_ask(question, previous)

    features = Features(kept=tmp_path, hosts=frozenset({"127.0.0.1"}))
    with serve_site(features, wait) as address, open_pages(browser, address) as open_in:
        page = open_in()
        begin(page, WHEN_EN)
        page.reload()
        expect(page, "#t1 .cq-notice .cq-statement").to_have_text(
            "Stopped before there was an answer."
        )
        free.set()
        page.click("#t1 .cq-retry")
        page.wait_for_selector("#t1 .cq-card")

        assert read_questions(page) == [WHEN_EN]
