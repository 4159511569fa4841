"""Every page can be used by everyone: axe-core finds nothing grave, an input method sends nothing.

axe-core comes with axe-playwright-python; no rule of it is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from tests.fake_library import FakeLibrary, make_listed
from tests.fake_search import fake_get_document, fake_search
from tests.fake_site import serve_site
from tests.fakes import (
    BRIDGE_ZH,
    CONFLICT,
    EXAMPLES,
    FOLLOW_UP,
    HOSTILE,
    REFUSED_EN,
    WHEN_EN,
    WHEN_ZH,
    make_quote,
)
from ui.address import locate
from ui.features import Features

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

BOX = "#cq-question textarea"
GRAVE = {"serious", "critical"}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
}
DESK = {"viewport": {"width": 1280, "height": 900}}
PLACE = locate(make_quote(BRIDGE_ZH, "大桥全长3.2公里"))
PLAIN = {
    "a document": PLACE,
    "a document that has changed": PLACE.replace("sum=", "sum=0"),
    "no document": "/document?id=none",
    "a form": "/search",
    "a search": f"/search?q={quote(HOSTILE)}",
    "a search that failed": "/search?q=",
    "reports": "/reports",
    "no page": "/nothing",
}
Open = Callable[..., "Page"]

pytestmark = [
    pytest.mark.browser,
]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    run: Path = tmp_path_factory.mktemp("runs") / "seeds-1"
    run.mkdir()
    (run / "report.html").write_text("<p>right</p>")
    features = Features(
        examples=EXAMPLES,
        hosts=frozenset({"127.0.0.1"}),
        get_document=fake_get_document,
        search=fake_search,
        reports=run.parent,
    )
    with serve_site(features) as address:
        yield address


@pytest.fixture
def open_page(browser: Browser, address: str) -> Iterator[Open]:
    """Opens a page in a context of its own; fails on any request to another origin."""
    requests: list[str] = []
    contexts = []

    def open_in(path: str = "/", **options: Any) -> Page:
        contexts.append(browser.new_context(**{"locale": "en-US", **options}))
        page = contexts[-1].new_page()
        page.set_default_timeout(20_000)
        page.on("request", lambda request: requests.append(request.url))
        page.goto(address[:-1] + path)
        return page

    yield open_in
    for context in contexts:
        context.close()
    assert [url for url in requests if not url.startswith((address, "data:", "blob:"))] == []


def find_grave(page: Page) -> list[str]:
    """What axe-core finds on the page that is serious or critical."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="no axe-core")
    found = axe.Axe().run(page).response
    assert len(found["passes"]) > 10  # it has looked
    return [
        f"{violation['id']}: {node['html']}"
        for violation in found["violations"]
        if violation["impact"] in GRAVE
        for node in violation["nodes"]
    ]


def ask(page: Page, question: str, *, turn: int = 1) -> None:
    page.wait_for_selector(BOX)
    page.fill(BOX, question)
    page.press(BOX, "Enter")
    page.wait_for_selector(f"#t{turn} .cq-said")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("device", [DESK, PHONE], ids=["desk", "phone"])
