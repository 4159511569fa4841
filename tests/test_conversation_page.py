"""In a real browser: a conversation survives a reload, and its last question can be asked again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rag.types import Answer
from tests.browser import BOX, Open, ask, expect, open_pages, read_questions
from tests.fake_site import serve_site
from tests.fakes import (
    CONFLICT,
    EXAMPLES,
    FOLLOW_UP,
    REFUSED_EN,
    SLOW,
    UNDERSTOOD,
    WHEN_EN,
    fake_ask,
)
from ui.conversations import FEEDBACK_FILE
from ui.features import Features

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kept")


@pytest.fixture(scope="module")
def address(kept: Path) -> Iterator[str]:
    features = Features(examples=EXAMPLES, kept=kept, hosts=frozenset({"127.0.0.1"}))
    with serve_site(features) as address:
        yield address


def test_a_page_loaded_again_has_its_conversation_and_can_be_followed(open_page: Open) -> None:
    page = open_page()
    ask(page, WHEN_EN)
    before = page.inner_html("#t1 .cq-said")

    page.reload()
    page.wait_for_selector("#t1 .cq-said")
    ask(page, FOLLOW_UP, turn=2)

    assert page.inner_html("#t1 .cq-said") == before
    assert page.inner_text("#t2 .cq-understood") == f"Understood as: {UNDERSTOOD}"
    page.click("#t1-r1")
    selected = page.text_content(".cq-card[aria-current=true] mark")
    assert selected == fake_ask(WHEN_EN).citations[0].quote.text


def test_a_new_conversation_begins_empty_and_the_last_one_can_be_opened(open_page: Open) -> None:
    page = open_page()
    ask(page, WHEN_EN)

    page.click("#cq-clear")
    page.wait_for_selector(".cq-open-earlier")
    offered = page.locator(".cq-open-earlier").all_inner_texts()
    ask(page, FOLLOW_UP)
    followed = page.locator(".cq-understood").count()
    page.reload()
    page.wait_for_selector("#t1 .cq-said")
    page.click("#cq-clear")
    page.locator(".cq-open-earlier", has_text=WHEN_EN).click()
    page.wait_for_selector("#t1 .cq-card")

    assert offered == [WHEN_EN]
    assert followed == 0
    assert read_questions(page) == [WHEN_EN]


def test_an_earlier_conversation_can_be_deleted(open_page: Open) -> None:
    page = open_page()
    ask(page, WHEN_EN)
    exported = page.get_attribute("#cq-export", "href")
    page.click("#cq-clear")
    page.wait_for_selector(".cq-forget")

    page.on("dialog", lambda dialog: dialog.accept())
    page.click(".cq-forget")
    page.wait_for_selector("#cq-earlier", state="hidden")

    assert page.request.get(page.url.rstrip("/") + str(exported)).status == 404


def test_another_browser_has_another_conversation(open_page: Open) -> None:
    first, second = open_page(), open_page()
    ask(first, WHEN_EN)
    second.reload()
    second.wait_for_selector(".cq-example")

    assert second.locator(".cq-turn, .cq-open-earlier").count() == 0


def test_the_last_question_can_be_changed_and_takes_its_place(open_page: Open) -> None:
    page = open_page()
    ask(page, WHEN_EN)
    ask(page, CONFLICT, turn=2)

    assert page.locator(".cq-edit:visible").count() == 1
    page.click("#t2 .cq-edit")
    assert page.input_value(BOX) == CONFLICT
    assert page.evaluate("document.activeElement.tagName") == "TEXTAREA"
    assert "Esc leaves it as it was" in page.inner_text("#cq-editing")
    page.fill(BOX, FOLLOW_UP)
    page.press(BOX, "Enter")
    page.wait_for_selector("#t2 .cq-understood")
    page.wait_for_selector("#cq-editing", state="detached")

    assert read_questions(page) == [WHEN_EN, FOLLOW_UP]
    page.reload()
    page.wait_for_selector("#t2 .cq-said")
    assert read_questions(page) == [WHEN_EN, FOLLOW_UP]


def test_escape_leaves_a_question_as_it_was(open_page: Open) -> None:
    page = open_page()
    ask(page, WHEN_EN)
    page.click("#t1 .cq-edit")
    page.press(BOX, "Escape")

    assert page.input_value(BOX) == ""
    assert page.locator("#cq-editing").count() == 0
    ask(page, CONFLICT, turn=2)
    assert read_questions(page) == [WHEN_EN, CONFLICT]


def test_a_stopped_question_can_be_asked_again(open_page: Open) -> None:
    page = open_page()
    page.fill(BOX, SLOW)
    page.press(BOX, "Enter")
    page.wait_for_selector(".cq-state")
    page.click("#cq-stop")
    page.wait_for_selector("#t1 .cq-notice")
    page.wait_for_selector("#cq-ask")

    page.click("#t1 .cq-retry")
    page.wait_for_selector("#t1.cq-is-pending")
    page.wait_for_selector("#t1.cq-is-refused")

    assert read_questions(page) == [SLOW]


def test_an_empty_question_asks_nothing(open_page: Open) -> None:
    page = open_page()
    ask(page, WHEN_EN)
    page.click("#t1 .cq-edit")
    page.fill(BOX, " ")
    page.press(BOX, "Enter")
    page.wait_for_timeout(700)

    assert read_questions(page) == [WHEN_EN]
    assert page.locator("#t1 .cq-card").count() == 3


def test_two_pages_of_one_conversation_lose_nothing(open_page: Open) -> None:
    page = open_page()
    ask(page, WHEN_EN)
    with page.context.expect_page() as opened:
        page.evaluate("window.open(location.href)")  # takes the session storage along
    other = opened.value
    other.wait_for_selector("#t1 .cq-said")
    ask(other, CONFLICT, turn=2)

    page.fill(BOX, REFUSED_EN)
    page.press(BOX, "Enter")
    page.wait_for_selector("#t3 .cq-said")

    assert read_questions(page) == [WHEN_EN, CONFLICT, REFUSED_EN]
    page.reload()
    page.wait_for_selector("#t3 .cq-said")
    assert read_questions(page) == [WHEN_EN, CONFLICT, REFUSED_EN]


def test_escape_brings_back_what_was_being_written(open_page: Open) -> None:
    page = open_page()
    ask(page, WHEN_EN)
    page.fill(BOX, "half a que")
    page.click("#t1 .cq-edit")

    page.press(BOX, "Escape")

    assert page.input_value(BOX) == "half a que"


def test_a_second_question_waits_for_the_first(open_page: Open) -> None:
    """Two at once would each have been a conversation without the other."""
    page = open_page()
    page.fill(BOX, SLOW)
    page.press(BOX, "Enter")
    page.wait_for_selector("#t1 .cq-state")

    page.fill(BOX, WHEN_EN)
    page.press(BOX, "Enter")
    page.wait_for_selector("#t1.cq-is-refused")

    assert read_questions(page) == [SLOW]
    assert page.input_value(BOX) == WHEN_EN


def test_a_judgement_reaches_the_file_with_its_reason(open_page: Open, kept: Path) -> None:
    (kept / FEEDBACK_FILE).unlink(missing_ok=True)
    page = open_page()
    ask(page, WHEN_EN)

    page.click("#t1 [data-verdict=like]")
    page.wait_for_selector(".cq-thanks")
    pressed = page.get_attribute("#t1 [data-verdict=like]", "aria-pressed")
    page.click("#t1 [data-verdict=dislike]")
    page.locator(".cq-why label", has_text="The quote does not prove it").click()
    page.fill(".cq-why textarea", "it is of 2022")
    page.click(".cq-why-send")
    page.wait_for_selector("#t1 [data-verdict=dislike][aria-pressed=true]")

    lines = (kept / FEEDBACK_FILE).read_text("ascii").splitlines()
    records = [json.loads(line) for line in lines]
    assert [(r["verdict"], r["reason"]) for r in records] == [
        ("like", ""),
        ("dislike", "The quote does not prove it: it is of 2022"),
    ]
    assert records[0]["answer"] == fake_ask(WHEN_EN).text
    assert pressed == "true"
    assert page.get_attribute("#t1 [data-verdict=like]", "aria-pressed") == "false"


def test_a_judgement_can_be_given_by_the_keyboard_alone(open_page: Open) -> None:
    page = open_page()
    ask(page, REFUSED_EN)
    expect(page, "#cq-ask").to_be_visible()  # the stream of the answer has ended

    page.focus("#t1 [data-verdict=dislike]")
    page.keyboard.press("Enter")
    focused = page.evaluate("document.activeElement.type")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("#t1 [data-verdict=dislike][aria-pressed=true]")

    assert focused == "radio"


def test_the_conversation_is_downloaded_as_markdown(open_page: Open) -> None:
    page = open_page()
    ask(page, WHEN_EN)

    with page.expect_download() as download:
        page.click("#cq-export")

    text = download.value.path().read_text("utf-8")
    assert download.value.suggested_filename.endswith(".md")
    assert fake_ask(WHEN_EN).citations[0].quote.text in text


def test_a_word_shows_its_gloss_when_pointed_at_and_the_mark_stays_the_quote(
    open_page: Open,
) -> None:
    page = open_page()
    ask(page, WHEN_EN)
    hint = page.locator("#t1-c1 mark .cq-hint").nth(1)

    hint.hover()
    shown = hint.evaluate("element => getComputedStyle(element, '::after').content")

    assert shown == '"morning"'
    assert page.text_content("#t1-c1 mark") == fake_ask(WHEN_EN).citations[0].quote.text


def test_a_tap_shows_the_gloss_on_a_phone(open_page: Open) -> None:
    page = open_page(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    ask(page, WHEN_EN)
    hint = page.locator("#t1-c1 mark .cq-hint").nth(1)

    hint.tap()

    assert hint.evaluate("element => getComputedStyle(element, '::after').content") == '"morning"'
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    for n in range(page.locator("#t1-c1 mark .cq-hint").count()):
        page.locator("#t1-c1 mark .cq-hint").nth(n).tap()
        assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_a_reader_chooses_between_a_models_words_and_the_quotes_alone(browser: Browser) -> None:
    def word(question: str, previous: Answer | None = None) -> Answer:
        return replace(fake_ask(question, previous), model="tiny")

    features = Features(
        composers={"tiny": word, "Quotes alone": fake_ask}, hosts=frozenset({"127.0.0.1"})
    )
    with serve_site(features, word) as address, open_pages(browser, address) as open_in:
        page = open_in()
        ask(page, WHEN_EN)
        page.click("#cq-composer input")
        page.locator("[role=option]", has_text="Quotes alone").click()
        ask(page, WHEN_EN, turn=2)
        said = [page.locator(f"#t{turn} .cq-remark").all_inner_texts() for turn in (1, 2)]

    assert said == [["Worded by tiny, each sentence checked against its quotes."], []]
