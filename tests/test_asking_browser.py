"""In a real browser: nothing that a reader typed is lost, and they are told what became of it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rag.types import Answer
from tests.browser import BOX, Open, ask, begin, expect, open_pages, read_questions
from tests.fake_site import serve_site
from tests.fakes import CONFLICT, EXAMPLES, SLOW, WHEN_EN, fake_ask
from ui.features import Features

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

LOCAL = frozenset({"127.0.0.1"})

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    features = Features(
        examples=EXAMPLES, kept=tmp_path_factory.mktemp("kept"), hosts=LOCAL, max_question_chars=100
    )
    with serve_site(features) as address:
        yield address


def wait_for_box(page: Page, text: str) -> None:
    page.wait_for_function(
        "([box, text]) => document.querySelector(box)?.value === text", arg=[BOX, text]
    )


def test_asking_again_leaves_what_is_being_written(open_page: Open) -> None:
    page = open_page()
    ask(page, WHEN_EN)
    page.evaluate("window.old = document.querySelector('#t1 .cq-said')")
    page.fill(BOX, "half a que")

    page.click("#t1 .cq-retry")
    page.wait_for_function("!window.old.isConnected")
    page.wait_for_selector("#t1 .cq-card")

    assert page.input_value(BOX) == "half a que"
    assert read_questions(page) == [WHEN_EN]


def test_what_was_being_written_comes_back_when_a_changed_question_is_sent(open_page: Open) -> None:
    page = open_page()
    ask(page, WHEN_EN)
    page.fill(BOX, "half a que")
    page.click("#t1 .cq-edit")

    ask(page, CONFLICT)
    page.wait_for_selector("#t1 .cq-conflict, #t1.cq-is-found")

    wait_for_box(page, "half a que")
    assert read_questions(page) == [CONFLICT]


def test_what_is_typed_while_an_answer_comes_is_left(open_page: Open) -> None:
    page = open_page()
    begin(page, SLOW)
    wait_for_box(page, "")
    page.fill(BOX, "the next")

    page.wait_for_selector("#t1.cq-is-refused")

    assert page.input_value(BOX) == "the next"


def test_an_example_leaves_what_is_being_written(open_page: Open) -> None:
    page = open_page()
    page.fill(BOX, "half a que")

    page.click(".cq-example >> nth=0")
    page.wait_for_selector("#t1 .cq-card")

    assert page.input_value(BOX) == "half a que"


@pytest.mark.parametrize(
    ("locale", "said", "label"),
    [
        (
            "en-US",
            "The server cannot be reached. Your question is in the box again; send it when the "
            "server is back.",
            "No answer this time",
        ),
        ("zh-CN", "连接不上服务器。问题已放回输入框，等服务器恢复后再发送。", "这次没有得到答案"),
    ],
)
def test_a_server_that_goes_in_the_middle_of_an_answer_is_told_and_the_question_comes_back(
    browser: Browser, tmp_path: Path, locale: str, said: str, label: str
) -> None:
    """The page went on searching for ever, with an empty box."""
    free = threading.Event()

    def wait(question: str, previous: Answer | None = None) -> Answer:
        assert free.wait(30)
        return fake_ask(question, previous)

    with ExitStack() as opened:
        site = ExitStack()
        opened.callback(site.close)
        opened.callback(free.set)
        address = site.enter_context(serve_site(Features(kept=tmp_path, hosts=LOCAL), wait))
        page = opened.enter_context(open_pages(browser, address))(locale=locale)
        begin(page, WHEN_EN)
        wait_for_box(page, "")
        stopper = threading.Thread(target=site.close)
        stopper.start()
        page.wait_for_selector("#cq-note")
        free.set()
        stopper.join()

        assert page.inner_text("#cq-note") == said
        assert page.input_value(BOX) == WHEN_EN
        assert page.inner_text("#t1 .cq-label") == label
        assert page.inner_text("#t1 .cq-statement") == said
        expect(page, "#cq-ask").to_be_visible()
        expect(page, "#cq-stop").to_be_hidden()


def test_a_question_to_a_server_that_is_gone_stays_in_the_box(browser: Browser) -> None:
    with ExitStack() as opened:
        site = ExitStack()
        opened.callback(site.close)
        address = site.enter_context(serve_site(Features(hosts=LOCAL)))
        page = opened.enter_context(open_pages(browser, address))()
        ask(page, WHEN_EN)
        site.close()

        page.fill(BOX, CONFLICT)
        page.press(BOX, "Enter")
        page.wait_for_selector("#cq-note")

        assert "cannot be reached" in page.inner_text("#cq-note")
        assert page.input_value(BOX) == CONFLICT
        assert read_questions(page) == [WHEN_EN]
        assert page.locator("#t1 .cq-card").count() == 3


def test_an_answer_that_comes_after_all_takes_the_place_of_the_failure(
    browser: Browser, tmp_path: Path
) -> None:
    free = threading.Event()

    def wait(question: str, previous: Answer | None = None) -> Answer:
        assert free.wait(30)
        return fake_ask(question, previous)

    with (
        serve_site(Features(kept=tmp_path, hosts=LOCAL), wait) as address,
        open_pages(browser, address) as open_in,
    ):
        page = open_in()
        begin(page, WHEN_EN)
        page.context.set_offline(True)  # it bars new requests alone
        page.wait_for_selector("#t1 .cq-notice")
        wait_for_box(page, WHEN_EN)
        page.context.set_offline(False)
        free.set()
        page.wait_for_selector("#t1 .cq-card")
        wait_for_box(page, "")

        expect(page, "#cq-note").to_have_count(0)
        assert read_questions(page) == [WHEN_EN]


def test_what_was_being_written_outlasts_a_reload(open_page: Open) -> None:
    page = open_page()
    ask(page, WHEN_EN)
    page.fill(BOX, "half a que")

    page.reload()
    wait_for_box(page, "half a que")
    ask(page, CONFLICT, turn=2)
    page.reload()
    page.wait_for_selector("#t2 .cq-card")
    page.wait_for_timeout(300)

    assert page.input_value(BOX) == ""
    assert page.locator("#cq-note").count() == 0


def test_a_question_that_a_server_forgot_is_back_in_the_box_of_the_next_page(
    browser: Browser,
) -> None:
    """A page that has lost its server is loaded again as soon as there is one."""
    free = threading.Event()

    def wait(question: str, previous: Answer | None = None) -> Answer:
        assert free.wait(30)
        return fake_ask(question, previous)

    with (
        serve_site(Features(hosts=LOCAL), wait) as address,
        open_pages(browser, address) as open_in,
    ):
        page = open_in()
        begin(page, WHEN_EN)
        page.fill(BOX, "half a que")
        page.reload()
        wait_for_box(page, f"{WHEN_EN}\nhalf a que")
        free.set()

        expect(page, ".cq-turn").to_have_count(0)
        assert "did not come through" in page.inner_text("#cq-note")


def test_a_question_that_is_turned_away_stays_in_the_box(browser: Browser) -> None:
    free = threading.Event()

    def wait(question: str, previous: Answer | None = None) -> Answer:
        assert free.wait(30)
        return fake_ask(question, previous)

    with (
        serve_site(Features(hosts=LOCAL, concurrency=1, max_waiting=1), wait) as address,
        open_pages(browser, address) as open_in,
    ):
        pages = [open_in() for _ in range(3)]
        for page in pages:
            page.fill(BOX, WHEN_EN)
            with page.expect_response("**/queue/join*"):
                page.press(BOX, "Enter")
            if page is pages[0]:
                page.wait_for_selector("#t1.cq-is-pending")
        pages[2].wait_for_selector("#cq-note")
        free.set()

        assert "did not come through" in pages[2].inner_text("#cq-note")
        assert pages[2].input_value(BOX) == WHEN_EN
        pages[0].wait_for_selector("#t1 .cq-card")


@pytest.mark.parametrize(
    ("locale", "counted", "near", "over"),
    [
        (
            "en-US",
            "95 of 100 characters",
            "5 more characters fit into a question.",
            "A question may have 100 characters; shorten this one by 7.",
        ),
        (
            "zh-CN",
            "95 / 100 个字符",
            "问题还可输入 5 个字符。",
            "问题最多 100 个字符，请删去 7 个。",
        ),
    ],
)
def test_the_length_of_a_question_is_told_near_the_limit_alone(
    open_page: Open, locale: str, counted: str, near: str, over: str
) -> None:
    page = open_page(locale=locale)
    page.fill(BOX, "x" * 89)
    quiet = page.locator("#cq-count").count()

    page.fill(BOX, "𠮷" * 95)  # two units of a browser's each
    shown, spoken = page.inner_text("#cq-count"), page.text_content("#cq-length")
    page.fill(BOX, "x" * 107)
    invalid = page.get_attribute(BOX, "aria-invalid")
    page.press(BOX, "Enter")
    page.click("#cq-ask")
    page.wait_for_timeout(500)

    assert quiet == 0
    assert (shown, spoken) == (counted, near)
    assert invalid == "true"
    assert page.inner_text("#cq-note") == over
    assert page.text_content("#cq-length") == over
    assert page.locator(".cq-turn").count() == 0
    assert page.input_value(BOX) == "x" * 107


def test_a_question_asked_in_a_conversation_that_was_deleted_begins_a_new_one(
    open_page: Open,
) -> None:
    page = open_page()
    ask(page, WHEN_EN)
    name = str(page.get_attribute("#cq-export", "href")).removesuffix(".md")
    page.request.delete(page.url.rstrip("/") + name)

    page.fill(BOX, CONFLICT)
    page.press(BOX, "Enter")
    page.wait_for_selector("#cq-note")
    page.wait_for_selector("#t1.cq-is-found")

    assert read_questions(page) == [CONFLICT]
    assert "was deleted in another window" in page.inner_text("#cq-note")
    page.reload()
    page.wait_for_selector("#t1 .cq-card")
    assert read_questions(page) == [CONFLICT]