def test_the_page_of_answers_has_no_grave_flaw(
    open_page: Open, scheme: str, device: dict[str, Any]
) -> None:
    page = open_page(color_scheme=scheme, **device)
    page.wait_for_selector(BOX)
    flaws = find_grave(page)
    for turn, question in enumerate((WHEN_EN, REFUSED_EN, CONFLICT, FOLLOW_UP), start=1):
        ask(page, question, turn=turn)
    page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true })")
    page.click("#t1-c1 a.cq-open")
    page.wait_for_selector("#t1-c1 .cq-whole mark")

    assert flaws + find_grave(page) == []


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_is_told_around_the_box_has_no_grave_flaw(
    browser: Browser, tmp_path: Path, scheme: str, locale: str
) -> None:
    """The start without examples, and a question that is too long."""
    library = FakeLibrary(tmp_path, [make_listed("a.txt"), make_listed("桥.txt", language="zh")])
    features = Features(
        hosts=frozenset({"127.0.0.1"}), library=library, kept=tmp_path, max_question_chars=60
    )
    options: dict[str, Any] = {"locale": locale, "color_scheme": scheme, **PHONE}
    context = browser.new_context(**options)
    with serve_site(features) as address:
        page = context.new_page()
        page.goto(address)
        page.wait_for_selector("#cq-empty a:visible")
        page.fill(BOX, "x" * 70)
        page.press(BOX, "Enter")
        page.wait_for_selector("#cq-note")
        flaws = find_grave(page)
        ask(page, WHEN_EN)
        page.click("#t1 .cq-edit")
        flaws += find_grave(page)
        width = page.evaluate("document.documentElement.scrollWidth")
        context.close()

    assert flaws == []
    assert width == 390


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("device", [DESK, PHONE], ids=["desk", "phone"])
def test_the_plain_pages_have_no_grave_flaw(
    open_page: Open, scheme: str, device: dict[str, Any]
) -> None:
    flaws = {}
    for name, path in PLAIN.items():
        page = open_page(path, color_scheme=scheme, **device)
        page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true })")
        flaws[name] = find_grave(page)
        assert page.evaluate("document.documentElement.scrollWidth") == device["viewport"]["width"]

    assert flaws == {name: [] for name in PLAIN}


def test_the_pages_are_in_the_readers_language(open_page: Open) -> None:
    page = open_page(locale="zh-CN")
    page.wait_for_selector(BOX)
    ask(page, WHEN_ZH)
    flaws = find_grave(page)
    titles = []
    for path in PLAIN.values():
        page = open_page(path, locale="zh-CN")
        titles.append(page.inner_text("h1"))
        assert page.evaluate("document.documentElement.lang") == "zh-Hans"

    assert flaws == []
    assert titles == [
        *["临河大桥正式通车"] * 2,
        "没有这篇文档",
        *["检索"] * 3,
        "评测",
        "没有这个页面",
    ]


def test_enter_that_ends_a_composition_does_not_send(open_page: Open) -> None:
    """An input method takes Enter to put in what was typed; other chats sent half a question."""
    page = open_page()
    page.wait_for_selector(BOX)
    page.focus(BOX)
    typing = page.context.new_cdp_session(page)
    page.evaluate(
        """() => {
            window.composed = [];
            document.addEventListener("keydown", (event) => {
                if (event.key === "Enter") window.composed.push(event.isComposing);
            }, true);
        }"""
    )

    typing.send(
        "Input.imeSetComposition",
        {"text": "lin he da qiao", "selectionStart": 14, "selectionEnd": 14},
    )
    enter = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 229}
    typing.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **enter})
    typing.send("Input.dispatchKeyEvent", {"type": "keyUp", **enter})
    page.wait_for_timeout(700)
    sent_too_early = page.locator(".cq-turn").count()
    typing.send("Input.insertText", {"text": WHEN_ZH})
    written = page.input_value(BOX)
    page.keyboard.press("Enter")
    page.wait_for_selector("#t1 .cq-said")

    assert sent_too_early == 0
    assert page.evaluate("window.composed") == [True, False]
    assert written == WHEN_ZH
    assert page.inner_text("#t1-q") == WHEN_ZH


def test_all_of_a_page_can_be_reached_by_keyboard_on_a_phones_width(open_page: Open) -> None:
    page = open_page(viewport={"width": 390, "height": 844})
    page.wait_for_selector(BOX)
    page.focus(BOX)
    page.keyboard.type(WHEN_EN)
    page.keyboard.press("Enter")
    page.wait_for_selector("#t1 .cq-said")

    reached: set[str] = set()
    page.evaluate("document.activeElement.blur()")
    page.focus("#t1-r1")
    for _ in range(40):
        reached.add(
            page.evaluate(
                "(({id, className, tagName}) => id || className || tagName)(document.activeElement)"
            )
        )
        page.keyboard.press("Tab")

    assert {"t1-r1", "t1-r2", "t1-r3", "cq-number", "cq-open", "cq-copy"} <= {
        part for name in reached for part in name.split()
    }
    assert any("cq-ask" in name or name == "cq-ask" for name in reached)
